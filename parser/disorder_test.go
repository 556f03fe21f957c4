// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"slices"
	"strings"
	"testing"
)

// TestTwoHostsInOne: the logs of two hosts line by line in turn, which nothing tells apart: no
// record of them is complete, none says that nobody was killed, and no kill has a trigger.
func TestTwoHostsInOne(t *testing.T) {
	logs := captured(t)
	p, err := New(Options{TrustedSource: TrustedSyslog})
	if err != nil {
		t.Fatal(err)
	}
	var lines [2][]string
	for i, path := range []string{"../testdata/captures/6.12/e_k8s_systemd/kmsg.raw", "../testdata/captures/7.2/e_k8s_systemd/kmsg.raw"} {
		for line := range strings.Lines(split(t, string(logs[path]), formats()["dmesg"])) {
			lines[i] = append(lines[i], strings.TrimSuffix(line, "\n"))
		}
	}
	var records []*Record
	for i := range max(len(lines[0]), len(lines[1])) {
		for _, of := range lines {
			if i < len(of) {
				r := p.Feed([]byte(of[i]))
				records = append(records, slices.Clone(r.Records)...)
			}
		}
	}
	records = append(records, p.Flush()...)
	kills := 0
	for _, r := range records {
		event := r.Text("event.name")
		complete, _ := r.Get("oom.report.complete")
		if event == "oom.no_victim" || complete.Bool() {
			t.Errorf("%s, complete %v: %s", event, complete.Bool(), r.Body)
		}
		if event == "oom.kill" {
			kills++
			if trigger := r.Text("oom.trigger.name"); trigger != "" {
				t.Errorf("%s: trigger %s", r.Body, trigger)
			}
		}
	}
	if kills != 2 {
		t.Errorf("%d kills", kills)
	}
}
