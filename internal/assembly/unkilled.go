// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// outOfOrder is how far apart in the log's own time two parts of one report can stand and still be known as parts of it when they
// come in the wrong order: a shipper that sends its backlog behind new lines.
const outOfOrder = 10 * time.Second

// end says how a report that shows no kill ended: the kernel said that it killed nobody, the numbers of its records prove it, or
// the log does not show it.
func (a *Assembler) end(d *openReport) {
	r := d.r
	whole := d.gapless && r.LostRecords == 0 && !d.cutOff
	r.Spared = whole && r.Seen.Has(SectionOOMKill)
	r.Told = d.hasNoVictim() || r.HasSkipped
	r.Ending = EndNoVictim
	switch {
	case d.hasNoVictim():
		a.announce(d, Event{Kind: EventNoVictim, At: d.ending.noVictim.at, Text: d.ending.noVictim.text})
	case !r.HasSkipped && a.toldBefore(d):
	case r.HasSkipped || whole && r.HeadSeen:
		a.announce(d, Event{Kind: EventNoVictim, At: r.First, Text: r.FirstText})
	default:
		a.unresolved(d)
	}
}

// unresolved notes that the log does not show how a report ended, and says so where its lines show that memory ran out: its head,
// a table, the lines that name a cgroup, or a process that was chosen or reaped.
func (a *Assembler) unresolved(d *openReport) {
	r := d.r
	r.Ending = EndUnresolved
	m := &r.Memcg
	if !r.HeadSeen && !r.HasSelection && !r.HasReaped && !m.HasTask && !m.HasLimit && !(d.tasks.seen && (r.Tasks.Rows.Len() > 0 || r.Overflow)) && !r.Seen.Has(SectionOOMKill) {
		return
	}
	e := Event{Kind: EventUnresolved, At: r.First, Text: r.FirstText}
	if d.ending.selected.text != "" && !d.lone {
		e.At, e.Text = d.ending.selected.at, d.ending.selected.text
	}
	a.announce(d, e)
}

// toldBefore reports whether the kill of a report may have been seen apart from it: a kill line overtook it, or its parts came in
// the wrong order.
func (a *Assembler) toldBefore(d *openReport) bool {
	if d.overtaken {
		return true
	}
	o, last := &d.r.OOMKill, &d.r.Last
	if o.PID.OK && a.killedLately(o.PID.V, o.Task, o.HasTask, last) {
		return true
	}
	if !d.r.HeadSeen {
		return a.showsVictim(d)
	}
	if !last.HasLogTime {
		return false
	}
	for i := range a.recent {
		k := &a.recent[i]
		if k.set && k.headless && k.hasLogTime && k.logTime >= last.LogTime && k.logTime-last.LogTime <= outOfOrder {
			return true
		}
	}
	return false
}

// showsVictim reports whether the table of a part of a report shows a process that was killed lately: it is a part of that report
// which comes again, or in the wrong order.
func (a *Assembler) showsVictim(d *openReport) bool {
	for i := range a.recent {
		k := &a.recent[i]
		if !k.set || !agree(k.host, hashOf(d.r.First.Host)) {
			continue
		}
		if row := d.r.Tasks.ByPID(k.pid); row != nil && clipped(row.Name) == k.comm {
			return true
		}
	}
	return false
}

// takeReaper takes a line of the reaper. It belongs to the report that killed the process it names. Where no kill of it was seen,
// it names the victim of the open report whose table or selection has the process. By itself it shows that memory
// ran out and no more: the kernel has processes reaped that were exiting anyway.
func (a *Assembler) takeReaper(l *format.Line, text string) Outcome {
	v, ok := kernel.ParseReaper(text)
	if !ok {
		return other
	}
	d, line := a.killer(v.PID), a.told.single(l, text)
	switch {
	case v.Failed:
		return a.takeReaperOf(d, l, text, true)
	case a.told.has(line):
		return Outcome{Kind: kernel.ReaperLine}
	case d != nil:
		a.told.add(line)
		return a.takeReaperOf(d, l, text, false)
	case a.reapedBefore(l, &v):
		a.told.add(line)
		return Outcome{Kind: kernel.ReaperLine}
	}
	if d = a.victimless(v.PID); d != nil {
		at, kept := d.stamp(l), d.text.keep(text)
		v, _ = kernel.ParseReaper(kept)
		a.killNamed(d, at, kept, kernel.Kill{PID: v.PID, Comm: v.Comm, HasComm: true})
		d.mark(l, kernel.ReaperLine, text)
		return d.outcome(kernel.ReaperLine)
	}
	if d = a.unkilled(); d == nil || d.ofOther(l) {
		d = a.begin(l, text)
		d.lone = true
	}
	d.ending.selected = keptLine{d.stamp(l), d.text.keep(text)}
	d.r.Reaped, _ = kernel.ParseReaper(d.ending.selected.text)
	d.r.HasReaped = true
	d.mark(l, kernel.ReaperLine, text)
	return d.outcome(kernel.ReaperLine)
}

// takeReaperOf takes a line of the reaper about a victim of the report d, or, with d nil, one of a victim that it gave up.
func (a *Assembler) takeReaperOf(d *openReport, l *format.Line, text string, failed bool) Outcome {
	out := Outcome{Kind: kernel.ReaperLine}
	if d != nil {
		d.mark(l, kernel.ReaperLine, text)
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
	a.events = append(a.events, Event{Kind: EventReapFailed, Report: d.r, Kill: -1, At: d.stamp(l), Text: kept, Reaper: v})
	if alone {
		a.drop(d)
	}
	return out
}

// reapedBefore reports whether the process that the reaper names was killed, or spared, in a report that is closed.
func (a *Assembler) reapedBefore(l *format.Line, v *kernel.Reaper) bool {
	at, ok := l.LogTime()
	for i := range a.recent {
		k := &a.recent[i]
		if k.set && k.pid == v.PID && agree(k.host, hashOf(view(l.Host))) && (k.comm == "" || k.comm == clipped(v.Comm)) && !(k.hasLogTime && ok && k.logTime > at+outOfOrder) {
			return true
		}
	}
	return false
}

// victimless returns the newest open report without a kill whose table or selection names the process.
func (a *Assembler) victimless(pid int64) *openReport {
	for i := len(a.open) - 1; i >= 0; i-- {
		d := a.open[i]
		r := d.r
		if d.killed() || d.hasNoVictim() || d.held.text != "" {
			continue
		}
		if r.HasSelection && r.Selection.PID == pid || r.OOMKill.PID.OK && r.OOMKill.PID.V == pid || r.Tasks.ByPID(pid) != nil {
			return d
		}
	}
	return nil
}

// killNamed tells of a victim that another line than its kill line names, at being that line's stamp and text.
func (a *Assembler) killNamed(d *openReport, at Stamp, text string, v kernel.Kill) {
	d.r.Ending = EndKill
	d.r.Kills = append(d.r.Kills, Kill{KillLine: v, Text: text, At: at, Lost: true})
	k := &d.r.Kills[len(d.r.Kills)-1]
	a.remember(d, k)
	a.events = append(a.events, Event{Kind: EventKill, Report: d.r, Kill: len(d.r.Kills) - 1, At: at, Text: text})
}
