// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// TestWarned: kills of the kernel, and of other killers in this machine's journal, are asked about,
// by what ran out, and name the warning.
func TestWarned(t *testing.T) {
	const oomd = `{"__REALTIME_TIMESTAMP":"1777708800000000","_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"systemd-oomd","_COMM":"systemd-oomd","_SYSTEMD_UNIT":"systemd-oomd.service","_HOSTNAME":"node-1",` +
		`"MESSAGE":"Killed /shop.slice/cart.service due to memory pressure for /shop.slice being 74.18% > 60.00% for > 30s with reclaim activity"}`
	const earlyoom = `{"__REALTIME_TIMESTAMP":"1777708801000000","_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"earlyoom","_COMM":"earlyoom","_SYSTEMD_UNIT":"earlyoom.service","_HOSTNAME":"node-1",` +
		`"MESSAGE":"sending SIGTERM to process 20417 uid 1000 \"java\": badness 902, VmRSS 300 MiB"}`
	capture, err := os.ReadFile("../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	boot := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, log string
		format    parser.Format
		want      []string
	}{
		{"the kernel's, kmsg", string(capture), parser.FormatKmsg, []string{"/limited /limited"}},
		{"systemd-oomd's and earlyoom's, journal", oomd + "\n" + earlyoom + "\n", parser.FormatJournalJSON, []string{"/shop.slice /shop.slice/cart.service", "/ "}},
		{"another machine's journal", strings.ReplaceAll(oomd, "node-1", "node-2") + "\n", parser.FormatJournalJSON, nil},
		{"a text file", "May  2 10:00:00 node-1 systemd-oomd[812]: Killed /shop.slice/cart.service due to memory pressure for /shop.slice being 74.18% > 60.00% for > 30s with reclaim activity\n", parser.FormatSyslog, nil},
	} {
		var asked, named []string
		o := parser.Options{
			Transport: c.format, Boot: boot, HostName: "node-1",
			Warned: func(limit, victim string, at time.Time) (string, time.Duration) {
				if at.IsZero() {
					t.Errorf("%s: no time", c.name)
				}
				asked = append(asked, limit+" "+victim)
				return fmt.Sprintf("%032x", len(asked)), 3 * time.Second
			},
		}
		if err := parser.ReadAll(strings.NewReader(c.log), o, func(r *parser.Record) error {
			lead, _ := r.Get("oom.warning.lead")
			if id := r.Text("oom.warning.id"); id != "" && lead.Float64() == 3 && r.Text("event.name") == "oom.kill" {
				named = append(named, id)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(asked, c.want) || len(named) != len(c.want) {
			t.Errorf("%s: asked for %q, want %q; %d kills name a warning", c.name, asked, c.want, len(named))
		}
	}
}
