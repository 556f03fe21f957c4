// SPDX-License-Identifier: Apache-2.0

package main

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "input_shim.h"
#include "shim.h"
*/
import "C"

import (
	"runtime/cgo"
	"sync"
	"syscall"
	"unsafe"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/input"
)

// inputSettings are the settings of the inputs that have ended in this process, by their names, for
// one that a hot reload gives wrong ones.
var (
	inputSettings   = make(map[string]map[string]string)
	inputSettingsMu sync.Mutex
)

// inputInstance is what a handle stands for. The host calls it in one thread, its engine's.
type inputInstance struct {
	name     string
	settings map[string]string
	input    *input.Input
	wake     *waker
	metrics  inputMetrics
	// paused is set while the host takes nothing, refused from a batch that it did not take to the
	// timer after.
	paused, refused bool
}

// goInputInit makes an instance and returns its handle, 0 when it cannot start. event is an event
// descriptor: what is written to it makes the host call goInputCollect.
//
//export goInputInit
func goInputInit(ins unsafe.Pointer, event C.int) C.uintptr_t {
	name := C.GoString(C.input_shim_name(ins))
	log := inputLog(ins, name)
	if C.input_shim_keys_known() == 0 {
		log(filter.LevelWarn, "this Fluent Bit does not list the keys that were given: an unknown key is not noticed")
	}
	settings := givenSettings(ins)
	i := &inputInstance{name: name, settings: settings, wake: &waker{fd: int(event)}}
	inputSettingsMu.Lock()
	before := inputSettings[name]
	delete(inputSettings, name)
	inputSettingsMu.Unlock()
	var err error
	if i.input, err = startInput(name, settings, log, i.wake.wake); err != nil {
		logErrors(log, err)
		if before == nil {
			return 0
		}
		// The host asks nothing before a reload has stopped what ran, and an error now would end
		// it.
		if i.input, err = startInput(name, before, log, i.wake.wake); err != nil {
			logErrors(log, err)
			return 0
		}
		i.settings = before
		log(filter.LevelError, "the reload cannot be refused any more: this input goes on with its settings from before; a restart would fail: correct the settings and reload")
	}
	i.metrics = newInputMetrics(hostMetrics{cmt: C.input_shim_metrics(ins), name: name})
	return C.uintptr_t(cgo.NewHandle(i))
}

// startInput starts an input with the settings that it is given.
func startInput(name string, settings map[string]string, log filter.Logger, wake func()) (*input.Input, error) {
	keys := make([]string, 0, len(settings))
	for key := range settings {
		keys = append(keys, key)
	}
	i, err := input.Start(name, build, func(key string) string { return settings[key] }, keys, log, wake)
	if err == nil {
		i.Within(&budget)
	}
	return i, err
}

// givenSettings returns the settings that the configuration gives an instance. The host itself
// refuses what is no setting, and what is given twice.
func givenSettings(ins unsafe.Pointer) map[string]string {
	settings := make(map[string]string)
	for n := C.size_t(0); ; n++ {
		key := C.input_shim_key(n)
		if key == nil {
			return settings
		}
		if value := C.input_shim_property(ins, key); value != nil {
			settings[C.GoString(key)] = C.GoString(value)
		}
	}
}

// goInputCollect appends a batch, if there is one. timer says that a second has passed: what the
// host did not take is tried again, and its metrics are written.
//
//export goInputCollect
func goInputCollect(handle C.uintptr_t, ins unsafe.Pointer, timer C.int) {
	i := cgo.Handle(handle).Value().(*inputInstance)
	if timer != 0 {
		i.refused = false
		defer func() { i.metrics.write(i.input.Metrics()) }()
	}
	if i.paused || i.refused {
		return
	}
	batch := i.input.Batch()
	if len(batch) == 0 {
		return
	}
	// The host runs all its filters before this returns. It may pause the instance in it.
	accepted := C.input_shim_append(ins, unsafe.Pointer(&batch[0]), C.size_t(len(batch))) == 0
	i.input.Done(accepted)
	i.refused = !accepted
}

// goInputPause stops an instance, until goInputResume: the host takes nothing. It may end before.
//
//export goInputPause
func goInputPause(handle C.uintptr_t) {
	i := cgo.Handle(handle).Value().(*inputInstance)
	i.paused = true
	i.input.Pause()
}

//export goInputResume
func goInputResume(handle C.uintptr_t) {
	i := cgo.Handle(handle).Value().(*inputInstance)
	i.paused = false
	i.input.Resume()
	i.wake.wake()
}

// goInputExit ends an instance. The host does not say whether one of the same name follows, as with
// a hot reload: what is kept for it costs nothing where the process ends.
//
//export goInputExit
func goInputExit(handle C.uintptr_t) {
	h := cgo.Handle(handle)
	i := h.Value().(*inputInstance)
	i.input.Exit()
	i.wake.close()
	inputSettingsMu.Lock()
	inputSettings[i.name] = i.settings
	inputSettingsMu.Unlock()
	h.Delete()
}

// waker writes to an event descriptor until it is closed.
type waker struct {
	mu sync.Mutex
	fd int
}

var one = []byte{1, 0, 0, 0, 0, 0, 0, 1} // not 0 in either order of bytes

// wake may be called from any goroutine. It does not block: that the descriptor is full says the
// same.
func (w *waker) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd >= 0 {
		_, _ = syscall.Write(w.fd, one)
	}
}

// close makes wake do nothing. The descriptor itself is C's.
func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fd = -1
}

// inputMetrics are an input's metrics in the host.
type inputMetrics struct {
	kills, warnings, heldBack, dropped, lost, refused, open metric

	reports int // the value of open
}

func newInputMetrics(m hostMetrics) inputMetrics {
	return inputMetrics{
		kills:    m.kills("Number of OOM kills in records that were taken."),
		warnings: m.counter("warnings_total", "Number of warnings before a kill that were taken.", "cause"),
		heldBack: m.counter("held_back_warnings_total", "Number of warnings that were held back by Warnings_Per_Minute."),
		dropped:  m.counter("dropped_warnings_total", "Number of warnings that were dropped while nothing was taken."),
		lost:     m.counter("lost_records_total", "Number of kernel log records that were overwritten before they were read."),
		refused:  m.counter("refused_batches_total", "Number of batches that were not taken and are tried again."),
		open:     m.gauge("open_reports", "Number of OOM reports that more lines are awaited of."),
	}
}

// write adds what was counted since the last time.
func (m *inputMetrics) write(grown input.Metrics) {
	m.kills.addKills(grown.Kills)
	for cause, n := range grown.Warnings {
		m.warnings.add(n, cause)
	}
	m.heldBack.add(grown.HeldBackWarnings)
	m.dropped.add(grown.DroppedWarnings)
	m.lost.add(grown.LostRecords)
	m.refused.add(grown.RefusedBatches)
	if grown.OpenReports != m.reports {
		m.reports = grown.OpenReports
		m.open.set(m.reports)
	}
}

// inputLog returns a logger that writes to the host's log, as far as the instance wants it.
func inputLog(ins unsafe.Pointer, name string) filter.Logger {
	return hostLog("[input:oom_kill:"+name+"] ", filter.Level(C.input_shim_log_level(ins)))
}
