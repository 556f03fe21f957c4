// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// tasksSection reads the task table: docs/formats.md, section 5.
type tasksSection struct {
	// table is the layout of the table, and where the columns of its newest row end.
	table kernel.TaskTable
	// seen is set when the head of the table, or its banner, was read: rows alone are too little to
	// say that memory ran out.
	seen bool
	// rowAwaited is set while nothing but a partial row damages the table.
	rowAwaited bool
}

// maxComm is the longest name of a task: TASK_COMM_LEN less its zero byte.
const maxComm = 15

func (s *tasksSection) take(d *openReport, l line) taken {
	if l.read == nil {
		if l.text[0] == '[' && s.takePlainRow(d, l.text) {
			return took(kernel.TaskRow)
		}
		return taken{}
	}
	switch kind := l.read.Kind; kind {
	case kernel.TaskRow:
		return s.takeRow(d, l.text)
	case kernel.TaskHead:
		s.setTable(d, l.read.Table)
		s.seen = true
		d.enter(report.SectionTasks)
		return took(kind)
	case kernel.TaskBanner:
		s.seen = true
		d.enter(report.SectionTasks)
		return took(kind)
	case kernel.MemcgProtection:
		return s.takeProtection(d, l.text)
	}
	if s.table.Len > 0 {
		if t := s.beginRow(d, l.text); t.verdict != notMine {
			return t
		}
	}
	return s.takeName(d, l)
}

func (s *tasksSection) setTable(d *openReport, table kernel.TaskTable) {
	s.table, d.r.Tasks.Table = table, table.TaskTable
}

// takePlainRow takes a row whose name is too short to hide the words of an invocation.
func (s *tasksSection) takePlainRow(d *openReport, text string) bool {
	rows := &d.r.Tasks.Rows
	if s.table.Len < kernel.MinColumns {
		return false
	}
	row := rows.Add()
	if !kernel.ReadTask(row, text, &s.table) || len(row.Name) > maxComm {
		rows.Drop()
		return false
	}
	s.count(d, row)
	return true
}

// takeRow takes one row. Where the table's head was lost the columns are those of the one form that
// fits, else the row is only counted as lost.
func (s *tasksSection) takeRow(d *openReport, text string) taken {
	if d.in > report.SectionTasks && d.r.Seen.Has(report.SectionTasks) {
		return taken{}
	}
	if s.table.Len == 0 {
		d.r.Damaged |= 1 << report.SectionTasks
		d.moveTo(report.SectionTasks)
		table, ok := kernel.TableOfRow(text)
		if !ok {
			return took(kernel.TaskRow)
		}
		s.setTable(d, table)
		d.enter(report.SectionTasks)
	}
	var row report.Task
	if !kernel.ReadTask(&row, text, &s.table) {
		if t := s.beginRow(d, text); t.verdict != notMine {
			return t
		}
		d.r.Damaged |= 1 << report.SectionTasks
		if d.in != report.SectionTasks {
			return taken{}
		}
		return took(kernel.TaskRow)
	}
	if d.partial.kind == kernel.TaskRow {
		d.partial.clear()
		s.rowAwaited = false
	}
	if len(row.Name) > maxComm {
		row.Name = string(format.AppendOctal(nil, []byte(row.Name)))
	}
	d.moveTo(report.SectionTasks)
	s.keep(d, &row)
	return took(kernel.TaskRow)
}

// takeProtection takes the line of a cgroup's protection, which stands above the table (6.19+).
func (*tasksSection) takeProtection(d *openReport, text string) taken {
	v, ok := kernel.ParseProtection(text)
	if !ok {
		return taken{}
	}
	d.r.Memcg.Protection, d.r.Memcg.HasProtection = v, true
	d.moveTo(max(d.in, report.SectionTasks))
	return took(kernel.MemcgProtection)
}

// begin takes the head of the table, broken off between two columns.
func (s *tasksSection) begin(d *openReport, text string) taken {
	if s.table.Len > 0 || !kernel.BeginsTaskHead(text) {
		return taken{}
	}
	d.enter(report.SectionTasks)
	return begins(kernel.TaskHead, d.text.keep(text))
}

// beginRow takes a row that breaks off between two columns. The table is damaged until the rest
// comes.
func (s *tasksSection) beginRow(d *openReport, text string) taken {
	if d.in != report.SectionTasks || !kernel.BeginsTaskRow(text) {
		return taken{}
	}
	s.rowAwaited = !d.r.Damaged.Has(report.SectionTasks)
	d.r.Damaged |= 1 << report.SectionTasks
	return begins(kernel.TaskRow, d.text.keep(text))
}

func (s *tasksSection) resume(d *openReport, kind kernel.Kind, joined string) verdict {
	if kind == kernel.TaskHead {
		table, ok := kernel.ParseTaskHead(joined)
		switch {
		case ok:
			s.setTable(d, table)
			return mine
		case kernel.BeginsTaskHead(joined):
			return more
		}
		return notMine
	}
	var row report.Task
	switch {
	case kernel.ReadTask(&row, joined, &s.table) && len(row.Name) <= maxComm:
	case kernel.BeginsTaskRow(joined):
		return more
	default:
		return notMine
	}
	if s.rowAwaited {
		d.r.Damaged &^= 1 << report.SectionTasks
		s.rowAwaited = false
	}
	s.keep(d, &row)
	return mine
}

// keep counts a row and keeps it while there is room.
func (s *tasksSection) keep(d *openReport, row *report.Task) {
	rows := &d.r.Tasks.Rows
	rows.Append(*row)
	s.count(d, rows.Last())
}

// count counts the newest of the rows, and drops it where there is no room to keep it.
func (*tasksSection) count(d *openReport, row *report.Task) {
	t := &d.r.Tasks
	t.Count++
	if rss := row.Values[report.ColRSS]; rss < 0 || t.RSSPages < 0 {
		t.RSSPages = -1
	} else {
		t.RSSPages = min(t.RSSPages+rss, 1<<62) // a sum that cannot be stays one
	}
	if d.full() {
		t.Rows.Drop()
		return
	}
	row.Name = d.text.keep(row.Name)
}

// newest returns the newest row, nil where it was not kept.
func (*tasksSection) newest(t *report.Tasks) *report.Task {
	if int64(t.Rows.Len()) != t.Count {
		return nil
	}
	return t.Rows.Last()
}

// takeName takes the name that was wrapped off the newest row.
func (s *tasksSection) takeName(d *openReport, l line) taken {
	row := s.newest(&d.r.Tasks)
	name := strings.TrimLeft(l.text, " \t")
	if row == nil || row.Name != "" || !l.wraps || len(name) > maxComm {
		return taken{}
	}
	row.Name = d.text.keep(name)
	return took(kernel.TaskRow)
}

// takeNameTail takes what a frontend split off the newest row at a newline in the task's name. It
// is false where that does not fit.
func (s *tasksSection) takeNameTail(d *openReport, text string) bool {
	row := s.newest(&d.r.Tasks)
	if row == nil || len(row.Name)+1+len(text) > maxComm {
		return false
	}
	row.Name = d.text.join(row.Name, "\n", text)
	return true
}
