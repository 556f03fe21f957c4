// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// takeInvocation opens a report. What stood open before is closed, but for a report of an old
// kernel, which may go on between the lines of this one.
func (a *Assembler) takeInvocation(l *format.Line, text string) Outcome {
	v := &a.classifier.reading.Invocation
	isMixed := false
	for i := 0; i < len(a.reports.open); {
		if a.reports.open[i].isMixedWith(l, text) {
			a.reports.open[i].disorder()
			isMixed = true
		}
		switch d := a.reports.open[i]; {
		case a.reported.beginsAgain(d, l, text):
			a.reports.drop(d) // what it shows comes again
		case d.killed() || d.hasNoVictim() || !mayInterleave(d):
			a.close(d)
		default:
			i++
		}
	}
	d := a.begin(l, text)
	r := d.r
	a.limiter.add(l)
	kernel.MoveInvocation(v, r.FirstText, text)
	r.Invocation = *v
	r.HeadSeen = strings.Contains(text, "oom-killer:") // less is prose as likely as the kernel
	r.Manual = a.next.manual || (v.Order.OK && v.Order.V == -1)
	r.Suppressed = a.next.suppressed
	d.enter(report.SectionInvocation)
	d.countLine(l, kernel.InvocationLine, text)
	if !v.Complete {
		d.partial.set(kernel.InvocationLine, r.FirstText)
	}
	a.next, a.inAllocFailure = announced{}, false
	a.loss.lost, a.loss.started = 0, true
	out := d.outcome(kernel.InvocationLine)
	if isMixed {
		d.disorder()
		out |= mixed
	}
	return out
}

// mayInterleave reports whether the kernel of an open report may print another report between its
// lines: there was no lock around a whole report before 4.2.
func mayInterleave(d *openReport) bool {
	if v, ok := report.ParseRelease(d.r.CPU.Release); ok {
		return v.Before(4, 2)
	}
	return !d.r.Invocation.GFP.HasNames
}
