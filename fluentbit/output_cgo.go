// SPDX-License-Identifier: Apache-2.0

package main

/*
#include <stdlib.h>
#include "output_shim.h"
#include "shim.h"
*/
import "C"

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	flb "github.com/fluent/fluent-bit-go/output"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/output"
)

// outputs are those that a hot reload has ended, by name, and reloading is set while it ends them.
var (
	outputs   = make(map[string]*output.Output)
	outputsMu sync.Mutex
	reloading atomic.Bool
)

// outputInstance is what the host's context of an instance stands for.
type outputInstance struct {
	name string
	// output is nil when the instance has ended: fluent-bit-go keeps contexts for ever.
	output *output.Output
	// engine is the thread that made the instance, which is Fluent Bit's engine.
	engine  int
	metrics outputMetrics
}

// FLBPluginRegister tells the host the plugin's name and, as far as it can be told them, its
// settings.
//
//export FLBPluginRegister
func FLBPluginRegister(definition unsafe.Pointer) C.int {
	result := flb.FLBPluginRegister(definition, "oom_kill", "One structured record for each process that the kernel's OOM killer killed")
	keys := output.Keys()
	names := make([]*C.char, len(keys))
	for i, key := range keys {
		names[i] = C.CString(key)
		defer C.free(unsafe.Pointer(names[i]))
	}
	C.output_shim_settings(definition, &names[0], C.size_t(len(names)))
	return C.int(result)
}

// goOutputInit makes an instance.
//
//export goOutputInit
func goOutputInit(plugin unsafe.Pointer) C.int {
	log := outputLog(plugin)
	name := C.GoString(C.output_shim_name(plugin))
	outputsMu.Lock()
	defer outputsMu.Unlock()
	old := outputs[name]
	delete(outputs, name)
	config, err := output.ParseConfig(func(key string) string { return flb.FLBPluginConfigKey(plugin, key) })
	var o *output.Output
	if err == nil {
		o, err = output.New(config, build, os.Stdout, log)
	}
	if err != nil {
		logErrors(log, err)
		// The host asks nothing before a reload has stopped what ran, and an error now would end
		// it.
		if o, err = output.Instead(config, old, build, os.Stdout, log); err != nil {
			logErrors(log, err)
		}
		if o == nil {
			return flb.FLB_ERROR
		}
	}
	o.Within(&budget)
	if old != nil {
		o.After(old)
	}
	// Inputs have metrics of the same names without the subsystem: what one reads and the other
	// delivers is no second kill.
	metrics := newOutputMetrics(hostMetrics{cmt: C.output_shim_metrics(plugin), subsystem: "output", name: name})
	flb.FLBPluginSetContext(plugin, &outputInstance{name, o, syscall.Gettid(), metrics})
	return flb.FLB_OK
}

// FLBPluginFlushCtx delivers one chunk. Its result says what becomes of it: [output.Result].
//
//export FLBPluginFlushCtx
func FLBPluginFlushCtx(context, data unsafe.Pointer, length C.int, tag *C.char) C.int {
	i, ok := flb.FLBPluginGetContext(context).(*outputInstance)
	if !ok || i.output == nil {
		return C.int(output.Retry) // the instance has ended
	}
	chunk := unsafe.Slice((*byte)(data), int(length)) // the host's own, until this call returns
	inEngine := syscall.Gettid() == i.engine
	result := i.output.Flush([]byte(C.GoString(tag)), chunk, inEngine)
	if inEngine { // the thread that reads the metrics
		i.metrics.write(i.output.Metrics())
	}
	return C.int(result)
}

// FLBPluginOutputPreExit says, right before an instance ends, whether a hot reload ends it.
//
//export FLBPluginOutputPreExit
func FLBPluginOutputPreExit(reload C.int) { reloading.Store(reload != 0) }

// FLBPluginExitCtx ends an instance.
//
//export FLBPluginExitCtx
func FLBPluginExitCtx(context unsafe.Pointer) C.int {
	if i, ok := flb.FLBPluginGetContext(context).(*outputInstance); ok && i.output != nil {
		if reloading.Load() {
			i.output.Suspend()
			outputsMu.Lock()
			outputs[i.name] = i.output
			outputsMu.Unlock()
		} else {
			i.output.Exit()
		}
		i.output = nil
	}
	return flb.FLB_OK
}

// outputLog returns a logger that writes to the host's log, as far as the instance wants it.
func outputLog(plugin unsafe.Pointer) filter.Logger {
	return hostLog("[output:oom_kill:"+C.GoString(C.output_shim_name(plugin))+"] ", filter.Level(C.output_shim_log_level(plugin)))
}

// outputMetrics are an output's metrics in the host.
type outputMetrics struct{ kills, delivered, lost, retried metric }

func newOutputMetrics(m hostMetrics) outputMetrics {
	return outputMetrics{
		kills:     m.kills("Number of OOM kills that came in."),
		delivered: m.counter("delivered_records_total", "Number of records that the server has."),
		lost:      m.counter("lost_records_total", "Number of records that the server will never have."),
		retried:   m.counter("retried_records_total", "Number of records that a try left over, once for each try."),
	}
}

// write adds what was counted since the last time.
func (m *outputMetrics) write(grown output.Metrics) {
	m.kills.addKills(grown.Kills)
	m.delivered.add(grown.Delivered)
	m.lost.add(grown.Lost)
	m.retried.add(grown.Retried)
}
