// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/parser"
)

// inKmsgTrust is how the expected records of in_kmsg are made: it masks the facility off, by which
// a line that a user wrote could be told from the kernel's.
var inKmsgTrust = parser.Options{Trust: parser.TrustAny}

// lastWords are a record so much later that it closes what is open.
const lastWords = "6,99999,9999000000,-;reboot: Restarting system\n"

func plugin(t *testing.T) string {
	return built(t, "build/fluentbit/flb-filter_oom_kill.so", "plugin")
}

// pluginHost starts a host that has loaded the shipped plugin, and returns what both log.
func pluginHost(t *testing.T) (*fbhost.Host, *bytes.Buffer) {
	t.Helper()
	program, err := fbhost.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	host, err := fbhost.Start(program, log, nil, plugin(t))
	if err != nil {
		t.Fatal(err)
	}
	return host, log
}

// TestFilter loads the shipped plugin as Fluent Bit does, and gives it the events that in_kmsg
// makes of each capture.
func TestFilter(t *testing.T) {
	throughFilters(t, 1)
}

// throughFilters sends each capture through so many filters in a row, all of them in one host.
func throughFilters(t *testing.T, filters int) {
	host, log := pluginHost(t)
	list := load(t)
	var got []contract.Record
	for _, c := range list {
		chunk := fbtest.Chunk(inKmsg(c.Kmsg)...)
		for id := range filters {
			if ret := host.Init(id, fbhost.Setting{Key: "Format", Value: "flat"}); ret != 0 {
				t.Fatalf("init of filter %d returned %d", id, ret)
			}
			if a := host.Filter(id, fbhost.Input{}, "kernel", chunk); a.Return == fbhost.Modified {
				chunk = a.Out
			}
			host.Exit(id)
		}
		got = append(got, fromChunk(t, chunk)...)
	}
	if err := host.Close(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	check(t, got, expected(t, list, Kmsg, inKmsgTrust))
}

// inKmsg makes the events that in_kmsg makes of a capture, and of the last words that close what is
// open.
func inKmsg(raw []byte) (events []fbtest.Event) {
	for _, k := range fbtest.ReadKmsg(append(bytes.Clone(raw), lastWords...)) {
		events = append(events, k.InKmsg())
	}
	return events
}

// TestFilterOfLines gives the shipped plugin the events that our input makes of each capture with
// Emit all, under the host's name of that input: the facility says what a user wrote.
func TestFilterOfLines(t *testing.T) {
	host, log := pluginHost(t)
	list := load(t)
	var got []contract.Record
	for _, c := range list {
		var events []fbtest.Event
		for _, k := range fbtest.ReadKmsg(append(bytes.Clone(c.Kmsg), lastWords...)) {
			events = append(events, k.InOwn("0123456789abcdef0123456789abcdef"))
		}
		if ret := host.Init(0, fbhost.Setting{Key: "Format", Value: "flat"}, fbhost.Setting{Key: "Trust", Value: "kernel"}); ret != 0 {
			t.Fatalf("init returned %d", ret)
		}
		a := host.Filter(0, fbhost.Input{Name: "oom_kill.0", Alias: "kernel"}, "kernel", fbtest.Chunk(events...))
		if a.Return == fbhost.Modified {
			got = append(got, fromChunk(t, a.Out)...)
		}
		host.Exit(0)
	}
	if err := host.Close(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for _, r := range got {
		if r["oom.trust"] != "verified" {
			t.Errorf("not verified: %v", r["body"])
		}
	}
	check(t, got, expected(t, list, Kmsg, parser.Options{Trust: parser.TrustKernel, TrustedSource: parser.TrustedKmsg}))
}

// fromChunk returns the records of ours among events, which the filter wrote in Format flat.
func fromChunk(t *testing.T, chunk []byte) (records []contract.Record) {
	t.Helper()
	events, err := fbtest.Decode(chunk)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if name, _ := e.Record["event.name"].(string); strings.HasPrefix(name, "oom.") {
			records = append(records, e.Record)
		}
	}
	return records
}

// TestTwoFiltersInARow: the second filter passes the first one's records, and does not tell again
// what it reads in the lines.
func TestTwoFiltersInARow(t *testing.T) {
	throughFilters(t, 2)
}
