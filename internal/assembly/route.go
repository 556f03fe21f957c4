// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// reportFor finds the open report that a line of this kind continues: the one whose task the line's
// format names, else the newest that has not come past the line's section, else the newest. With
// none open, a line that only OOM reports have opens one whose head is lost, and so does any line
// of a report right after a loss.
func (a *Assembler) reportFor(l *format.Line, kind kernel.Kind, text string) *openReport {
	s, known := kind.Section()
	if len(a.reports.open) > 1 {
		if d := a.reports.namedBy(kind, text); d != nil {
			return d
		}
	}
	for i := len(a.reports.open) - 1; i >= 0 && known; i-- {
		d := a.reports.open[i]
		if d.fromOtherCaller(l) || d.killed() || d.lone || d.isBeyond(s) {
			continue
		}
		return d
	}
	if known && (kind.OpensReport() || (!a.loss.started && kind != kernel.Trace && kind != kernel.CpusetLine)) {
		d := a.begin(l, text)
		d.r.LostRecords = a.loss.take()
		if kind == kernel.SelectionLine { // the rate limiter keeps the report back, never this line
			d.r.Bare, d.r.HeldBack = true, a.heldBack(l)
		}
		return d
	}
	return nil
}

// namedBy distinguishes reports that were printed into each other, where a line itself does: by the
// name of the task that asked for memory. Of reports that are equally far, the one that began first
// chooses its victim first.
func (s *openReports) namedBy(kind kernel.Kind, text string) *openReport {
	section, _ := kind.Section()
	for _, d := range s.open {
		if d.killed() || d.r.Seen.Has(section) && kind != kernel.SelectionLine {
			continue
		}
		comm := d.r.Invocation.Comm
		switch kind {
		case kernel.CPULine:
			if v, _ := kernel.ParseCPU(text); comm != "" && v.Comm == comm {
				return d
			}
		case kernel.CpusetLine:
			if v, _ := kernel.ParseCpuset(text, comm); comm != "" && v.Comm == comm {
				return d
			}
		case kernel.SelectionLine:
			if !d.r.HasSelection {
				return d
			}
		}
	}
	return nil
}

// isBeyond reports whether the report has come too far for a line of section s to be its own.
func (d *openReport) isBeyond(s report.Section) bool {
	switch s {
	case report.SectionCPU, report.SectionCpuset:
		return d.r.Seen.Has(s) && d.in > report.SectionCpuset
	}
	return s < d.in && d.in >= report.SectionTasks
}

// fromOtherCaller reports whether the line shows that another task than the report's printed the
// line.
func (d *openReport) fromOtherCaller(l *format.Line) bool {
	return d.ownCaller != "" && len(l.Caller) > 0 && d.ownCaller != string(l.Caller)
}

// sole returns the one report that is open, if the line may be its next and nothing of it is
// missing; else nil.
func (s *openReports) sole(l *format.Line) *openReport {
	if len(s.open) != 1 || l.Fragment {
		return nil
	}
	d := s.open[0]
	if d.partial.text != "" || d.held.text != "" || d.killed() || d.fromOtherCaller(l) {
		return nil
	}
	return d
}

// endAllocFailure ends the block of a page allocation failure at a line that none of them prints.
func (a *Assembler) endAllocFailure(k kernel.Kind) {
	if !k.InAllocFailure() {
		a.inAllocFailure = false
	}
}

// hasCaller reports whether the line shows that an open report's own task printed it.
func (s *openReports) hasCaller(l *format.Line) bool {
	for _, d := range s.open {
		if d.ownCaller != "" && d.ownCaller == string(l.Caller) {
			return true
		}
	}
	return false
}
