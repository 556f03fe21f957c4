// SPDX-License-Identifier: Apache-2.0

package main

/*
#include <stdlib.h>
#include "metrics_shim.h"
*/
import "C"

import (
	"unsafe"

	"github.com/oomtrail/oomtrail/fluentbit/killcount"
)

// hostMetrics are the metrics of one instance in the host. The label name, with the instance's
// name, comes before a metric's own labels.
type hostMetrics struct {
	cmt       unsafe.Pointer
	subsystem string
	name      string
}

// metric is a counter or a gauge of the host; its zero value is none.
type metric struct {
	host unsafe.Pointer
	name string
}

// counter makes a counter. It begins at 0 where its only label is the instance's name.
func (m hostMetrics) counter(name, help string, labels ...string) metric {
	c := m.create(func(subsystem, name, help *C.char, n C.int, keys **C.char) unsafe.Pointer {
		return C.metrics_shim_counter(m.cmt, subsystem, name, help, n, keys)
	}, name, help, labels)
	if len(labels) == 0 {
		c.write(0, nil, addTo)
	}
	return c
}

// kills makes the counter of kills.
func (m hostMetrics) kills(help string) metric {
	return m.counter("kills_total", help, "scope", "cause", "namespace")
}

// gauge makes a gauge of 0.
func (m hostMetrics) gauge(name, help string) metric {
	g := m.create(func(subsystem, name, help *C.char, n C.int, keys **C.char) unsafe.Pointer {
		return C.metrics_shim_gauge(m.cmt, subsystem, name, help, n, keys)
	}, name, help, nil)
	g.set(0)
	return g
}

func (m hostMetrics) create(create func(subsystem, name, help *C.char, n C.int, keys **C.char) unsafe.Pointer, name, help string, labels []string) metric {
	texts, free := cStrings(append([]string{m.subsystem, name, help, "name"}, labels...))
	defer free()
	return metric{host: create(texts[0], texts[1], texts[2], C.int(1+len(labels)), &texts[3]), name: m.name}
}

// add adds to a counter; 0 is not written.
func (m metric) add(n uint64, labels ...string) {
	if n > 0 {
		m.write(float64(n), labels, addTo)
	}
}

// addKills adds to the counter of kills.
func (m metric) addKills(grown []killcount.Count) {
	for _, k := range grown {
		m.add(k.N, k.Scope, k.Cause, k.Namespace)
	}
}

// set sets a gauge.
func (m metric) set(n int) { m.write(float64(n), nil, setTo) }

func addTo(host unsafe.Pointer, n float64, labels C.int, values **C.char) {
	C.metrics_shim_add(host, C.double(n), labels, values)
}

func setTo(host unsafe.Pointer, n float64, labels C.int, values **C.char) {
	C.metrics_shim_set(host, C.double(n), labels, values)
}

func (m metric) write(n float64, labels []string, to func(unsafe.Pointer, float64, C.int, **C.char)) {
	if m.host == nil {
		return
	}
	values, free := cStrings(append([]string{m.name}, labels...))
	defer free()
	to(m.host, n, C.int(len(values)), &values[0])
}

// cStrings copies texts into the memory of C.
func cStrings(texts []string) (all []*C.char, free func()) {
	for _, text := range texts {
		all = append(all, C.CString(text))
	}
	return all, func() {
		for _, c := range all {
			C.free(unsafe.Pointer(c))
		}
	}
}
