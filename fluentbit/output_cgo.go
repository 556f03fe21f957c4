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
	engine int
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
	flb.FLBPluginSetContext(plugin, &outputInstance{name: name, output: o, engine: syscall.Gettid()})
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
	return C.int(i.output.Flush([]byte(C.GoString(tag)), chunk, syscall.Gettid() == i.engine))
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
	prefix := "[output:oom_kill:" + C.GoString(C.output_shim_name(plugin)) + "] "
	limit := filter.Level(C.output_shim_log_level(plugin))
	return func(level filter.Level, line string) {
		if level > limit {
			return
		}
		c := C.CString(prefix + line)
		defer C.free(unsafe.Pointer(c))
		C.shim_log(C.int(level), c)
	}
}
