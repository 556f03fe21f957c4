// SPDX-License-Identifier: Apache-2.0

package parser

import "testing"

// TestPIDUsedAgain: in a burst of kills a pid may be used again within two seconds; the same kill
// told twice is one.
func TestPIDUsedAgain(t *testing.T) {
	const rest = " total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
	tests := []struct {
		name, first, second string
		kills               int
	}{
		{"another name", "Memory cgroup out of memory: Killed process 500 (a)" + rest, "+1 Memory cgroup out of memory: Killed process 500 (b)" + rest, 2},
		{"the same name", "Memory cgroup out of memory: Killed process 500 (a)" + rest, "+1 Memory cgroup out of memory: Killed process 500 (a)" + rest, 1},
		{"the same name, later", "Memory cgroup out of memory: Killed process 500 (a)" + rest, "+4 Memory cgroup out of memory: Killed process 500 (a)" + rest, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := read(t, Options{}, test.first, test.second); len(got) != test.kills {
				t.Errorf("%d records, want %d", len(got), test.kills)
			}
		})
	}
}

// TestDamagedNameInGroupKill: the chosen victim of a group kill is printed twice; a byte damaged in
// one of the names makes no second process.
func TestDamagedNameInGroupKill(t *testing.T) {
	const rest = " total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
	got := read(t, Options{},
		"Memory cgroup out of memory: Killed process 500 (grp-hog)"+rest,
		"Tasks in /grp are going to be killed due to memory.oom.group set",
		"Memory cgroup out of memory: Killed process 501 (grp-0)"+rest,
		"Memory cgroup out of memory: Killed process 500 (grp-hOg)"+rest)
	if len(got) != 2 {
		t.Errorf("%d records, want 2", len(got))
	}
}
