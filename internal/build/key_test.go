// SPDX-License-Identifier: Apache-2.0

package build

import (
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// buildFrom makes the record of one kill line that a carrier brought from a host.
func buildFrom(o Options, host, machineID string) *record.Record {
	a, b := assembly.New(assembly.Options{}), NewBuilder(o)
	a.Line(&format.Line{
		Text: []byte(killWith(108)), Format: report.Syslog, Level: -1, Facility: -1, Uptime: 1, HasUptime: true, Host: []byte(host), MachineID: []byte(machineID),
	})
	return b.Build(&a.Events()[0])
}

// TestKey: clones that die alike have equal ids and different keys; the same kill has the same key
// wherever the host's name came from.
func TestKey(t *testing.T) {
	const idA, idB = "a8f5f167f44f4964e6c998dee827110c", "b8f5f167f44f4964e6c998dee827110c"
	setting := Options{HostName: "node-1.example", HostID: idA}
	for _, c := range []struct {
		name               string
		o                  Options
		host, machineID    string
		wantName, wantID   string
		sameAs, differFrom *record.Record
	}{
		{name: "no host", differFrom: buildFrom(Options{}, "node-1", "")},
		{name: "a name", host: "node-1", wantName: "node-1", sameAs: buildFrom(Options{HostName: "node-1"}, "", ""), differFrom: buildFrom(Options{}, "node-2", "")},
		{name: "an id", host: "node-1", machineID: idA, wantName: "node-1", wantID: idA, sameAs: buildFrom(setting, "", ""), differFrom: buildFrom(Options{}, "node-1", idB)},
		{name: "the setting's host", o: setting, wantName: "node-1.example", wantID: idA},
		{name: "the setting's host, named by the line", o: setting, host: "NODE-1", wantName: "NODE-1", wantID: idA, sameAs: buildFrom(setting, "", "")},
		{name: "another host than the setting's", o: setting, host: "node-2", wantName: "node-2", sameAs: buildFrom(Options{}, "node-2", ""), differFrom: buildFrom(setting, "node-3", "")},
		{name: "a name that begins like the setting's", o: setting, host: "node-1.examples", wantName: "node-1.examples"},
		{name: "a hostile name", host: "a\nb\xff", wantName: `a\x0ab\xff`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := buildFrom(c.o, c.host, c.machineID)
			if name, id := r.Text("host.name"), r.Text("host.id"); name != c.wantName || id != c.wantID {
				t.Errorf("host.name %q, host.id %q, want %q and %q", name, id, c.wantName, c.wantID)
			}
			key := r.Text("oom.record.key")
			if want := record.Key(r.Text("log.record.uid"), r.Text("host.id"), r.Text("host.name"), ""); key != want || len(key) != 32 {
				t.Errorf("the key is %q, not that of the record's own fields, %q", key, want)
			}
			for _, other := range []*record.Record{c.sameAs, c.differFrom} {
				if other != nil && other.Text("log.record.uid") != r.Text("log.record.uid") {
					t.Error("the ids differ")
				}
			}
			if c.sameAs != nil && c.sameAs.Text("oom.record.key") != key {
				t.Error("another key than from the setting")
			}
			if c.differFrom != nil && c.differFrom.Text("oom.record.key") == key {
				t.Error("the same key as of another host")
			}
		})
	}
}

// TestBuiltRecordsCanBeRecords: what the builder makes passes its own check.
func TestBuiltRecordsCanBeRecords(t *testing.T) {
	r := build(t, Options{}, invoked, chosen, killWith(108))
	if event, uid, version := r.Text("event.name"), r.Text("log.record.uid"), r.Text("oom.record.version"); !record.CanBeRecord(event, uid, version) {
		t.Errorf("event %q, id %q, version %q", event, uid, version)
	}
}
