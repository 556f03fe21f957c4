// SPDX-License-Identifier: Apache-2.0

package input

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// plainReader returns a reader of a log in memory, which reads nothing by itself, and a line that
// says nothing of kills.
func plainReader(tb testing.TB, rig *rig, emit string) (r *reader, line []byte) {
	s := rig.settings("Emit", emit)
	options, _ := s.options(environment)
	r, err := newReader(s, options, rig.host(), nil, rig.note)
	require.NoError(tb, err)
	r.queue = newQueue(func() {}, func(place) {})
	return r, []byte(rig.lines(1)[0])
}

// TestOrdinaryLines: a line that says nothing of kills costs no memory.
func TestOrdinaryLines(t *testing.T) {
	r, line := plainReader(t, newRig(t, 10), "oom")
	allocations := testing.AllocsPerRun(1000, func() {
		if err := r.kmsg.Take(t.Context(), line, true); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("%v allocations a line", allocations)
	}
}

// BenchmarkOrdinaryLines is a line through the input, and beside it one that is decoded, no more.
func BenchmarkOrdinaryLines(b *testing.B) {
	for _, emit := range emitNames.All() {
		b.Run(emit, func(b *testing.B) {
			r, line := plainReader(b, newRig(b, 10), emit)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				_ = r.kmsg.Take(b.Context(), line, true)
				r.queue.batch()
				r.queue.done(true)
			}
		})
	}
	b.Run("decoded", func(b *testing.B) {
		line := []byte("6,0,0,-;usb 1-1: new high-speed USB device number 2 using xhci_hcd")
		decoder := format.NewDecoder(report.Kmsg)
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		for b.Loop() {
			decoder.Decode(line, func(*format.Line) {})
		}
	})
}
