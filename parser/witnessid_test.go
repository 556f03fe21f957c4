// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// TestWitnessIDs: the ids of records, and of the lines that they rest on, depend on what the log
// says alone, not on where and when it is taken to have been written.
func TestWitnessIDs(t *testing.T) {
	const nohang = "2026-05-02 10:00:00,123: Implementing a corrective action:\n  Sending SIGKILL to the victim\n2026-05-02 10:00:00,456: The victim died in 0.12s\n"
	logs := map[string]string{
		"syslog without year and zone": unitLines,
		"short-precise": strings.ReplaceAll(strings.ReplaceAll(unitLines, ":00 node", ":00.250000 node"),
			":01 node", ":01.750000 node"),
		"dmesg -T": "[Sat May  2 10:00:00 2026] oomd kill: 0.00 0.00 0.00 system.slice/ingest.service 524288000 ruleset:[user] detectorgroup:[swap] killer:kill_by_memory_size_or_growth v2\n",
		"klog": "W0502 10:00:01.120043    1021 eviction_manager.go:344] eviction manager: attempting to reclaim memory\n" +
			"I0502 10:00:02.998120    1021 eviction_manager.go:577] eviction manager: pod cart-0_shop(3c6b91da-f9f8-4b9a-99b3-eba2e3b3c36d) is evicted successfully\n",
		"nohang's file": `  PID: 24117, name: ingest, badness: 902
` + nohang,
		"with year and zone": "2026-05-02T10:00:00.5+02:00 node-7 systemd[1]: ingest.service: A process of this unit has been killed by the OOM killer.\n",
	}
	day := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	datings := []struct {
		name      string
		location  *time.Location
		reference time.Time
	}{
		{"UTC", time.UTC, day},
		{"half an hour off", time.FixedZone("", 5*3600+1800), day},
		{"another year", time.UTC, day.AddDate(-3, 0, 0)},
		{"before the day of the log", time.FixedZone("", -7*3600), day.AddDate(0, -3, 0)},
		{"no reference", time.UTC, time.Time{}},
		{"nothing", nil, time.Time{}},
	}
	ids := make(map[string][]string)
	for name, log := range logs {
		for _, d := range datings {
			o := parser.Options{Sigkill: true, Location: d.location, Reference: func() time.Time { return d.reference }}
			var got []string
			err := parser.ReadAll(strings.NewReader(log), o, func(r *parser.Record) error {
				got = append(got, r.Text("event.name")+" "+r.Text("log.record.uid")+" "+r.Text("oom.verdict.evidence"))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			switch before := ids[name]; {
			case len(got) == 0:
				t.Errorf("%s, %s: no record", name, d.name)
			case before == nil:
				ids[name] = got
			case !slices.Equal(got, before):
				t.Errorf("%s, %s: %q, want %q", name, d.name, got, before)
			}
		}
	}
	if a, b := ids["syslog without year and zone"], ids["short-precise"]; !slices.Equal(a, b) {
		t.Errorf("parts of a second change an id: %q, %q", a, b)
	}
}
