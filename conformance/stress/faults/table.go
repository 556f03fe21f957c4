// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// Row is what one scenario came to.
type Row struct {
	Scenario string
	// Kills is how many happened, Distinct how many ids of records the backend holds.
	Kills, Distinct int
	// Lost is how many kills have no record, Repeated how many records are there once more than
	// needed.
	Lost, Repeated int
	Note           string
}

// Arrival is a record as the backend holds it: its id, and what tells which kill it is of.
type Arrival struct{ UID, Kill string }

// Tally compares the kills that happened with the records that arrived. An error says that a record
// is of no kill, that two kills have one id, or that one kill has two: no fault may lead to that.
func Tally(kills []string, arrived []Arrival) (row Row, err error) {
	uids := make(map[string]string, len(kills))
	for _, kill := range kills {
		uids[kill] = ""
	}
	of := make(map[string]string, len(arrived))
	for _, a := range arrived {
		switch uid, happened := uids[a.Kill]; {
		case !happened:
			err = fmt.Errorf("a record of a kill that never was: %+v", a)
		case uid != "" && uid != a.UID:
			err = fmt.Errorf("kill %s has two ids: %s and %s", a.Kill, uid, a.UID)
		case of[a.UID] != "" && of[a.UID] != a.Kill:
			err = fmt.Errorf("kills %s and %s have one id: %s", a.Kill, of[a.UID], a.UID)
		}
		uids[a.Kill], of[a.UID] = a.UID, a.Kill
	}
	row = Row{Kills: len(kills), Distinct: len(of), Repeated: len(arrived) - len(of)}
	for _, kill := range kills {
		if uids[kill] == "" {
			row.Lost++
		}
	}
	return row, err
}

// Table collects rows and prints them.
type Table struct {
	mu   sync.Mutex
	rows []Row
}

// Add adds a row.
func (t *Table) Add(r Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, r)
}

// Print writes the table, by scenario; nothing when it is empty.
func (t *Table) Print(to io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.rows) == 0 {
		return
	}
	slices.SortStableFunc(t.rows, func(a, b Row) int { return strings.Compare(a.Scenario, b.Scenario) })
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scenario\tkills in\tdistinct uids out\tlost\trepeated\tnote")
	for _, r := range t.rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\n", r.Scenario, r.Kills, r.Distinct, r.Lost, r.Repeated, r.Note)
	}
	_ = w.Flush() // to standard output
}
