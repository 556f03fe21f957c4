// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"hash/maphash"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// A sender with several consumers in its queue, ten by the exporter's defaults, sends its batches
// in any order. So what comes over the network waits a moment before it is read, in the order of
// the kernel's numbers or stamps.

const (
	// mostHeldLines and mostHeldBytes bound what waits of one stream. What is more is read at once,
	// the oldest first.
	mostHeldLines = 10_000
	mostHeldBytes = 4 << 20
	// mostTaken is how many stretches are known when they come again: a sender repeats what it got
	// no answer to.
	mostTaken = 64
	// lineBytes and segmentBytes are what a log record and a resource take in pdata besides what
	// stands in them.
	lineBytes, segmentBytes = 400, 1 << 10
	// bootedWithin is how old the kernel is when it prints the first lines of a boot.
	bootedWithin = int64(time.Second / time.Microsecond)
)

var textSeed = maphash.MakeSeed()

// stretch is lines of one stream that came in one batch and stand in their order. It does not
// change once its batch has been taken in.
type stretch struct {
	logs        plog.ResourceLogsSlice // the lines, under their resources
	lines       int
	bytes       int64
	from        int // the resource in the batch that the newest line came from
	boot        int
	first, last parser.Position
	came        time.Time
	// unclear is set where nothing says which of this run and the one before it stands first.
	unclear bool
	// text is the hash of its lines, with their positions.
	text maphash.Hash
}

// window holds the runs of a stream that wait to be read, in the order in which they will be.
type window struct {
	runs  []*stretch
	lines int
	bytes int64
	// boot counts the kernel's restarts; highest is the newest position since the last one, read
	// the newest that was read.
	boot          int
	highest, read parser.Position
	// mixed is set once a batch came out of order: then the order in which they come shows nothing.
	mixed bool
	// taken are the hashes of the stretches that were taken in last.
	taken []uint64
}

// isEmpty reports whether nothing waits.
func (w *window) isEmpty() bool { return len(w.runs) == 0 }

// since returns when the run that has waited longest came, zero when none waits.
func (w *window) since() (t time.Time) {
	for _, r := range w.runs {
		if t.IsZero() || r.came.Before(t) {
			t = r.came
		}
	}
	return t
}

// hold takes in the next line of a batch, which came from the resource numbered from.
func (t *trial) hold(now time.Time, from int, res pcommon.Map, lr plog.LogRecord, at parser.Position) {
	w := &t.window
	if w.highest.HasMicros && at.HasMicros && at.Micros < bootedWithin && w.highest.Micros > 2*bootedWithin {
		w.boot++
		w.highest, w.read = parser.Position{}, parser.Position{}
	}
	r := t.coming
	if r == nil || r.boot != w.boot || at.Compare(r.last) < 0 {
		t.takeIn()
		r = &stretch{logs: plog.NewResourceLogsSlice(), from: -1, boot: w.boot, came: now}
		r.text.SetSeed(textSeed)
		t.coming = r
	}
	if r.from != from {
		r.from = from
		to := r.logs.AppendEmpty()
		res.CopyTo(to.Resource().Attributes())
		to.ScopeLogs().AppendEmpty()
		r.bytes += int64(segmentBytes + sizeOfMap(res))
	}
	lr.CopyTo(r.logs.At(r.logs.Len() - 1).ScopeLogs().At(0).LogRecords().AppendEmpty())
	r.lines++
	maphash.WriteComparable(&r.text, at)
	_, _ = r.text.WriteString(lr.Body().AsString())
	r.bytes += int64(lineBytes + sizeOfValue(lr.Body()) + sizeOfMap(lr.Attributes()))
	if at != (parser.Position{}) {
		if r.first == (parser.Position{}) {
			r.first = at
		}
		r.last = at
		if w.highest == (parser.Position{}) || at.Compare(w.highest) > 0 {
			w.highest = at
		}
	}
}

