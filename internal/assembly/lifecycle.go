// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// takeInvocation opens a report. What stood open before is closed, but for a report of an old kernel, which may
// go on between the lines of this one.
func (a *Assembler) takeInvocation(l *format.Line, text string) Outcome {
	v := &a.reading.Invocation
	mixed := false
	for i := 0; i < len(a.open); {
		if a.open[i].isMixedWith(l, text) {
			a.open[i].disorder()
			mixed = true
		}
		switch d := a.open[i]; {
		case a.beginsAgain(d, l, text):
			a.drop(d) // what it shows comes again
		case d.killed() || d.hasNoVictim() || !mayInterleave(d):
			a.close(d)
		default:
			i++
		}
	}
	d := a.begin(l, text)
	r := d.r
	a.burst.add(l)
	kernel.MoveInvocation(v, r.FirstText, text)
	r.Invocation = *v
	r.HeadSeen = strings.Contains(text, "oom-killer:") // less is prose as likely as the kernel
	r.Manual = a.manual || (v.Order.OK && v.Order.V == -1)
	r.Suppressed = a.suppressed
	d.enter(SectionInvocation)
	d.mark(l, kernel.InvocationLine, text)
	if !v.Complete {
		d.partial.set(kernel.InvocationLine, r.FirstText)
	}
	a.manual, a.suppressed, a.failure, a.lost, a.started, a.cut = false, kernel.Int{}, false, 0, true, false
	out := d.outcome(kernel.InvocationLine)
	if out.Mixed = mixed; mixed {
		d.disorder()
	}
	return out
}

// mayInterleave reports whether the kernel of an open report may print another report between its lines: there was no
// lock around a whole report before 4.2.
func mayInterleave(d *openReport) bool {
	if v, ok := ParseRelease(d.r.CPU.Release); ok {
		return v.Before(4, 2)
	}
	return !d.r.Invocation.GFP.HasNames
}

// takeNoVictim ends a report of which the kernel says that there is nothing to kill. On the host a panic
// follows, and tells the same: then there is one record, the panic's.
func (a *Assembler) takeNoVictim(l *format.Line, text string) Outcome {
	d := a.unkilled()
	if d == nil {
		d = a.begin(l, text)
	}
	d.mark(l, kernel.NoVictimLine, text)
	d.r.Doubtful = a.piece.doubtful
	d.ending.noVictim = keptLine{d.stamp(l), d.text.keep(text)}
	out := d.outcome(kernel.NoVictimLine)
	if d.r.Manual || d.r.Scope(nil) == ScopeCgroup {
		a.close(d)
	}
	return out
}

// takePanic ends a report with the kernel's own end.
func (a *Assembler) takePanic(l *format.Line, text string) Outcome {
	if kernel.IsPanicEnd(text) {
		return Outcome{Kind: kernel.PanicLine}
	}
	d := a.unkilled()
	if d == nil {
		d = a.begin(l, text)
	}
	kept := d.text.keep(text)
	reason, ok := kernel.ParsePanic(kept)
	if !ok {
		a.drop(d)
		return other
	}
	d.r.Ending, d.r.Panic, d.r.Doubtful = EndPanic, reason, a.piece.doubtful
	d.mark(l, kernel.PanicLine, text)
	a.announce(d, Event{Kind: EventPanic, At: d.stamp(l), Text: kept})
	out := d.outcome(kernel.PanicLine)
	a.close(d)
	return out
}

// killer returns the open report that killed a process.
func (a *Assembler) killer(pid int64) *openReport {
	for _, d := range a.open {
		for i := range d.r.Kills {
			if d.r.Kills[i].PID == pid {
				return d
			}
		}
	}
	return nil
}

// takeSysrq remembers that a person asked for the next report, or ends one that found no task.
func (a *Assembler) takeSysrq(l *format.Line, text string) Outcome {
	v, ok := kernel.ParseSysrq(text)
	if !ok {
		return other
	}
	out := Outcome{Kind: kernel.SysrqLine}
	switch v {
	case kernel.SysrqManual:
		a.manual = true
	case kernel.SysrqNoTask:
		if d := a.unkilled(); d != nil {
			d.mark(l, kernel.SysrqLine, text)
			d.ending.noVictim = keptLine{d.stamp(l), d.text.keep(text)}
			out = d.outcome(kernel.SysrqLine)
			a.close(d)
		}
	}
	return out
}

// takeSuppressed remembers how many reports the rate limiter kept back before the next one.
func (a *Assembler) takeSuppressed(text string) Outcome {
	v, ok := kernel.ParseSuppressed(text)
	if !ok {
		return other
	}
	if v.OfOOM() {
		a.suppressed = kernel.Some(v.Count)
	}
	return Outcome{Kind: kernel.SuppressedLine}
}

// unkilled returns the newest report that has killed nobody yet.
func (a *Assembler) unkilled() *openReport {
	for i := len(a.open) - 1; i >= 0; i-- {
		if d := a.open[i]; !d.killed() && !d.lone {
			return d
		}
	}
	return nil
}

// announce tells of a report that killed nobody.
func (a *Assembler) announce(d *openReport, e Event) {
	e.Report, e.Kill = d.r, -1
	a.events = append(a.events, e)
}

// close ends a report. One that shows no kill makes an event of its own: see [Assembler.end].
func (a *Assembler) close(d *openReport) {
	a.release(d)
	if row := d.r.Tasks.ByPID(d.r.OOMKill.PID.V); row != nil {
		d.settleChosen(row.Name)
	}
	if !d.killed() && d.r.Ending == EndOpen && !d.cutOff {
		a.killChosen(d)
	}
	if !d.killed() && d.r.Ending == EndOpen {
		a.end(d)
	}
	if d.r.Seen != 0 || d.r.Ending != EndOpen {
		a.ended = append(a.ended, d.r)
	}
	a.drop(d)
}

// drop takes a report off the list; its memory serves again from the next call on, when its events have been read.
func (a *Assembler) drop(d *openReport) {
	if i := slices.Index(a.open, d); i >= 0 {
		a.open = slices.Delete(a.open, i, i+1)
	}
	a.done = append(a.done, d)
}

// maxFree is how many emptied reports a stream keeps: where a report closes the one before it, the two take turns.
const maxFree = 2

// reuse readies the memory of closed reports for the next ones.
func (a *Assembler) reuse() {
	for i, d := range a.done {
		if len(a.free) < maxFree {
			d.reset()
			a.free = append(a.free, d)
		}
		a.done[i] = nil
	}
	a.done = a.done[:0]
}

// closeKilled closes the reports that have killed already: another kill line has come that is not theirs.
func (a *Assembler) closeKilled() {
	for i := 0; i < len(a.open); {
		if a.open[i].killed() {
			a.close(a.open[i])
			continue
		}
		i++
	}
}

func (a *Assembler) closeAll() {
	for len(a.open) > 0 {
		a.close(a.open[0])
	}
}
