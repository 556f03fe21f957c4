// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// TestSignalAfterDeath: a signal that a stream shows behind a death is not what it came of, in the
// same second or a millisecond later, whether both lines are of one chunk or not.
func TestSignalAfterDeath(t *testing.T) {
	const death, signal = "ingest.service: Main process exited, code=killed, status=9/KILL", "ingest.service: Sent signal SIGKILL to main process 4410 (ingest) on client request."
	for form, lines := range map[string][]string{
		"syslog":  {"May  2 10:00:00 node-7 systemd[1]: " + death, "May  2 10:00:00 node-7 systemd[1]: " + signal},
		"rfc5424": {"<29>1 2026-05-02T10:00:00.000000Z node-7 systemd 1 - - " + death, "<29>1 2026-05-02T10:00:00.001000Z node-7 systemd 1 - - " + signal},
	} {
		for _, together := range []bool{true, false} {
			f, _ := newFilter(t, "Format", "flat", "Mode", "only", "Sigkill", "on", "Location", "UTC")
			var out []fbtest.Decoded
			events := tailedLines(lines)
			if together {
				out = settled(t, f, events...)
			} else {
				out = append(run(t, f, "kube.events", events[0]), settled(t, f, events[1])...)
			}
			if len(out) != 1 || out[0].Record["oom.verdict.cause"] != "unknown" {
				t.Errorf("%s, together %t: %d records, cause %v", form, together, len(out), out[0].Record["oom.verdict.cause"])
			}
		}
	}
}

func tailedLines(lines []string) (events []fbtest.Event) {
	for _, line := range lines {
		events = append(events, fbtest.Event{Time: time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC), Record: []form.KV{{Key: "log", Value: line}}})
	}
	return events
}
