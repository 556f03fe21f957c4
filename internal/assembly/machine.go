// SPDX-License-Identifier: Apache-2.0

// Package assembly puts the lines of one stream together into reports: one state machine a stream,
// that accepts what kernels and formats do to a report. Foreign lines stand between its lines, its
// head or tail is lost, a long line comes in pieces, kill lines of a rate-limited burst come bare.
package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// The walk of a line. It is counted (loss.go), judged by the lines before it (neighbour.go), and,
// if it counts, placed among the reports of its host (hosts.go). There the open section is asked
// first. Only then the line is classified among all kinds and goes to the report that it continues
// (route.go).
//
// The rule that makes this safe: a section may take a line unclassified only if no other kind can
// look like it.

const other = Outcome(kernel.Other)

// Line takes the next line of the stream. [Assembler.Events] and [Assembler.Closed] return what it
// completed.
func (a *Assembler) Line(l *format.Line) Outcome {
	if a.hasCompleted() {
		a.clearCompleted()
	}
	if len(l.Text) > maxText { // the line is the caller's, who may use it again
		short := *l
		short.Text, short.Truncated = l.Text[:maxText], true
		l = &short
	}
	if !a.loss.isNext(l) {
		a.countLost(l)
	}
	whole := l.Format.IsWhole()
	counted, splits := l, !whole && l.Format != report.Auto
	if a.piece = (piece{}); splits {
		counted = a.judge(l)
	}
	out := other
	if a.opt.Trust.Takes(counted.Origin) {
		if len(l.Host) == 0 {
			out = a.place(counted, whole)
		} else {
			out = a.placeOfHost(counted, whole)
		}
		if len(a.reports.open) > 1 {
			a.reports.balance(a.opt.MaxBytes)
		}
	} else if !a.loss.started {
		a.loss.passForeign()
	}
	if foreign := !out.InReport() && a.isForeign(l, out.Kind()); splits {
		a.neighbour.passBy(l, foreign)
	} else {
		a.neighbour.passRecord(len(l.Text)+len("\n"), foreign)
	}
	if a.hasCompleted() {
		a.dropRepeated()
	}
	return out
}

// place finds the place of a line that counts. It asks the open section, and then all kinds. whole
// is set where the format keeps records whole.
func (a *Assembler) place(l *format.Line, whole bool) Outcome {
	if l.Truncated {
		l = withoutCut(l)
	}
	own := l.HasSequence && l.Sequence != a.last.sequence // such a record neither continues nor repeats the line before
	if !own || a.record.stats {
		a.record.count(l, &a.last, a.reports.newest())
	} else {
		a.record = recordLen{bytes: len(l.Text)}
	}
	if !whole {
		if out, ok := a.takePiece(l); ok {
			a.last.note(l, out)
			return out
		}
	}
	if len(l.Text) == 0 {
		if d := a.reports.newest(); d != nil && l.Fragment {
			return d.outcome(kernel.FragmentLine) // an empty piece of a line that printk broke
		}
		return other
	}
	if len(a.reports.open) > 0 && a.reports.open[0].isExpired(l, a.opt.Timeout) {
		a.closeExpired(l)
	}
	if !own && a.last.isRepeatedBy(l) {
		return a.last.outcome
	}
	text := view(l.Text)
	if d := a.reports.sole(l); d != nil && !a.inAllocFailure {
		if kind := d.takeUnread(text); kind != kernel.Other {
			out := d.countLine(l, kind, text)
			a.last.note(l, out)
			return out
		}
	}
	out := a.take(l, text)
	a.last.note(l, out)
	return out
}

// take classifies a line that the open section did not take, and takes it as one of its kind.
func (a *Assembler) take(l *format.Line, text string) Outcome {
	text, kind := a.classifier.classify(l, text, a.piece.named)
	if kind == kernel.Other {
		if len(a.reports.open) == 0 {
			a.loss.passOther(l)
			return other
		}
		return a.takeUnnamed(l, text)
	}
	if l.Fragment || (kind == kernel.KillLine && l.Level > levelErr) {
		if d := a.reports.newest(); d != nil && d.partial.text != "" && a.rejoin(d, l, text) {
			return d.outcome(kernel.FragmentLine)
		}
	}
	a.releaseKills()
	if kind.ManyLines() && strings.IndexByte(text, '\n') >= 0 {
		return a.takeLines(l, text)
	}
	return a.takeNamed(l, text, kind)
}

// takeNamed places a line whose own words name its kind: a line about a whole report by what it
// says, any other line by the section that it belongs to.
func (a *Assembler) takeNamed(l *format.Line, text string, kind kernel.Kind) Outcome {
	switch kind {
	case kernel.InvocationLine:
		return a.takeInvocation(l, text)
	case kernel.OOMKillLine:
		return a.takeOOMKill(l, text)
	case kernel.KillLine:
		return a.takeKill(l, text)
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
	case kernel.FragmentLine:
		return a.takeUnnamed(l, text)
	case kernel.AllocFailureLine:
		a.inAllocFailure, a.loss.started = true, true
	}
	if kind.OfNoReport() {
		return Outcome(kind)
	}
	if a.inAllocFailure && kind.InAllocFailure() && !a.reports.hasCaller(l) {
		return other
	}
	d := a.reportFor(l, kind, text)
	if d == nil {
		a.loss.started = true
		return other
	}
	if !d.takeNamed(line{text, &a.classifier.reading, wraps(l)}) {
		return other
	}
	a.endAllocFailure(kind)
	out := d.countLine(l, kind, text)
	if kind == kernel.SelectionLine {
		d.ending.selected = d.keepLine(l, text)
	}
	return out
}

// takeUnnamed places a line that only its neighbours make plain: a piece of a longer line, a value
// of memory.stat, a row of a table, a stack frame.
func (a *Assembler) takeUnnamed(l *format.Line, text string) Outcome {
	for i := len(a.reports.open) - 1; i >= 0; i-- {
		if d := a.reports.open[i]; a.rejoin(d, l, text) {
			return d.outcome(kernel.FragmentLine)
		}
	}
	if !l.Fragment && strings.IndexByte(text, '\n') >= 0 {
		if !beginsStats(text) {
			return other
		}
		return a.takeLines(l, text)
	}
	if a.inAllocFailure && !a.reports.hasCaller(l) {
		return other
	}
	for i := len(a.reports.open) - 1; i >= 0 && !l.Fragment; i-- {
		d := a.reports.open[i]
		if d.fromOtherCaller(l) {
			continue
		}
		if kind := d.takeUnnamed(line{text, &unnamed, wraps(l)}); kind != kernel.Other {
			return d.countLine(l, kind, text)
		}
	}
	a.releaseKills()
	return other
}
