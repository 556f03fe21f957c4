// SPDX-License-Identifier: Apache-2.0

package witnesses

import (
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestDockerEvents: Docker's events, as JSON and as text, say once that the kernel killed in a
// container, and why a container died of SIGKILL. With the journal beside them, in either order,
// the kernel's kill is counted, and nothing is observed.
func TestDockerEvents(t *testing.T) {
	tested := 0
	for _, c := range load(t) {
		for _, name := range []string{"events.json", "events.txt"} {
			log := c.Log(name)
			if log == nil {
				continue
			}
			tested++
			t.Run(c.Name+"/"+name, func(t *testing.T) {
				var alone, both []string
				for _, d := range c.Deaths() {
					first := len(d.PIDs) > 1 && d.PIDs[1] == 1 // the container's own process
					switch {
					case d.Killer == "kernel":
						alone, both = append(alone, record.EventObserved), append(both, record.EventKill)
						if first {
							alone, both = append(alone, "oom.sigkill kernel_oom"), append(both, "oom.sigkill kernel_oom")
						}
					case first && d.Last.Number == 9:
						alone, both = append(alone, "oom.sigkill sent"), append(both, "oom.sigkill sent")
					}
				}
				checkEvents(t, "alone", c, readLog(t, log, parser.Options{Sigkill: true}), alone)
				journal := input{c.Log("journal.json"), parser.TrustedJournald}
				events := input{log, parser.TrustedNone}
				o := parser.Options{HostName: "node-1", Location: time.UTC, Reference: reference, Sigkill: true}
				checkEvents(t, "after the journal", c, readShared(t, o, []input{journal, events}), both)
				checkEvents(t, "before the journal", c, readShared(t, o, []input{events, journal}), both)
			})
		}
	}
	if tested == 0 {
		t.Error("no capture has Docker's events")
	}
}

// checkEvents holds events and their causes against those that there must be.
func checkEvents(t *testing.T, how string, c *Capture, records []*record.Record, want []string) {
	t.Helper()
	var got []string
	for _, r := range records {
		event := r.Text("event.name")
		if event == record.EventSigkill {
			event += " " + r.Text("oom.verdict.cause")
		}
		got = append(got, event)
		if id := r.Text("container.id"); id != c.Container {
			t.Errorf("%s: container %q in %s", how, id, r.Body)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, the truth is %q", how, got, want)
	}
}
