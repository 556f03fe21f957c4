// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// captures returns all captures of testdata back to back, as /dev/kmsg gave them.
func captures(tb testing.TB) []byte {
	tb.Helper()
	files, err := filepath.Glob("../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		tb.Fatal("no captures:", err)
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func BenchmarkReadAll(b *testing.B) {
	log := captures(b)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ReadAll(bytes.NewReader(log), Options{}, func(*Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAssembly stops short of the records.
func BenchmarkAssembly(b *testing.B) {
	log := captures(b)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		p, _ := New(Options{})
		for line := range bytes.Lines(log) {
			p.decoder.Decode(line[:len(line)-1], func(l *format.Line) { p.asm.Line(l) })
		}
	}
}

// BenchmarkDecode takes off the carrier only.
func BenchmarkDecode(b *testing.B) {
	log := captures(b)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		d := format.NewDecoder(report.Auto)
		for line := range bytes.Lines(log) {
			d.Decode(line[:len(line)-1], func(*format.Line) {})
		}
	}
}
