package faults

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/backends"
)

// byName and byPID are the fields that tell which kill a record is of.
const (
	byName = "process.title"
	byPID  = "process.pid"
)

// patience is how long nothing may arrive before what is not there counts as lost.
const patience = 15 * time.Second

// Arrived returns the records that a server holds.
func Arrived(t testing.TB, server *backends.VictoriaLogs, by string) (arrived []Arrival) {
	t.Helper()
	for _, entry := range server.Query(t, `"event.name":="oom.kill" | fields "log.record.uid", "`+by+`"`) {
		arrived = append(arrived, Arrival{UID: entry["log.record.uid"], Kill: entry[by]})
	}
	return arrived
}

// Await waits until a server holds a record of each of these kills but of some, or until nothing new comes any more, and tallies.
func Await(t testing.TB, server *backends.VictoriaLogs, by string, kills []string, but int) Row {
	t.Helper()
	var row Row
	for last := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		before := row.Distinct
		var err error
		if row, err = Tally(kills, Arrived(t, server, by)); err != nil {
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
