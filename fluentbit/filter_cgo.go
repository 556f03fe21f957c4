// SPDX-License-Identifier: Apache-2.0

package main

/*
#cgo CFLAGS: -Wall -Wextra -Wno-unused-parameter
#include <stdlib.h>
#include <string.h>
#include "internal/gate/gate.h"
#include "shim.h"
*/
import "C"

import (
	"runtime/cgo"
	"strings"
	"unsafe"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/internal/gate"
	"github.com/oomtrail/oomtrail/parser"
)

// budget bounds the memory of all instances of this process. It is one of two states that they
// share, and only here: what Fluent Bit calls can be given nothing that lives longer than an
// instance.
var budget parser.Budget

// reloads is the other: what is open goes on after a hot reload.
var reloads filter.Reloads

// instance is what a handle stands for.
type instance struct {
	name   string
	filter *filter.Filter
	gate   *gate.Gate
}

// goFilterInit makes an instance and returns its handle, 0 when its settings are wrong. The host
// asks *g before it calls goFilterRun.
//
//export goFilterInit
func goFilterInit(ins *C.struct_instance, g **C.struct_gate) C.uintptr_t {
	log := instanceLog(ins)
	get, given, known := settings(ins)
	if !known {
		log(filter.LevelWarn, "this Fluent Bit does not list the keys that were given: an unknown key is not noticed")
	}
	f, err := filter.Start(build, get, given, log)
	if err != nil {
		logErrors(log, err)
		return 0
	}
	f.Within(&budget)
	name := C.GoString(C.shim_name(ins))
	f = reloads.Begin(name, f)
	i := instance{name, f, gate.New(f.GateKeys(), f.KeepWord())}
	f.SetGate(i.gate)
	*g = (*C.struct_gate)(i.gate.Pointer())
	return C.uintptr_t(cgo.NewHandle(i))
}

// goFilterCheck says in the log what is wrong with the settings of an instance that need not be
// made, and returns 0 when nothing is.
//
//export goFilterCheck
func goFilterCheck(ins *C.struct_instance) C.int {
	get, given, _ := settings(ins)
	if err := filter.Check(get, given); err != nil {
		logErrors(instanceLog(ins), err)
		return -1
	}
	reloads.Checked(C.GoString(C.shim_name(ins)))
	return 0
}

// settings returns what the configuration gives an instance, and the keys that it has; known is
// false when the host does not list them.
func settings(ins *C.struct_instance) (get func(key string) string, given []string, known bool) {
	get = func(key string) string {
		k := C.CString(key)
		defer C.free(unsafe.Pointer(k))
		return C.GoString(C.shim_property(ins, k)) // "" for NULL
	}
	given, known = givenKeys(ins)
	return get, given, known
}

// logErrors writes a line for each of the errors that one joins.
func logErrors(log filter.Logger, err error) {
	for line := range strings.Lines(err.Error()) {
		log(filter.LevelError, strings.TrimSuffix(line, "\n"))
	}
}

// goFilterRun filters one chunk; input is the host's name of the input's instance, nil for none.
// The host frees *out.
//
//export goFilterRun
func goFilterRun(handle C.uintptr_t, input *C.char, data unsafe.Pointer, bytes C.size_t, tag *C.char, tagLen C.int, out *unsafe.Pointer, outBytes *C.size_t) C.int {
	f := cgo.Handle(handle).Value().(instance).filter
	chunk := unsafe.Slice((*byte)(data), int(bytes))
	plugin, _, _ := strings.Cut(C.GoString(input), ".") // systemd.0
	result, modified := f.RunFrom(plugin, unsafe.Slice((*byte)(unsafe.Pointer(tag)), int(tagLen)), chunk)
	if !modified {
		return C.FILTER_NOTOUCH
	}
	*out, *outBytes = nil, 0
	if len(result) == 0 {
		return C.FILTER_MODIFIED
	}
	buffer := C.malloc(C.size_t(len(result)))
	if buffer == nil {
		return C.FILTER_NOTOUCH
	}
	copy(unsafe.Slice((*byte)(buffer), len(result)), result)
	*out, *outBytes = buffer, C.size_t(len(result))
	return C.FILTER_MODIFIED
}

// goFilterExit ends an instance.
//
//export goFilterExit
func goFilterExit(handle C.uintptr_t) {
	h := cgo.Handle(handle)
	i := h.Value().(instance)
	reloads.End(i.name, i.filter)
	i.gate.Free()
	h.Delete()
}

// instanceLog returns a logger that writes to the host's log, as far as the instance's own level
// allows.
func instanceLog(ins *C.struct_instance) filter.Logger {
	limit := filter.Level(C.shim_log_level(ins))
	if limit < 0 {
		limit = filter.LevelInfo // the host's own level is not known
	}
	return hostLog("[filter:oom_kill:"+C.GoString(C.shim_name(ins))+"] ", limit)
}

// hostLog returns a logger that writes lines with a prefix to the host's log, up to a level.
func hostLog(prefix string, limit filter.Level) filter.Logger {
	return func(level filter.Level, line string) {
		if level > limit {
			return
		}
		c := C.CString(prefix + line)
		defer C.free(unsafe.Pointer(c))
		C.shim_log(C.int(level), c)
	}
}

// givenKeys lists the keys that the configuration gives an instance; known is false when the host
// does not list them.
func givenKeys(ins *C.struct_instance) (keys []string, known bool) {
	var c C.int
	keys = []string{}
	for p := C.shim_first_property(ins, &c); p != nil; p = C.shim_next_property(ins, p) {
		keys = append(keys, C.GoString(p.key))
	}
	return keys, c != 0
}
