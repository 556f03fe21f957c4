// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// capturedLines returns the lines of all captures, back to back, decoded.
func capturedLines(tb testing.TB) (lines []format.Line, size int64) {
	tb.Helper()
	files, err := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		tb.Fatal("no captures:", err)
	}
	decoder := format.NewDecoder(report.Kmsg)
	for _, f := range files {
		log, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		size += int64(len(log))
		for line := range bytes.Lines(log) {
			decoder.Decode(line[:len(line)-1], func(l *format.Line) {
				kept := *l
				kept.Text, kept.Caller = bytes.Clone(l.Text), bytes.Clone(l.Caller)
				lines = append(lines, kept)
			})
		}
	}
	return lines, size
}

// BenchmarkLine puts decoded lines together, and makes no records of the events.
func BenchmarkLine(b *testing.B) {
	lines, size := capturedLines(b)
	a := New(Options{})
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for i := range lines {
			a.Line(&lines[i])
		}
		a.Flush()
	}
}
