// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"

	"github.com/oomtrail/oomtrail/parser/report"
)

// shown is how many of the largest processes a page lists.
const shown = 10

// largest lists the largest processes of the task table.
func (p *page) largest() {
	t := &p.report.Tasks
	if t.Rows.Len() == 0 || !t.Table.Has(report.ColRSS) {
		return
	}
	n := shown
	if p.All {
		n = t.Rows.Len()
	}
	rows := t.Rows.AppendLargest(nil, n)
	title := "The largest of " + number(t.Count) + " processes"
	if len(rows) == int(t.Count) && !p.report.TableWhole() {
		title = "The " + number(t.Count) + " processes that the log shows, the largest first"
	} else if len(rows) == int(t.Count) {
		title = "All " + number(t.Count) + " processes, the largest first"
		switch t.Count {
		case 1:
			title = "The only process"
		case 2:
			title = "Both processes, the larger first"
		}
	}
	p.heading(title)
	page, known := p.report.PageSize()
	memory := func(pages int64) string {
		switch {
		case pages < 0: // a counter that fell below zero
			return "-"
		case known:
			return size(pages * page)
		}
		return number(pages) + " pages"
	}
	head := indent + right("pid", 9) + right("memory", 12)
	if t.Table.Has(report.ColSwapents) {
		head += right("swap", 11)
	}
	if t.Table.Has(report.ColOOMScoreAdj) {
		head += right("adj", 7)
	}
	p.line(head + "  name")
	var own *report.Task // the victim's row, which may bear the pid of another of its threads
	if victim := p.victim(); victim != nil {
		own = t.ByPID(victim.PID)
	}
	for _, row := range rows {
		p.task(row, row == own || p.killed(row.PID), memory)
	}
	if own != nil && !slices.Contains(rows, own) {
		p.line(indent + right("...", 9))
		p.task(own, true, memory)
	}
}

// killed reports whether a process is the victim, or died with it.
func (p *page) killed(pid int64) bool {
	victim := p.victim()
	return victim != nil && (victim.PID == pid || p.inGroup() && slices.ContainsFunc(p.report.Kills, func(k report.Kill) bool { return k.PID == pid }))
}

// task writes one row of the table.
func (p *page) task(row *report.Task, killed bool, memory func(pages int64) string) {
	t := &p.report.Tasks.Table
	line := indent + right(number(row.PID), 9) + right(memory(row.Values[report.ColRSS]), 12)
	if t.Has(report.ColSwapents) {
		line += right(memory(row.Values[report.ColSwapents]), 11)
	}
	if t.Has(report.ColOOMScoreAdj) {
		line += right(number(row.Values[report.ColOOMScoreAdj]), 7)
	}
	line += "  " + printable(row.Name)
	if killed {
		p.paint(red, line+"  <- killed")
		p.line("")
		return
	}
	p.line(line)
}
