// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// shown is how many of the largest processes a page has.
const shown = 10

// Processes are the largest processes of the task table.
type Processes struct {
	// Title says which they are.
	Title string
	// Rows are the largest first. A victim that is not among them is the last, and Apart.
	Rows []Process
	// HasSwap and HasAdj are set where the table has these columns.
	HasSwap, HasAdj bool
}

// Process is a row of the task table.
type Process struct {
	PID int64
	// Name is printable, in quotes where it has blanks.
	Name string
	// Memory is what it had in RAM, Swap what it had in swap.
	Memory, Swap Amount
	// Adj is its oom_score_adj.
	Adj int64
	// Killed is set for the victim and for who died with it.
	Killed bool
	// Apart is set where rows between it and the one before are left out.
	Apart bool
}

// Amount is a size that the kernel printed in pages.
type Amount struct {
	// Pages is negative where the counter fell below zero.
	Pages int64
	// Bytes is absent where the size of a page is not known, or the counter fell below zero.
	Bytes report.Int
}

// Text is the amount for a person.
func (a Amount) Text() string {
	switch {
	case a.Pages < 0:
		return "-"
	case a.Bytes.OK:
		return kill.Size(a.Bytes.V)
	}
	return number(a.Pages) + " pages"
}

// processes returns the largest processes, nil where there is no table.
func (m *maker) processes() *Processes {
	t := &m.report.Tasks
	if t.Rows.Len() == 0 || !t.Table.Has(report.ColRSS) {
		return nil
	}
	n := shown
	if m.All {
		n = t.Rows.Len()
	}
	rows := t.Rows.AppendLargest(nil, n)
	p := &Processes{Title: m.title(len(rows)), HasSwap: t.Table.Has(report.ColSwapents), HasAdj: t.Table.Has(report.ColOOMScoreAdj)}
	own := m.ownRow()
	for _, row := range rows {
		p.Rows = append(p.Rows, m.task(row, row == own || m.killed(row.PID)))
	}
	if own != nil && !slices.Contains(rows, own) {
		last := m.task(own, true)
		last.Apart = true
		p.Rows = append(p.Rows, last)
	}
	return p
}

// ownRow is the victim's row of the table, which may bear the pid of another of its threads; nil
// without one.
func (m *maker) ownRow() *report.Task {
	if victim := m.victim(); victim != nil {
		return m.report.Tasks.ByPID(victim.PID)
	}
	return nil
}

// title says which the largest processes are, of which so many are listed.
func (m *maker) title(listed int) string {
	count := m.report.Tasks.Count
	switch whole := m.tableWhole(); {
	case listed != int(count):
		return "The largest of " + number(count) + " processes"
	case count == 1 && whole:
		return "The only process"
	case count == 1:
		return "The only process that the log shows"
	case count == 2 && whole:
		return "Both processes, the larger first"
	case whole:
		return "All " + number(count) + " processes, the largest first"
	}
	return "The " + number(count) + " processes that the log shows, the largest first"
}

// tableWhole reports whether the table shows all processes: the log has it whole, and its rows make
// up what the counters say that processes held. Who shortens a report by hand leaves rows out.
func (m *maker) tableWhole() bool {
	if !m.report.TableWhole() || m.Diagnosis == nil {
		return m.report.TableWhole()
	}
	page, known := m.report.PageSize()
	anon := m.Diagnosis.Held.Anon
	return !known || !anon.OK || m.report.Tasks.RSSPages*page >= anon.V-anon.V/32 // counters lag
}

// killed reports whether a process is the victim, or died with it.
func (m *maker) killed(pid int64) bool {
	victim := m.victim()
	return victim != nil && (victim.PID == pid || m.inGroup() && slices.ContainsFunc(m.report.Kills, func(k report.Kill) bool { return k.PID == pid }))
}

// task returns one row of the table.
func (m *maker) task(row *report.Task, killed bool) Process {
	return Process{
		PID: row.PID, Name: Untied(quoted(plain.Printable(row.Name))), Killed: killed, Adj: row.Values[report.ColOOMScoreAdj],
		Memory: m.amount(row.Values[report.ColRSS]), Swap: m.amount(row.Values[report.ColSwapents]),
	}
}

func (m *maker) amount(pages int64) Amount {
	a := Amount{Pages: pages}
	if page, known := m.report.PageSize(); known && pages >= 0 {
		a.Bytes = report.Some(pages * page)
	}
	return a
}
