// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// closeExpired closes the reports that the log has left after.
func (a *Assembler) closeExpired(l *format.Line) {
	at, _ := l.LogTime()
	for len(a.reports.open) > 0 && a.reports.open[0].isExpired(l, a.opt.Timeout) {
		d := a.reports.open[0]
		d.noSequenceGap = d.noSequenceGap && at > d.r.Last.LogTime
		a.close(d)
	}
}

// isExpired reports whether the log has left the report at the line: no line for the timeout of the
// log's own time, or a time so far back that the machine has started anew.
func (d *openReport) isExpired(l *format.Line, timeout time.Duration) bool {
	at, ok := l.LogTime()
	last := &d.r.Last
	return ok && last.HasLogTime && distance(at, last.LogTime) > timeout
}

// end says how a report that shows no kill ended: the kernel said that it killed no process, the
// numbers of its records prove it, or the log does not show it.
func (a *Assembler) end(d *openReport) {
	r := d.r
	whole := d.noSequenceGap && r.LostRecords == 0 && !d.cutOff
	r.VictimExited = whole && r.Seen.Has(report.SectionOOMKill)
	r.NoVictimReported = d.hasNoVictim() || r.HasSkipped
	r.Ending = report.EndNoVictim
	switch {
	case d.hasNoVictim():
		a.announce(d, report.Event{Kind: report.EventNoVictim, At: d.ending.noVictim.at, Text: d.ending.noVictim.text})
	case !r.HasSkipped && a.toldBefore(d):
	case r.HasSkipped || whole && r.HeadSeen:
		a.announce(d, report.Event{Kind: report.EventNoVictim, At: r.First, Text: r.FirstText})
	default:
		a.unresolved(d)
	}
}

// unresolved notes that the log does not show how a report ended, and says so where its lines show
// that memory ran out: its head, a table, the lines that name a cgroup, or a process that was
// chosen or reaped.
func (a *Assembler) unresolved(d *openReport) {
	r := d.r
	r.Ending = report.EndUnresolved
	m := &r.Memcg
	if !r.HeadSeen && !r.HasSelection && !r.HasReaped && !m.HasTask && !m.HasLimit && !(d.tasks.seen && (r.Tasks.Rows.Len() > 0 || r.Overflow)) && !r.Seen.Has(report.SectionOOMKill) {
		return
	}
	e := report.Event{Kind: report.EventUnresolved, At: r.First, Text: r.FirstText}
	if d.ending.selected.text != "" && !d.lone {
		e.At, e.Text = d.ending.selected.at, d.ending.selected.text
	}
	a.announce(d, e)
}

// toldBefore reports whether the kill of a report may have been seen apart from it: a kill line
// overtook it, or its parts came in the wrong order.
func (a *Assembler) toldBefore(d *openReport) bool {
	if d.killUnmatched {
		return true
	}
	o, last := &d.r.OOMKill, &d.r.Last
	if o.PID.OK && a.kills.has(o.PID.V, o.Task, o.HasTask, last) {
		return true
	}
	if !d.r.HeadSeen {
		return a.kills.hasRowOf(d.r)
	}
	return a.kills.hasHeadlessAfter(last)
}

// announce makes an event of a report that killed no process.
func (a *Assembler) announce(d *openReport, e report.Event) {
	e.Report, e.Kill = d.r, -1
	a.completed.events = append(a.completed.events, e)
}

// close ends a report. One that shows no kill makes an event of its own: see [Assembler.end].
func (a *Assembler) close(d *openReport) {
	a.releaseKill(d)
	if row := d.r.Tasks.ByPID(d.r.OOMKill.PID.V); row != nil {
		d.settleChosen(row.Name)
	}
	if !d.killed() && d.r.Ending == report.EndOpen && !d.cutOff {
		a.inferLostKill(d)
	}
	if !d.killed() && d.r.Ending == report.EndOpen {
		a.end(d)
	}
	if d.r.Seen != 0 || d.r.Ending != report.EndOpen {
		a.completed.reports = append(a.completed.reports, d.r)
	}
	a.reports.drop(d)
}

// inferLostKill makes a kill of the process that the oom-kill: line names, when the log lost the
// kill line: the kernel prints the one only when it goes on to the other. A victim that exited in
// between gets a line of its own from 5.9 on, and before that none: where nothing was lost, no
// process was killed.
func (a *Assembler) inferLostKill(d *openReport) {
	o := &d.r.OOMKill
	if v, known := report.ParseRelease(d.r.CPU.Release); known && v.Major == 5 && v.Minor == 0 {
		return // 5.0 may yet kill a child in its place
	}
	if d.noSequenceGap && d.r.LostRecords == 0 {
		return
	}
	if !o.PID.OK || d.hasNoVictim() || d.r.HasSkipped || d.r.HasSelection || a.toldBefore(d) {
		return
	}
	a.killNamed(d, d.ending.chosen.at, d.ending.chosen.text, report.KillLine{PID: o.PID.V, Comm: o.Task, HasComm: o.HasTask, UID: o.UID})
}

// closeKilled closes the reports that have killed already: another kill line has come that is not
// theirs.
func (a *Assembler) closeKilled() {
	for i := 0; i < len(a.reports.open); {
		if a.reports.open[i].killed() {
			a.close(a.reports.open[i])
			continue
		}
		i++
	}
}
