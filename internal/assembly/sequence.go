// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Unordered notes that the lines before and those to come may stand in another order.
func (a *Assembler) Unordered() {
	for _, d := range a.reports.open {
		d.disorder()
	}
}

func (d *openReport) disorder() { d.r.Disordered, d.noSequenceGap = true, false }

// lineOrder looks for lines of a report that the kernel wrote before others which came earlier.
type lineOrder struct {
	// highest are the two newest of the kernel's timestamps so far. older counts the lines in a row
	// that are older than both.
	highest [2]int64
	older   int
}

// isBroken reports whether the line, which came after last, was written before other lines. One
// line alone shows nothing: a name in it can look like a timestamp.
func (o *lineOrder) isBroken(l *format.Line, last *report.Stamp) bool {
	switch {
	case l.HasSequence:
		return last.HasSequence && l.Sequence < last.Sequence
	case !l.HasUptime:
	case l.Uptime >= o.highest[0]:
		o.highest[0], o.highest[1], o.older = l.Uptime, o.highest[0], 0
	case l.Uptime >= o.highest[1]:
		o.highest[1], o.older = l.Uptime, 0
	default:
		o.older++
		return o.older > 1
	}
	return false
}

// isMixedWith reports whether the head of another report stands inside this one, though its kernel
// prints one report at a time and no number shows that both are of one log.
func (d *openReport) isMixedWith(l *format.Line, text string) bool {
	if d.killed() || d.hasNoVictim() || !d.r.HeadSeen || mayInterleave(d) || d.noSequenceGap && l.HasSequence && d.r.LostRecords == 0 {
		return false
	}
	first := &d.r.First
	at, ok := l.LogTime()
	return d.r.FirstText != text || first.HasLogTime != ok || first.LogTime != at // else it is the same one again
}

// dropDoubtful takes out of a report whose lines are mixed with others what may be another
// report's, at a kill of its own: the kill line stays, and the oom-kill: line where it names the
// same process.
func (d *openReport) dropDoubtful(pid int64) {
	r := d.r
	r.Seen &= 1 << report.SectionOOMKill
	if r.OOMKill.PID.OK && r.OOMKill.PID.V != pid {
		r.OOMKill, r.Seen = report.OOMKill{}, 0
	}
	r.HeadSeen, r.Manual, r.Suppressed = false, false, report.Int{}
	r.Invocation, r.CPU, r.Cpuset = report.Invocation{}, report.CPU{}, report.Cpuset{}
	r.Hardware, r.Workqueue = "", ""
	r.Trace, r.Allocations, r.Slab, r.Sharing = nil, nil, nil, nil
	r.Memcg, r.MemInfo, r.Tasks = report.Memcg{}, report.MemInfo{}, report.Tasks{}
	d.partial.clear()
}
