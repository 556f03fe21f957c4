// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// Match says which of the records that a server holds are a scenario's, and which kill each is of.
type Match struct {
	// UID and By are the fields that hold the record's id and what tells the kill. Loki's clients
	// write them with _ for each dot.
	UID, By string
	// Where is a filter in LogsQL; empty for all records.
	Where string
}

var byName = Match{UID: "log.record.uid", By: "process.title"}

// byPID finds the real kills of processes with a name.
func byPID(name string) Match {
	return Match{UID: "log.record.uid", By: "process.pid", Where: `"process.title":="` + name + `"`}
}

// filter is the query that finds the records.
func (m Match) filter() string { return fmt.Sprintf(`%q:* %s`, m.UID, m.Where) }

// patience is how long nothing may arrive before what is not there counts as lost.
const patience = 15 * time.Second

// Arrived returns the records that a server holds.
func Arrived(t testing.TB, server *backends.VictoriaLogs, m Match) (arrived []Arrival) {
	t.Helper()
	for _, entry := range server.Query(t, fmt.Sprintf("%s | fields %q, %q", m.filter(), m.UID, m.By)) {
		arrived = append(arrived, Arrival{UID: entry[m.UID], Kill: entry[m.By]})
	}
	return arrived
}

// Await waits until a server holds a record of each of these kills but of some, or until nothing
// new comes any more, and tallies.
func Await(t testing.TB, server *backends.VictoriaLogs, m Match, kills []string, but int) Row {
	t.Helper()
	var row Row
	for last := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		before := row.Distinct
		var err error
		if row, err = Tally(kills, Arrived(t, server, m)); err != nil {
			t.Fatal(err)
		}
		if row.Distinct > before {
			last = time.Now()
		}
		if row.Lost <= but || time.Since(last) > patience {
			return row
		}
	}
}
