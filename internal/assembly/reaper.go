// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// takeReaper takes a line of the reaper. It belongs to the report that killed the process it names.
// Where no kill of it was seen, it names the victim of the open report whose table or selection has
// the process. By itself it shows that memory ran out and no more: the kernel has processes reaped
// that were exiting anyway.
func (a *Assembler) takeReaper(l *format.Line, text string) Outcome {
	v, ok := kernel.ParseReaper(text)
	if !ok {
		return other
	}
	d, line := a.reports.killer(v.PID), a.reported.single(l, text)
	switch {
	case v.Failed:
		return a.takeReaperOf(d, l, text, true)
	case a.reported.has(line):
		return Outcome(kernel.ReaperLine)
	case d != nil:
		a.reported.add(line)
		return a.takeReaperOf(d, l, text, false)
	case a.kills.hasReaped(l, &v):
		a.reported.add(line)
		return Outcome(kernel.ReaperLine)
	}
	if d = a.reports.victimless(v.PID); d != nil {
		at, kept := d.stamp(l), d.text.keep(text)
		v, _ = kernel.ParseReaper(kept)
		a.killNamed(d, at, kept, report.KillLine{PID: v.PID, Comm: v.Comm, HasComm: true})
		d.countLine(l, kernel.ReaperLine, text)
		return d.outcome(kernel.ReaperLine)
	}
	if d = a.reports.unkilled(); d == nil || d.fromOtherHost(l) {
		d = a.begin(l, text)
		d.lone = true
	}
	d.ending.selected = d.keepLine(l, text)
	d.r.Reaped, _ = kernel.ParseReaper(d.ending.selected.text)
	d.r.HasReaped = true
	d.countLine(l, kernel.ReaperLine, text)
	return d.outcome(kernel.ReaperLine)
}

// takeReaperOf takes a line of the reaper about a victim of the report d, or, with d nil, one of a
// victim that it gave up.
func (a *Assembler) takeReaperOf(d *openReport, l *format.Line, text string, failed bool) Outcome {
	out := Outcome(kernel.ReaperLine)
	if d != nil {
		d.countLine(l, kernel.ReaperLine, text)
		out = d.outcome(kernel.ReaperLine)
	}
	if !failed {
		return out
	}
	alone := d == nil
	if alone {
		d = a.begin(l, text)
	}
	kept := d.text.keep(text)
	v, _ := kernel.ParseReaper(kept)
	a.completed.events = append(a.completed.events, report.Event{Kind: report.EventReapFailed, Report: d.r, Kill: -1, At: d.stamp(l), Text: kept, Reaper: v})
	if alone {
		a.reports.drop(d)
	}
	return out
}

// killNamed makes a kill of a victim that another line than its kill line names. at and text are
// that line's.
func (a *Assembler) killNamed(d *openReport, at report.Stamp, text string, v report.KillLine) {
	d.r.Ending = report.EndKill
	d.r.Kills = append(d.r.Kills, report.Kill{KillLine: v, Text: text, At: at, Lost: true})
	k := &d.r.Kills[len(d.r.Kills)-1]
	a.kills.add(d, k)
	a.completed.events = append(a.completed.events, report.Event{Kind: report.EventKill, Report: d.r, Kill: len(d.r.Kills) - 1, At: at, Text: text})
}
