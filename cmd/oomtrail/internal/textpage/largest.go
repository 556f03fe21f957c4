// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/report"
)

// shown is how many of the largest processes a page lists.
const shown = 10

// largest lists the largest processes of the task table.
func (p *page) largest() {
	if title, cells := p.largestProcesses(); title != "" {
		p.heading(title)
		p.table(cells)
	}
}

// largestProcesses returns the largest processes of the task table, the heads of the columns first;
// title is "" where there is no table.
func (p *page) largestProcesses() (title string, cells [][]string) {
	t := &p.report.Tasks
	if t.Rows.Len() == 0 || !t.Table.Has(report.ColRSS) {
		return "", nil
	}
	n := shown
	if p.All {
		n = t.Rows.Len()
	}
	rows := t.Rows.AppendLargest(nil, n)
	title = "The largest of " + number(t.Count) + " processes"
	if len(rows) == int(t.Count) && !p.tableWhole() {
		title = "The " + number(t.Count) + " processes that the log shows, the largest first"
		if t.Count == 1 {
			title = "The only process that the log shows"
		}
	} else if len(rows) == int(t.Count) {
		title = "All " + number(t.Count) + " processes, the largest first"
		switch t.Count {
		case 1:
			title = "The only process"
		case 2:
			title = "Both processes, the larger first"
		}
	}
	page, known := p.report.PageSize()
	memory := func(pages int64) string {
		switch {
		case pages < 0: // a counter that fell below zero
			return "-"
		case known:
			return kill.Size(pages * page)
		}
		return number(pages) + " pages"
	}
	cells = [][]string{{"pid", "memory"}}
	if t.Table.Has(report.ColSwapents) {
		cells[0] = append(cells[0], "swap")
	}
	if t.Table.Has(report.ColOOMScoreAdj) {
		cells[0] = append(cells[0], "adj")
	}
	cells[0] = append(cells[0], "name")
	var own *report.Task // the victim's row, which may bear the pid of another of its threads
	if victim := p.victim(); victim != nil {
		own = t.ByPID(victim.PID)
	}
	for _, row := range rows {
		cells = append(cells, p.task(row, row == own || p.killed(row.PID), memory))
	}
	if own != nil && !slices.Contains(rows, own) {
		cells = append(cells, []string{"..."}, p.task(own, true, memory))
	}
	return title, cells
}

// tableWhole reports whether the table shows all processes: the log has it whole, and its rows make
// up what the counters say that processes held. Who shortens a report by hand leaves rows out.
func (p *page) tableWhole() bool {
	if !p.report.TableWhole() || p.Diagnosis == nil {
		return p.report.TableWhole()
	}
	page, known := p.report.PageSize()
	anon := p.Diagnosis.Held.Anon
	return !known || !anon.OK || p.report.Tasks.RSSPages*page >= anon.V-anon.V/32 // counters lag
}

// table writes rows: all columns but the last stand at their right ends. What was killed is marked.
func (p *page) table(rows [][]string) {
	var widths [5]int
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	last := len(rows[0]) - 1
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if i < last {
				cell = right(cell, widths[i])
			}
			line += indent + cell
		}
		if strings.HasSuffix(line, killedMark) {
			line = p.colored(red, line)
		}
		p.line(line)
	}
}

// killedMark stands behind the name of a process that was killed.
const killedMark = "  <- killed"

// killed reports whether a process is the victim, or died with it.
func (p *page) killed(pid int64) bool {
	victim := p.victim()
	return victim != nil && (victim.PID == pid || p.inGroup() && slices.ContainsFunc(p.report.Kills, func(k report.Kill) bool { return k.PID == pid }))
}

// task returns one row of the table.
func (p *page) task(row *report.Task, killed bool, memory func(pages int64) string) []string {
	t := &p.report.Tasks.Table
	cells := []string{number(row.PID), memory(row.Values[report.ColRSS])}
	if t.Has(report.ColSwapents) {
		cells = append(cells, memory(row.Values[report.ColSwapents]))
	}
	if t.Has(report.ColOOMScoreAdj) {
		cells = append(cells, number(row.Values[report.ColOOMScoreAdj]))
	}
	name := untied(quoted(printable(row.Name)))
	if killed {
		name += killedMark
	}
	return append(cells, name)
}
