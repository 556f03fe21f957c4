// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// mostPreamble is how many lines of no carrier may stand before a pasted log as if it began behind them: a prompt, a heading.
const mostPreamble = 4

var other = Outcome{Kind: kernel.Other}

// take finds the place of one line: what kind it is by its own words and by what stands open, and
// which report it belongs to.
func (a *Assembler) take(l *format.Line) Outcome {
	if d := a.soleOpenReport(l); d != nil {
		if kind := d.takeUnread(view(l.Text)); kind != kernel.Other {
			d.mark(l, kind, view(l.Text))
			return d.outcome(kind)
		}
	}
	text, kind := a.classify(l)
	if mayTear(l) {
		text, kind = a.unescape(text, kind)
	}
	if kind == kernel.Other && tornAtPID(l, text, &a.reading.Kill) {
		kind = kernel.KillLine
	}
	if l.Continues && !a.piece.named && !kind.FollowsNewline() {
		kind = kernel.Other
	}
	if kind == kernel.Other {
		if len(a.open) == 0 {
			if a.preamble++; l.Format != format.None || a.preamble > mostPreamble {
				a.started = true
			}
			a.lost = 0
			return other
		}
		return a.takeUnnamed(l, text)
	}
	if l.Fragment || (kind == kernel.KillLine && l.Level > 3) {
		if d := a.newest(); d != nil && d.partial.text != "" && a.rejoin(d, l, text) {
			return d.outcome(kernel.FragmentLine)
		}
	}
	a.releaseHeld()
	if strings.IndexByte(text, '\n') >= 0 && kind.ManyLines() {
		return a.takeLines(l, text)
	}
	return a.takeNamed(l, text, kind)
}

// classify tells the kind of a line by its own words. A bare line that somebody pasted may be indented: then it is
// taken without the blanks, if only so it says something.
func (a *Assembler) classify(l *format.Line) (string, kernel.Kind) {
	text := view(l.Text)
	kind := a.reading.Classify(text)
	if l.Format != format.None || (text[0] != ' ' && text[0] != '\t') || (kind != kernel.Other && kind != kernel.InvocationLine) {
		return text, kind
	}
	if trimmed := strings.TrimLeft(text, " \t"); trimmed != "" {
		if kind = a.reading.Classify(trimmed); kind != kernel.Other {
			return trimmed, kind
		}
	}
	return text, kind
}

// takeNamed places a line whose own words tell its kind.
func (a *Assembler) takeNamed(l *format.Line, text string, kind kernel.Kind) Outcome {
	switch kind {
	case kernel.InvocationLine:
		return a.takeInvocation(l, text)
	case kernel.KillLine:
		return a.takeKill(l, text)
	case kernel.OOMKillLine:
		return a.takeOOMKill(l, text)
	case kernel.GroupKillLine:
		return a.takeGroupKill(l, text)
	case kernel.SkipLine:
		return a.takeSkip(l, text)
	case kernel.NoVictimLine:
		return a.takeNoVictim(l, text)
	case kernel.PanicLine:
		return a.takePanic(l, text)
	case kernel.ReaperLine:
		return a.takeReaper(l, text)
	case kernel.SysrqLine:
		return a.takeSysrq(l, text)
	case kernel.SuppressedLine:
		return a.takeSuppressed(text)
	case kernel.AllocFailureLine:
		a.failure, a.started = true, true
		return Outcome{Kind: kind}
	case kernel.FragmentLine:
		return a.takeUnnamed(l, text)
	case kernel.Userspace:
		return Outcome{Kind: kind}
	}
	if a.failure && kind.InAllocFailure() && !a.ownLine(l) {
		return other
	}
	d := a.reportFor(l, kind, text)
	if d == nil {
		a.started = true
		return other
	}
	if !d.takeNamed(line{text, &a.reading, wraps(l)}) {
		return other
	}
	d.mark(l, kind, text)
	if kind == kernel.SelectionLine {
		d.ending.selected = keptLine{d.stamp(l), d.text.keep(text)}
	}
	a.settle(kind)
	return d.outcome(kind)
}