// takeIn puts the run that was coming in into its place among those that wait.
func (t *trial) takeIn() {
	r := t.coming
	if r == nil {
		return
	}
	t.coming = nil
	w := &t.window
	if text := r.text.Sum64(); r.first != (parser.Position{}) {
		if slices.Contains(w.taken, text) {
			return
		}
		w.taken = append(slices.Clone(w.taken[max(0, len(w.taken)+1-mostTaken):]), text)
	}
	i := len(w.runs)
	for i > 0 && r.isBefore(w.runs[i-1]) {
		i--
	}
	if i < len(w.runs) || r.boot == w.boot && r.first.Compare(w.read) < 0 {
		t.outOfOrder++
		w.mixed = true
	}
	r.unclear = i > 0 && r.isLevelWith(w.runs[i-1])
	w.runs = slices.Insert(slices.Clone(w.runs), i, r)
	w.lines += r.lines
	w.bytes += r.bytes
}

// isBefore reports whether a run that came later stands before another.
func (r *stretch) isBefore(o *stretch) bool {
	if r.boot != o.boot {
		return r.boot < o.boot
	}
	if c := r.first.Compare(o.first); c != 0 {
		return c < 0
	}
	return r.last.Compare(o.last) < 0
}

// isLevelWith reports whether all lines of two runs have one stamp.
func (r *stretch) isLevelWith(o *stretch) bool {
	level := func(a, b parser.Position) bool {
		return a.HasMicros && b.HasMicros && !a.HasSequence && a.Micros == b.Micros
	}
	return r.boot == o.boot && level(r.first, r.last) && level(o.first, o.last) && level(r.first, o.first)
}

// next takes out the run that has to be read first, nil when all can wait on. A run is due that
// came before then, and so is all that stands before it.
func (w *window) next(then time.Time) *stretch {
	due := w.lines > mostHeldLines || w.bytes > mostHeldBytes || slices.ContainsFunc(w.runs, func(r *stretch) bool { return !r.came.After(then) })
	if w.isEmpty() || !due {
		return nil
	}
	r := w.runs[0]
	w.runs = append([]*stretch(nil), w.runs[1:]...) // the accepted stream may hold the same list, and neither holds what it has read
	w.lines -= r.lines
	w.bytes -= r.bytes
	if r.boot == w.boot && (w.read == (parser.Position{}) || r.last.Compare(w.read) > 0) {
		w.read = r.last
	}
	return r
}

// readHeld reads what waits in a stream and came before then. It does not weigh the stream: an
// eviction reads, too.
func (b *batch) readHeld(t *trial, then time.Time) {
	t.takeIn()
	for r := t.window.next(then); r != nil; r = t.window.next(then) {
		if r.unclear && t.window.mixed {
			t.parser.Unordered()
		}
		for _, rl := range r.logs.All() {
			of := originOf(rl.Resource().Attributes())
			for _, lr := range rl.ScopeLogs().At(0).LogRecords().All() {
				b.feed(t, of, lr)
			}
		}
	}
}

// always is a time before which everything came.
func (b *batch) always() time.Time { return b.now.Add(time.Hour) }

// positionOf returns where a log record stands in the log of its kernel.
func positionOf(r *reading) (at parser.Position) {
	switch r.form {
	case event.Kmsg:
		format.NewDecoder(report.Auto).DecodeEvent(r.event, r.form, nil, time.Time{}, func(l *format.Line) { at = parser.PositionOfLine(l) })
		return at
	case event.Journal:
		for _, field := range [...]event.Field{event.Monotonic, event.MonotonicEnd} {
			if n, ok := r.event.Number(field); ok {
				return parser.Position{Micros: n, HasMicros: true}
			}
		}
		return at
	}
	return parser.PositionOf(r.text)
}

// holds reports whether lines that come from a peer wait to be ordered. In mode replace they
// cannot: what is a report's line has to be known before it is passed on.
func (c *Config) holds(peer string) bool {
	return peer != "" && c.ReorderWait > 0 && c.Mode != modeReplace
}
