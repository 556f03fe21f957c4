// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/page"
)

// processes lists the largest processes of the task table.
func (w *writer) processes(p *page.Processes) {
	if p != nil {
		w.heading(p.Title)
		w.table(cells(p))
	}
}

// cells returns the cells of the table of processes, the heads of the columns first.
func cells(p *page.Processes) [][]string {
	head := []string{"pid", "memory"}
	if p.HasSwap {
		head = append(head, "swap")
	}
	if p.HasAdj {
		head = append(head, "adj")
	}
	rows := [][]string{append(head, "name")}
	for i := range p.Rows {
		r := &p.Rows[i]
		row := []string{number(r.PID), r.Memory.Text()}
		if p.HasSwap {
			row = append(row, r.Swap.Text())
		}
		if p.HasAdj {
			row = append(row, number(r.Adj))
		}
		name := r.Name
		if r.Killed {
			name += killedMark
		}
		if r.Apart {
			rows = append(rows, []string{"..."})
		}
		rows = append(rows, append(row, name))
	}
	return rows
}

// killedMark stands behind the name of a process that was killed.
const killedMark = "  <- killed"

// table writes rows: all columns but the last stand at their right ends. What was killed is marked.
func (w *writer) table(rows [][]string) {
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
			line = w.colored(red, line)
		}
		w.line(line)
	}
}