// takeLines takes a record that the kernel printed with newlines in it (global counters; memory.stat from
// 5.3 to 6.4) line by line. The kernel cuts such a record at its buffer's end, maybe inside a number.
func (a *Assembler) takeLines(l *format.Line, text string) Outcome {
	first := other
	cut := len(text) >= recordMax || l.Truncated
	for n := 0; text != ""; n++ {
		line, rest, more := strings.Cut(text, "\n")
		text = rest
		if more && rest == "" && cut { // cut right behind a line: the kernel ends no such record with a newline
			if d := a.newest(); d != nil {
				d.r.Damaged |= 1 << d.in
			}
		}
		if !more && cut {
			if d := a.newest(); d != nil {
				d.r.Damaged |= 1 << d.in
			}
			break
		}
		out := a.takeOne(l, line)
		if n == 0 {
			first = out
		}
	}
	return first
}

// takeOne takes one line of a record of several.
func (a *Assembler) takeOne(l *format.Line, line string) Outcome {
	if d := a.soleOpenReport(l); d != nil && d.in == SectionMemcgStats && d.takeUnread(line) != kernel.Other {
		d.mark(l, kernel.MemcgStat, line)
		return d.outcome(kernel.MemcgStat)
	}
	if kind := a.reading.Classify(line); kind != kernel.Other {
		if !kind.FollowsNewline() {
			return other
		}
		return a.takeNamed(l, line, kind)
	}
	if len(a.open) == 0 {
		return other
	}
	return a.takeUnnamed(l, line)
}

// takeUnnamed places a line that only its neighbours make plain: a piece of a longer line, a figure of
// memory.stat, a row of a table, a stack frame.
func (a *Assembler) takeUnnamed(l *format.Line, text string) Outcome {
	for i := len(a.open) - 1; i >= 0; i-- {
		d := a.open[i]
		if a.rejoin(d, l, text) {
			return d.outcome(kernel.FragmentLine)
		}
	}
	if line, _, several := strings.Cut(text, "\n"); several && !l.Fragment {
		if _, ok := kernel.ParseStat(line); !ok {
			return other
		}
		return a.takeLines(l, text)
	}
	if a.failure && !a.ownLine(l) {
		return other
	}
	for i := len(a.open) - 1; i >= 0 && !l.Fragment; i-- {
		d := a.open[i]
		if d.foreign(l) {
			continue
		}
		if kind := d.takeUnnamed(line{text, &unnamed, wraps(l)}); kind != kernel.Other {
			d.mark(l, kind, text)
			return d.outcome(kind)
		}
	}
	a.releaseHeld()
	return other
}

// settle ends the block of a page-allocation failure at a line that none of them prints.
func (a *Assembler) settle(k kernel.Kind) {
	if !k.InAllocFailure() {
		a.failure = false
	}
}

// ownLine reports whether the carrier shows that an open report's own task printed the line.
func (a *Assembler) ownLine(l *format.Line) bool {
	for _, d := range a.open {
		if d.ownCaller != "" && d.ownCaller == string(l.Caller) {
			return true
		}
	}
	return false
}

// soleOpenReport returns the one report that is open, if the line may be its next and nothing of it is missing; else nil.
func (a *Assembler) soleOpenReport(l *format.Line) *openReport {
	if len(a.open) != 1 || a.failure || l.Fragment {
		return nil
	}
	d := a.open[0]
	if d.held.text != "" || d.partial.text != "" || d.killed() || d.foreign(l) {
		return nil
	}
	return d
}

// newest returns the report opened last, or nil.
func (a *Assembler) newest() *openReport {
	if len(a.open) == 0 {
		return nil
	}
	return a.open[len(a.open)-1]
}

// outcome describes a line of the report.
func (d *openReport) outcome(k kernel.Kind) Outcome {
	return Outcome{Kind: k, InReport: true, HeadSeen: d.r.HeadSeen}
}
