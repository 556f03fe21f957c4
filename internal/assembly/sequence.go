// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// Unordered notes that the lines before and those to come may stand in another order.
func (a *Assembler) Unordered() {
	for _, d := range a.reports.open {
		d.disorder()
	}
}

func (d *openReport) disorder() { d.r.Disordered, d.noSequenceGap = true, false }

// order notes where the kernel wrote lines before others of the report that came earlier. One line alone shows nothing: a name in it can
// look like a stamp.
func (d *openReport) order(l *format.Line) {
	last := &d.r.Last
	switch {
	case l.HasSequence:
		if last.HasSequence && l.Sequence < last.Sequence {
			d.disorder()
		}
	case !l.HasUptime:
	case l.Uptime >= d.highest[0]:
		d.highest[0], d.highest[1], d.behind = l.Uptime, d.highest[0], 0
	case l.Uptime >= d.highest[1]:
		d.highest[1], d.behind = l.Uptime, 0
	default:
		if d.behind++; d.behind > 1 {
			d.disorder()
		}
	}
}

// isMixedWith reports whether the head of another report stands inside this one, though its kernel prints one report at a time and no
// number shows that both are of one log.
func (d *openReport) isMixedWith(l *format.Line, text string) bool {
	if d.killed() || d.hasNoVictim() || !d.r.HeadSeen || mayInterleave(d) || d.noSequenceGap && l.HasSequence && d.r.LostRecords == 0 {
		return false
	}
	first := &d.r.First
	at, ok := l.LogTime()
	return d.r.FirstText != text || first.HasLogTime != ok || first.LogTime != at // else it is the same one again
}

// dropDoubtful takes out of a report whose lines are mixed with others what may be another report's, at a kill of its own: the kill
// line stays, and the oom-kill: line where it names the same process.
func (d *openReport) dropDoubtful(pid int64) {
	r := d.r
	r.Seen &= 1 << SectionOOMKill
	if r.OOMKill.PID.OK && r.OOMKill.PID.V != pid {
		r.OOMKill, r.Seen = kernel.OOMKill{}, 0
	}
	r.HeadSeen, r.Manual, r.Suppressed = false, false, kernel.Int{}
	r.Invocation, r.CPU, r.Cpuset = kernel.Invocation{}, kernel.CPU{}, kernel.Cpuset{}
	r.Hardware, r.Workqueue = "", ""
	r.Trace, r.Allocations, r.Slab, r.Sharing = nil, nil, nil, nil
	r.Memcg, r.MemInfo, r.Tasks = Memcg{}, MemInfo{}, Tasks{}
	d.partial.clear()
}
