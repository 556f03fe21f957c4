// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lastNumbers are the attributes whose figure, or path, ends its line: where the line is cut inside
// it nothing shows that something is lost.
var lastNumbers = strings.Fields(`oom.cgroup_memory.failcnt oom.cgroup_memsw.failcnt oom.cgroup_kmem.failcnt oom.cgroup_swap.failcnt
oom.trigger.oom_score_adj oom.victim.oom_score_adj process.real_user.id oom.cgroup.path oom.cgroup.level oom.trigger.mems_allowed
oom.host_memory.anon oom.host_memory.file oom.host_memory.writeback oom.host_memory.page_tables oom.host_memory.slab_unreclaimable`)

// TestCutLines parses reports with one line cut at any byte: what they say is the same as in the
// whole report, or absent.
func TestCutLines(t *testing.T) {
	step := 11
	if *full {
		step = 1
	}
	for i, name := range []string{"2.6.32", "rhel6.6", "3.10", "rhel7.7", "4.14", "5.0", "rhel8.3", "5.10", "6.12", "7.3"} {
		k := KernelNamed(name)
		for _, title := range []string{"host", "memcg v1"} {
			for _, s := range Scenarios {
				if s.Title == title && s.Possible(k) {
					checkCut(t, k, s, int64(i), step)
				}
			}
		}
	}
}

func checkCut(t *testing.T, k Kernel, s Scenario, seed int64, step int) {
	t.Helper()
	format := FormatNamed("dmesg")
	records := Stored(k, false, Report(k, s, NewValues(seed, Ordinary)))
	whole := parseRecords(t, format, records)
	for at, record := range records {
		for n := 1 + at%step; n < len(record.Text); n += step {
			cut := slices.Clone(records)
			cut[at].Text = record.Text[:n]
			for i, r := range parseRecords(t, format, cut) {
				where := fmt.Sprintf("%s, %s, seed %d, cut to %q, record %d", k.Name, s.Title, seed, tail(cut[at].Text), i)
				checkPart(t, where, s, r, whole, lastNumbers...)
			}
		}
	}
}

// tail returns the last bytes of a text.
func tail(s string) string { return s[max(0, len(s)-60):] }
