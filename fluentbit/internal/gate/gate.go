// SPDX-License-Identifier: Apache-2.0

// Package gate is the C side's first look at a chunk: it hands chunks back that the filter would
// hand back, without a call into Go. Such a call wakes threads of an idle Go runtime, which soon
// sleep again: that takes 26 µs of processor time, in which the search gets through 200 kB and
// more. The package knows neither the host nor what it looks for.
package gate

/*
#cgo CFLAGS: -O3 -Wall -Wextra
#include <stdlib.h>
#include "gate.h"
#include "search.h"
*/
import "C"

import (
	"math/rand/v2"
	"unsafe"
)

// Gate is the Go side of one gate. Its memory is C's.
type Gate struct{ c *C.struct_gate }

// New returns a gate that asks the filter about a chunk which holds one of the keys: at most 160,
// eight ASCII characters each. The rest passes; with a word of four bytes it is dropped, unless it
// holds the word.
func New(keys []string, word string) *Gate {
	joined := join(keys)
	var w *C.char
	if word != "" {
		if len(word) != 4 {
			panic("a word of another length than 4: " + word)
		}
		w = (*C.char)(unsafe.Pointer(unsafe.StringData(word)))
	}
	c := C.gate_new((*C.char)(unsafe.Pointer(unsafe.SliceData(joined))), C.int(len(keys)), w, C.uint64_t(rand.Uint64()))
	if c == nil {
		panic("out of memory")
	}
	return &Gate{c}
}

// Free gives the gate's memory back. No call may follow.
func (g *Gate) Free() { C.gate_free(g.c) }

// Pointer returns the struct gate that the C side asks.
func (g *Gate) Pointer() unsafe.Pointer { return unsafe.Pointer(g.c) }

// Set says whether a tag is quiet, so that the gate may decide about its chunks. It is for one
// caller at a time.
func (g *Gate) Set(tag []byte, quiet bool) {
	var q C.int
	if quiet {
		q = 1
	}
	C.gate_set(g.c, (*C.char)(unsafe.Pointer(unsafe.SliceData(tag))), C.int(len(tag)), q)
}

// Passed returns how many chunks and bytes the gate let pass or dropped since the last call.
func (g *Gate) Passed() (chunks, bytes uint64) {
	var c, b C.uint64_t
	C.gate_passed(g.c, &c, &b)
	return uint64(c), uint64(b)
}

// answer is what becomes of a chunk.
type answer int

const (
	ask  answer = C.GATE_ASK
	pass answer = C.GATE_PASS
	drop answer = C.GATE_DROP
)

// try asks the gate as the C side does.
func (g *Gate) try(tag string, chunk []byte) answer {
	return answer(C.gate_try(g.c, (*C.char)(unsafe.Pointer(unsafe.StringData(tag))), C.int(len(tag)), unsafe.Pointer(unsafe.SliceData(chunk)), C.size_t(len(chunk))))
}

// join returns the keys one behind the other.
func join(keys []string) []byte {
	var joined []byte
	for _, key := range keys {
		if len(key) != C.KEY_SIZE {
			panic("a key of another length than 8: " + key)
		}
		for _, c := range []byte(key) {
			if c >= 0x80 {
				panic("a key that is not ASCII: " + key)
			}
		}
		joined = append(joined, key...)
	}
	if len(keys) > C.MAX_KEYS {
		panic("too many keys")
	}
	return joined
}
