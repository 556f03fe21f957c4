// SPDX-License-Identifier: Apache-2.0

package witnesses

import (
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestKubernetes: what the API server has of a pod, its events and its status, says what happened
// to it. With the journal beside them, in either order, an eviction is one, and a kill is counted
// once.
func TestKubernetes(t *testing.T) {
	tested := 0
	for _, c := range load(t) {
		status := c.Log("pod.json")
		if status == nil {
			continue
		}
		tested++
		t.Run(c.Name, func(t *testing.T) {
			var alone, both []string
			killed := slices.ContainsFunc(c.Deaths(), func(d Death) bool { return d.Killer == "kernel" })
			switch {
			case c.IsEvicted():
				alone, both = append(alone, record.EventEviction), append(both, record.EventEviction)
			case killed:
				alone, both = append(alone, record.EventObserved), append(both, record.EventKill)
			}
			checkAPI(t, "status", readLog(t, status, parser.Options{}), alone)
			api := input{slices.Concat(c.Log("kubernetes.json"), status), parser.TrustedNone}
			checkAPI(t, "events and status", readLog(t, api.log, parser.Options{}), alone)
			journal := input{c.Log("journal.json"), parser.TrustedJournald}
			o := parser.Options{HostName: "node-1", Location: time.UTC, Reference: reference}
			checkAPI(t, "after the journal", readShared(t, o, []input{journal, api}), both)
			checkAPI(t, "before the journal", readShared(t, o, []input{api, journal}), both)
		})
	}
	if tested == 0 {
		t.Error("no capture has the status of a pod")
	}
}

func checkAPI(t *testing.T, how string, records []*record.Record, want []string) {
	t.Helper()
	var got []string
	for _, r := range records {
		got = append(got, r.Text("event.name"))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, the truth is %q", how, got, want)
		for _, r := range records {
			t.Log(r.Body)
		}
	}
}
