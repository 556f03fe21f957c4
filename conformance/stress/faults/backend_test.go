// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/parser"
)

// partialSuccess is how a server answers over OTLP that it has taken none of a request: 200, and a
// message in which one record counts as rejected.
const partialSuccess = "\x0a\x0b\x08\x01\x12\x07no room"

// smallQueue makes a queue that holds two requests.
var smallQueue = strings.Replace(fileToBackend, queueOnDisk, queueOnDisk+"      queue_size: 2\n", 1)

// backendFaults are the faults of a server that come and go.
var backendFaults = []struct {
	name, config string
	fault        backends.Fault
	// lost tells that what is sent meanwhile is lost; said is then what the collector tells of it,
	// uids whether it names them.
	lost bool
	said string
	uids bool
}{
	{name: "down", config: fileToBackend, fault: backends.Fault{Down: true}},
	{name: "down, no queue", config: withoutQueue(fileToBackend), fault: backends.Fault{Down: true}},
	{name: "down, queue full", config: smallQueue, fault: backends.Fault{Down: true}},
	{name: "answers 503", config: fileToBackend, fault: backends.Fault{Status: http.StatusServiceUnavailable}},
	{name: "slow, 700 ms each", config: smallQueue, fault: backends.Fault{Delay: 700 * time.Millisecond}},
	{name: "too slow for the time-out", config: smallQueue, fault: backends.Fault{Delay: 3 * time.Second}},
	{name: "takes, its answers are lost", config: fileToBackend, fault: backends.Fault{LoseAnswer: true}},
	{name: "refuses for good, no queue", config: withoutQueue(fileToBackend), fault: backends.Fault{Status: http.StatusBadRequest},
		lost: true, said: "the next component refused them for good", uids: true},
	{name: "refuses for good, queue", config: fileToBackend, fault: backends.Fault{Status: http.StatusBadRequest},
		lost: true, said: "Exporting failed. Dropping data."},
	{name: "lies: 200, none taken", config: fileToBackend, fault: backends.Fault{Status: http.StatusOK, Body: partialSuccess, ContentType: "application/x-protobuf"},
		lost: true, said: "Partial success response"},
}

// TestBackend: whatever ails the server for a while, what it does not refuse for good arrives; what
// it does is told.
func TestBackend(t *testing.T) {
	for _, test := range backendFaults {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			gate := backends.NewGate(t, server.URL)
			p := collector(t, dir, gate.URL, test.config)
			log, k := filepath.Join(dir, "kern.log"), NewKernLog("n")
			kills := func(n int) {
				for range n {
					write(t, log, k.Any()...)
					time.Sleep(time.Duration(times(20, 200)) * time.Millisecond)
				}
			}
			p.Start(t)
			kills(5)
			Await(t, server, byName, k.Kills, 0)
			gate.Set(test.fault)
			before := gate.Requests()
			meanwhile := times(20, 300)
			kills(meanwhile)
			for end := time.Now().Add(patience); test.lost && time.Now().Before(end) && (gate.Requests() == before || !quiet(gate)); {
			}
			gate.Set(backends.Fault{})
			kills(5)
			lost := 0
			if test.lost {
				lost = meanwhile
			}
			row := settle(t, p, server, byName, k.Kills, lost)
			row.Scenario = "backend " + test.name
			row.Note = fmt.Sprintf("%d kills meanwhile, %s", meanwhile, peak(p))
			if test.lost {
				row.Note += ", told by the collector"
				told(t, p, test.said, test.uids, uidsOf(t, log, k.Kills[5:5+meanwhile]))
			}
			report(t, p, row, lost)
		})
	}
}

// quiet waits a second and reports whether no request came meanwhile.
func quiet(gate *backends.Gate) bool {
	n := gate.Requests()
	time.Sleep(time.Second)
	return gate.Requests() == n
}

// told checks that the collector has said that records are lost and, where it can, which.
func told(t *testing.T, p *Process, words string, withUIDs bool, uids []string) {
	t.Helper()
	said := string(p.Said())
	if !strings.Contains(said, words) {
		t.Errorf("the collector did not say %q:\n%s", words, p.Tail())
	}
	for _, uid := range uids {
		if withUIDs && !strings.Contains(said, uid) {
			t.Errorf("the collector did not say that %s is lost", uid)
		}
	}
}

// uidsOf returns the ids of the records of some kills in a log.
func uidsOf(t *testing.T, log string, kills []string) (uids []string) {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = parser.ReadAll(f, parser.Options{}, func(r *parser.Record) error {
		if slices.Contains(kills, r.Text(byName.By)) {
			uids = append(uids, r.Text("log.record.uid"))
		}
		return nil
	})
	if err != nil || len(uids) != len(kills) {
		t.Fatalf("%d ids of %d kills, %v", len(uids), len(kills), err)
	}
	return uids
}
