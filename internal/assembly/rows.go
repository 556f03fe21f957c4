// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// addTask takes one row. Where the table's head was lost the columns are those of the one form that fits, else the row is only
// counted as lost.
func (d *draft) addTask(text string) bool {
	if d.in != SectionTasks && d.r.Seen.Has(SectionTasks) && d.in > SectionTasks {
		return false
	}
	if d.table.Len == 0 {
		d.r.Damaged |= 1 << SectionTasks
		d.in = SectionTasks
		table, ok := kernel.TableOfRow(text)
		if !ok {
			return true
		}
		d.setTable(table)
		d.enter(SectionTasks)
	}
	var row kernel.Task
	if !kernel.ReadTask(&row, text, &d.table) {
		if !d.awaitRow(text) {
			d.r.Damaged |= 1 << SectionTasks
		}
		return d.in == SectionTasks
	}
	if d.partialKind == kernel.TaskRow {
		d.forget()
		d.rowAwaited = false
	}
	if len(row.Name) > maxComm {
		row.Name = string(format.AppendOctal(nil, []byte(row.Name)))
	}
	d.in = SectionTasks
	d.keepTask(&row)
	return true
}

// setTable sets the layout of the task table.
func (d *draft) setTable(table kernel.TaskTable) {
	d.table = table
	d.r.Tasks.Table = table.TaskTable
}

// awaitRow takes a row that breaks off between two columns. The table is damaged until the rest of the row comes.
func (d *draft) awaitRow(text string) bool {
	if d.in != SectionTasks || !kernel.BeginsTaskRow(text) {
		return false
	}
	d.rowAwaited = !d.r.Damaged.Has(SectionTasks)
	d.r.Damaged |= 1 << SectionTasks
	d.await(kernel.TaskRow, d.text.keep(text))
	return true
}

// endRow keeps the row that was awaited.
func (d *draft) endRow(row *kernel.Task) {
	if d.rowAwaited {
		d.r.Damaged &^= 1 << SectionTasks
		d.rowAwaited = false
	}
	d.keepTask(row)
}

// keepTask counts a row and keeps it while there is room.
func (d *draft) keepTask(row *kernel.Task) {
	rows := &d.r.Tasks.Rows
	rows.Append(*row)
	d.countTask(rows.Last())
}

// countTask counts the newest of the rows, and drops it where there is no room to keep it.
func (d *draft) countTask(row *kernel.Task) {
	t := &d.r.Tasks
	t.Count++
	if rss := row.Values[kernel.ColRSS]; rss < 0 || t.RSSPages < 0 {
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

// addNameTail takes what a frontend split off the newest row at a newline in the task's name. ok is false where it does not fit.
func (d *draft) addNameTail(text string) (ok bool) {
	rows := &d.r.Tasks.Rows
	row := rows.Last()
	if row == nil || len(row.Name)+1+len(text) > maxComm || int64(rows.Len()) != d.r.Tasks.Count {
		return false
	}
	row.Name = d.text.join(row.Name, "\n", text)
	return true
}

// addName takes the name that was wrapped off the newest row.
func (d *draft) addName(l *format.Line, text string) kernel.Kind {
	rows := &d.r.Tasks.Rows
	row := rows.Last()
	name := strings.TrimLeft(text, " \t")
	if row == nil || row.Name != "" || !wraps(l) || int64(rows.Len()) != d.r.Tasks.Count || len(name) > maxComm {
		return kernel.Other
	}
	row.Name = d.text.keep(name)
	return kernel.TaskRow
}
