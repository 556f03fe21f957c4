// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Order looks at lines of an input to see which way it runs: oldest line first, or newest first
// (journalctl -r, tac, a log store's export). What the lines say counts more than their timestamps,
// of which many are equal and some jump. The zero value is ready.
type Order struct {
	reading kernel.Reading
	// before is the line before that has a place in a report, section its place, pid whom it names.
	before  kernel.Kind
	section report.Section
	pid     int64
	// lines counts neighbours in a report that stand in the kernel's order, and in the other: an
	// oom-kill: line and a kill line of one process twice.
	lines [2]int
	// stamps counts timestamps that rose and that fell.
	stamps [2]int
	last   [2]time.Duration // of lines with the kernel's timestamp, and of others
	has    [2]bool
	format [2]report.Format
}

const forwards, backwards = 0, 1

// Line takes the next line of the input.
func (o *Order) Line(l *format.Line) {
	o.byStamp(l)
	if len(l.Text) == 0 || len(l.Text) > maxText {
		return
	}
	kind := o.reading.Classify(view(l.Text))
	section, ok := kind.Section()
	if !ok || kind.InAllocFailure() && kind != kernel.CPULine && kind != kernel.Trace && kind != kernel.MemInfoHead {
		return
	}
	pid := int64(0)
	switch kind {
	case kernel.OOMKillLine:
		pid = o.reading.OOMKill.PID.V
	case kernel.KillLine:
		pid = o.reading.Kill.PID
	}
	switch before := o.before; {
	case before == kernel.OOMKillLine && kind == kernel.KillLine:
		if pid == o.pid {
			o.lines[forwards] += 2
		}
	case before == kernel.KillLine && kind == kernel.OOMKillLine:
		if pid == o.pid {
			o.lines[backwards] += 2
		}
	case before == kernel.Other, before == kernel.KillLine, kind == kernel.KillLine: // where one report ends, another may begin
	case o.section < section:
		o.lines[forwards]++
	case o.section > section:
		o.lines[backwards]++
	}
	o.before, o.section, o.pid = kind, section, pid
	o.reading.Forget()
}

// byStamp compares the line's stamp with that of the line before it that has one of the same sort.
func (o *Order) byStamp(l *format.Line) {
	at, ok := l.LogTime()
	if !ok {
		return
	}
	sort := 0
	if !l.HasUptime {
		sort = 1
	}
	if step := at - o.last[sort]; o.has[sort] && o.format[sort] == l.Format && step != 0 && !justBooted(l) {
		way := forwards
		if step < 0 {
			way = backwards
		}
		if max(step, -step) > mostOfAYear && l.Wall.IsZero() && !l.HasUptime { // timestamps without a year, over new year
			way = 1 - way
		}
		o.stamps[way]++
	}
	o.last[sort], o.has[sort], o.format[sort] = at, true, l.Format
}

// mostOfAYear is longer than a log without years is silent.
const mostOfAYear = 300 * 24 * time.Hour

// justBooted reports whether the kernel had only begun to count when it wrote the line: a timestamp
// that falls so far means a restart. The first lines of a boot all bear zero.
func justBooted(l *format.Line) bool {
	return l.HasUptime && l.Uptime < int64(time.Second/time.Microsecond)
}

// Forwards reports whether the lines so far leave no doubt that the oldest comes first, so that no
// more need be looked at: sections of reports follow each other as the kernel prints them, more
// than one report has, or, in an input that is quiet and says nothing of reports, timestamps rise
// again and again; and none stands or falls otherwise.
func (o *Order) Forwards(quiet bool) bool {
	const sections, steps = 8, 32
	if o.lines[backwards] > 0 {
		return false
	}
	return o.lines[forwards] >= sections || quiet && o.before == kernel.Other && o.stamps[forwards] >= steps && o.stamps[backwards] == 0
}

// Backwards reports whether the newest line comes first, as far as the lines so far show it.
func (o *Order) Backwards() bool {
	const few = 4 // a timestamp in so many may be out of order
	switch {
	case o.lines[backwards] > o.lines[forwards]+1:
		return true
	case o.lines[forwards] > o.lines[backwards]+1:
		return false
	}
	return o.stamps[backwards] > few*o.stamps[forwards]
}
