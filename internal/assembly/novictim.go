// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// takeNoVictim ends a report of which the kernel says that there is nothing to kill. On the host a
// panic follows, and says the same: then there is one record, the panic's.
func (a *Assembler) takeNoVictim(l *format.Line, text string) Outcome {
	d := a.reports.unkilled()
	if d == nil {
		d = a.begin(l, text)
	}
	d.countLine(l, kernel.NoVictimLine, text)
	d.r.Doubtful = a.piece.doubtful
	d.ending.noVictim = d.keepLine(l, text)
	out := d.outcome(kernel.NoVictimLine)
	if d.r.Manual || d.r.Scope(nil) == report.ScopeCgroup {
		a.close(d)
	}
	return out
}

// takePanic ends a report with the kernel's own end.
func (a *Assembler) takePanic(l *format.Line, text string) Outcome {
	if kernel.IsPanicEnd(text) {
		return Outcome(kernel.PanicLine)
	}
	d := a.reports.unkilled()
	if d == nil {
		d = a.begin(l, text)
	}
	kept := d.text.keep(text)
	reason, ok := kernel.ParsePanic(kept)
	if !ok {
		a.reports.drop(d)
		return other
	}
	d.r.Ending, d.r.Panic, d.r.Doubtful = report.EndPanic, reason, a.piece.doubtful
	d.countLine(l, kernel.PanicLine, text)
	a.announce(d, report.Event{Kind: report.EventPanic, At: d.stamp(l), Text: kept})
	out := d.outcome(kernel.PanicLine)
	a.close(d)
	return out
}

// takeSysrq remembers that a person asked for the next report, or ends one that found no task.
func (a *Assembler) takeSysrq(l *format.Line, text string) Outcome {
	v, ok := kernel.ParseSysrq(text)
	if !ok {
		return other
	}
	out := Outcome(kernel.SysrqLine)
	switch v {
	case kernel.SysrqManual:
		a.next.manual = true
	case kernel.SysrqNoTask:
		if d := a.reports.unkilled(); d != nil {
			d.countLine(l, kernel.SysrqLine, text)
			d.ending.noVictim = d.keepLine(l, text)
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
		a.next.suppressed = report.Some(v.Count)
	}
	return Outcome(kernel.SuppressedLine)
}
