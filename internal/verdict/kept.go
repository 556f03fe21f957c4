// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"math"
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// keptLine is a line without which the stream, read on from a later one, would say something else:
// its reader keeps its words, or it is of a kill whose witnesses may follow.
type keptLine struct {
	at       moment
	position int64
	hold     time.Duration
	heard    time.Time // by the user's clock, when it was first asked
}

// Keeps reports whether facts wait, or readers keep lines: see [Host.Keep].
func (h *Host) Keeps() bool { return h.waiting+len(h.kept) > 0 }

// Keep notes that a reader of a stream keeps what a line says for the time d. Until then, by the
// time of the log or by the caller's clock, the line is pending, and so are the facts that may rest
// on it. Of too many lines the oldest are let go.
func (h *Host) Keep(at *report.Stamp, stream int, d time.Duration) {
	h.keep(keptLine{at: momentOf(at, time.Time{}, stream), position: at.Position, hold: min(d, maxHold)})
}

func (h *Host) keep(k keptLine) {
	if len(h.kept) == maxKept {
		h.kept = slices.Delete(h.kept, 0, 1)
	}
	h.kept = append(h.kept, k)
}

// release lets go of the kept lines that are due.
func (h *Host) release(due func(*keptLine) bool) {
	n := 0
	for i := range h.kept {
		if !due(&h.kept[i]) {
			h.kept[n] = h.kept[i]
			n++
		}
	}
	h.kept = h.kept[:n]
}

// Pending returns the position of the first line of a stream that waits, or that a reader keeps. It
// lies between no two lines about one death: without the first, the second would be a death of its
// own. The caller may forget what is before it, and where nothing is pending all that came: later
// positions are never before that.
func (h *Host) Pending(stream int) (position int64, ok bool) {
	position, ok = h.pending(stream)
	if h.passed == nil {
		h.passed = make(map[int]int64)
	}
	if h.passed[stream] = position; !ok {
		h.passed[stream] = h.newest + 1
	}
	return position, ok
}

func (h *Host) pending(stream int) (position int64, ok bool) {
	if !h.Keeps() {
		return 0, false
	}
	position, ok = h.firstKept(stream)
	for _, x := range h.facts {
		if x.waits && x.at.stream == stream && (!ok || x.first < position) {
			position, ok = x.first, true
		}
	}
	if !ok {
		return 0, false
	}
	for before := position + 1; position < before; {
		before = position
		for _, x := range h.facts {
			if first, last := x.span(stream); first < position && position <= last && first >= h.passed[stream] {
				position = first
			}
		}
	}
	return position, ok
}

// span returns the positions of the first and the last line of a stream that an item and what it
// belongs to have, last before first for none.
func (x *item) span(stream int) (first, last int64) {
	first, last = math.MaxInt64, math.MinInt64
	add := func(in int, from, to int64) {
		if in == stream {
			first, last = min(first, from), max(last, to)
		}
	}
	add(x.at.stream, x.first, x.fact.At.Position)
	if of := x.of; of != nil {
		add(of.at.stream, of.first, of.fact.At.Position)
	}
	if k := x.kernel; k != nil {
		add(k.at.stream, k.first, k.last)
	}
	return first, last
}

// firstKept returns the position of the first line of a stream that a reader keeps.
func (h *Host) firstKept(stream int) (position int64, ok bool) {
	for i := range h.kept {
		if k := &h.kept[i]; k.at.stream == stream && (!ok || k.position < position) {
			position, ok = k.position, true
		}
	}
	return position, ok
}
