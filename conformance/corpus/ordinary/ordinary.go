// SPDX-License-Identifier: Apache-2.0

// Package ordinary makes log of ordinary days: lines of the shapes that real machines log, of the
// kernel or of all programs of a node, none of which is about being out of memory.
package ordinary

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Format is how the lines are carried.
type Format uint8

// The formats.
const (
	Syslog  Format = iota // a syslog file: "Nov 21 09:15:00 node-17 kernel: [ 1234.567890] text"
	Dmesg                 // dmesg: "[ 1234.567890] text"
	Kmsg                  // /dev/kmsg: "6,1234,1234567890,-;text"
	Journal               // journalctl -o json, of all programs of a busy node: see journal.go
)

// String returns the format's name.
func (c Format) String() string { return [...]string{"syslog", "dmesg", "kmsg", "journal"}[c] }

// Writer writes log lines one after the other, each with the next number and a later stamp.
type Writer struct {
	Format Format
	Log    []byte
	random *rand.Rand
	number uint64
	micros int64
}

// NewWriter returns a writer whose lines the seed decides.
func NewWriter(c Format, seed uint64) *Writer {
	return &Writer{Format: c, random: rand.New(rand.NewPCG(seed, 1)), number: 1000, micros: 1_000_000}
}

// Ordinary writes n ordinary lines.
func (w *Writer) Ordinary(n int) {
	for range n {
		if w.Format == Journal {
			w.micros += int64(w.random.IntN(90_000))
			w.journal()
			continue
		}
		s := &shapes[w.random.IntN(len(shapes))]
		w.micros += int64(w.random.IntN(900_000))
		w.Line(s.priority, w.fill(s.text))
	}
}

// Line writes one line.
func (w *Writer) Line(priority int, text string) {
	w.number++
	w.micros += int64(1 + w.random.IntN(40))
	switch w.Format {
	case Journal:
		w.entry("kernel", "", "", "kernel", 0, priority, text)
	case Kmsg:
		w.Log = fmt.Appendf(w.Log, "%d,%d,%d,-;%s\n", priority, w.number, w.micros, text)
	case Dmesg:
		w.Log = fmt.Appendf(w.Log, "[%5d.%06d] %s\n", w.micros/1e6, w.micros%1e6, text)
	default:
		at := time.UnixMicro(1_790_000_000_000_000 + w.micros).UTC()
		w.Log = fmt.Appendf(w.Log, "%s node-17 kernel: [%5d.%06d] %s\n", at.Format(time.Stamp), w.micros/1e6, w.micros%1e6, text)
	}
}

// Lose leaves out n numbers, as when the kernel's buffer was overrun.
func (w *Writer) Lose(n uint64) { w.number += n }

// Log returns ordinary log of at least size bytes.
func Log(c Format, size int, seed uint64) []byte {
	w := NewWriter(c, seed)
	w.Log = make([]byte, 0, size+1024)
	for len(w.Log) < size {
		w.Ordinary(64)
	}
	return w.Log
}

// fill puts figures in a shape: # is a digit, % a hexadecimal one.
func (w *Writer) fill(shape string) string {
	if !strings.ContainsAny(shape, "#%") {
		return shape
	}
	b := []byte(shape)
	for i, c := range b {
		switch c {
		case '#':
			b[i] = '0' + byte(w.random.IntN(10))
		case '%':
			b[i] = strconv.FormatUint(uint64(w.random.IntN(16)), 16)[0]
		}
	}
	return string(b)
}
