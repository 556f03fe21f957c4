// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// reportFor finds the open report that a line of this kind continues: the one whose task the carrier
// names, else the newest that has not come past the line's section, else the newest. With none open, a line that only
// OOM reports have opens one whose head is lost, and so does any line of a report right after a loss.
func (a *Assembler) reportFor(l *format.Line, kind kernel.Kind, text string) *openReport {
	s, known := kind.Section()
	if len(a.open) > 1 {
		if d := a.namedBy(kind, text); d != nil {
			return d
		}
	}
	for i := len(a.open) - 1; i >= 0 && known; i-- {
		d := a.open[i]
		if d.foreign(l) || d.killed() || d.lone || d.past(s) {
			continue
		}
		return d
	}
	if known && (kind.OpensReport() || (!a.started && kind != kernel.Trace && kind != kernel.CpusetLine)) {
		d := a.begin(l, text)
		d.r.LostRecords, a.lost = a.lost, 0
		if kind == kernel.SelectionLine { // the rate limiter keeps the report back, never this line
			d.r.Bare, d.r.HeldBack = true, a.heldBack(l)
		}
		return d
	}
	return nil
}

// namedBy tells apart reports that were printed into each other, where a line itself does: by the name of the task that asked for
// memory. Of reports that are equally far, the one that began first chooses its victim first.
func (a *Assembler) namedBy(kind kernel.Kind, text string) *openReport {
	for _, d := range a.open {
		s, _ := kind.Section()
		if d.killed() || d.r.Seen.Has(s) && kind != kernel.SelectionLine {
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

// past reports whether the report has come too far for a line of section s to be its own.
func (d *openReport) past(s Section) bool {
	switch s {
	case SectionCPU, SectionCpuset:
		return d.r.Seen.Has(s) && d.in > SectionCpuset
	}
	return s < d.in && d.in >= SectionTasks
}

// foreign reports whether the carrier shows that another task than the report's printed the line.
func (d *openReport) foreign(l *format.Line) bool {
	return d.ownCaller != "" && len(l.Caller) > 0 && d.ownCaller != string(l.Caller)
}
