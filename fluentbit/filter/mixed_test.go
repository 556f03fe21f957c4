// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"os"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// interleaved returns the reports of two nodes of one image, line by line in turn, each with the
// fields that tell its node.
func interleaved(t *testing.T, tell func(node string) []form.KV) (events []fbtest.Event) {
	t.Helper()
	var nodes [2][]fbtest.Kmsg
	for i, release := range []string{"6.12", "7.2"} {
		raw, err := os.ReadFile("../../testdata/captures/" + release + "/e_k8s_systemd/kmsg.raw")
		if err != nil {
			t.Fatal(err)
		}
		nodes[i] = fbtest.ReadKmsg(raw)
		began := nodes[i][0].Usec
		for j := range nodes[i] {
			nodes[i][j].Usec += 5_000_000 + int64(i)*700 - began // booted together
		}
	}
	for i := range max(len(nodes[0]), len(nodes[1])) {
		for j, name := range []string{"node-1", "node-2"} {
			if i < len(nodes[j]) {
				e := nodes[j][i].InKmsg()
				e.Record = append(e.Record, tell(name)...)
				events = append(events, e)
			}
		}
	}
	return events
}

// TestNodesAreToldApart: a node is known by each of the fields that Kubernetes and people add.
func TestNodesAreToldApart(t *testing.T) {
	for _, key := range []string{"node", "nodename", "k8s.node.name", "kubernetes.host", "host", "hostname", "kubernetes"} {
		f, _ := newFilter(t, "Mode", "only")
		out := run(t, f, "kernel", interleaved(t, func(node string) []form.KV {
			if key == "kubernetes" {
				return []form.KV{{Key: key, Value: []form.KV{{Key: "host", Value: node}}}}
			}
			return []form.KV{{Key: key, Value: node}}
		})...)
		hosts := map[any]int{}
		for i := range out {
			oom, _ := oomOf(t, out[i:i+1])
			if oom["event_name"] != "oom.kill" || oom["report_complete"] != true {
				t.Errorf("%s: %v, complete %v", key, oom["event_name"], oom["report_complete"])
			}
			hosts[oom["host_name"]]++
		}
		if len(out) != 2 || hosts["node-1"] != 1 || hosts["node-2"] != 1 {
			t.Errorf("%s: %d records of %v", key, len(out), hosts)
		}
	}
}

// TestNodesThatCannotBeToldApart: nothing that is made of the lines of two nodes is complete or
// says that nobody was killed, and one warning says what to set.
func TestNodesThatCannotBeToldApart(t *testing.T) {
	f, lines := newFilter(t, "Mode", "only")
	out := run(t, f, "kernel", interleaved(t, func(string) []form.KV { return nil })...)
	for i := range out {
		oom, _ := oomOf(t, out[i:i+1])
		if oom["event_name"] == "oom.no_victim" || oom["report_complete"] == true {
			t.Errorf("%v, complete %v", oom["event_name"], oom["report_complete"])
		}
		if oom["event_name"] == "oom.kill" && oom["trigger_name"] != nil {
			t.Errorf("process %v, trigger %v: which of the two asked is not known", oom["process_title"], oom["trigger_name"])
		}
	}
	if len(out) == 0 {
		t.Error("no record")
	}
	warnings := 0
	for _, line := range *lines {
		if strings.Contains(line, "Stream_Keys") && strings.Contains(line, "inside another") {
			warnings++
		}
	}
	if warnings != 1 {
		t.Errorf("%d warnings in %q", warnings, *lines)
	}
}

// TestFurtherLines: a line without a header belongs to the record before it, and so to its host,
// also where its indent is not that of journalctl, since a name was replaced in the file.
func TestFurtherLines(t *testing.T) {
	log, err := os.ReadFile("../../testdata/witnesses/kernel-global/short.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"node-1", "n1", "a-node-with-a-long-name"} {
		f, _ := newFilter(t, "Mode", "only", "Format", "flat")
		var events []fbtest.Event
		for line := range strings.Lines(strings.ReplaceAll(string(log), "node-1", host)) {
			events = append(events, fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: strings.TrimSuffix(line, "\n")}}})
		}
		out := run(t, f, "tail.0", events...)
		if len(out) == 0 || out[0].Record["oom.report.lines"] != int64(66) || out[0].Record["oom.host_memory.free"] != int64(271708160) {
			t.Errorf("%s: %d records, %v", host, len(out), out)
		}
	}
}
