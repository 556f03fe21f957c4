// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"testing"
)

// TestTableOfRow: of a table without its head the columns are known where the pid's width and their number leave one form.
func TestTableOfRow(t *testing.T) {
	const none = "-"
	for _, c := range []struct{ name, row, want string }{
		{"4.19", fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d         %5d %s", 41022, 1000, 41022, 60021, 2201, 348160, 7, -998, "Socket Process"), "rss=2201 swapents=7 adj=-998 pgtables=348160 name=Socket Process"},
		{"6.8", fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d %9d %8d %8d         %5d %s", 1365, 990, 1365, 4420, 213, 128, 85, 0, 77824, 96, -900, "systemd-oomd"), "rss=213 swapents=96 adj=-900 pgtables=77824 name=systemd-oomd"},
		{"4.0", fmt.Sprintf("[%5d] %5d %5d %8d %8d %7d %7d %8d         %5d %s", 4242, 0, 4242, 119281, 1724, 22, 4, 9, -998, "runc:[2:INIT]"), "rss=1724 swapents=9 adj=-998 pgtables=0 name=runc:[2:INIT]"},
		{"a name of numbers", fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d         %5d %s", 5, 0, 5, 60021, 2201, 348160, 7, 0, "1 2 3"), "rss=2201 swapents=7 adj=0 pgtables=348160 name=1 2 3"},
		{"3.10 or 4.15: two forms fit", fmt.Sprintf("[%5d] %5d %5d %8d %8d %8d %8d         %5d %s", 4242, 0, 4242, 119281, 1724, 22, 4, -998, "runc"), none},
		{"2.6.25, no wide blank", fmt.Sprintf("[%5d] %5d %5d %8d %8d %3d     %3d %s", 4242, 0, 4242, 119281, 1724, 1, 0, "runc"), none},
		{"blanks squeezed", "[ 41022] 1000 41022 60021 2201 348160 0 0 x", none},
		{"no row", "[   12.345678] eth0: link up", none},
		{"broken off", "[  41022]  1000  41022    60021", none},
	} {
		got := none
		if table, ok := TableOfRow(c.row); ok {
			v, ok := ParseTask(c.row, &table)
			got = fmt.Sprintf("rss=%d swapents=%d adj=%d pgtables=%d name=%s", v.Values[ColRSS], v.Values[ColSwapents], v.Values[ColOOMScoreAdj], v.Values[ColPgtablesBytes], v.Name)
			if !ok {
				got = "unreadable"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestShortOOMKill: of a line that was shortened to some keys what stands there is taken; one whose values hold its own words is not
// believed.
func TestShortOOMKill(t *testing.T) {
	const head = "oom-kill:constraint=CONSTRAINT_MEMCG"
	for _, c := range []struct {
		line string
		want OOMKill
		ok   bool
	}{
		{head + ",oom_memcg=/system.slice/ingest.service,task=python3,pid=8123",
			OOMKill{Constraint: ConstraintMemcg, OOMMemcg: "/system.slice/ingest.service", HasOOMMemcg: true, Task: "python3", HasTask: true, PID: Some(8123)}, true},
		{head + ",task_memcg=/a,task=x y,pid=5,uid=-2",
			OOMKill{Constraint: ConstraintMemcg, TaskMemcg: "/a", HasTaskMemcg: true, Task: "x y", HasTask: true, PID: Some(5), UID: Some(-2)}, true},
		{head + ",pid=5", OOMKill{Constraint: ConstraintMemcg, PID: Some(5)}, true},
		{head + ",cpuset=a,mems_allowed=0-1,task=x,pid=5",
			OOMKill{Constraint: ConstraintMemcg, Cpuset: "a", HasCpuset: true, MemsAllowed: "0-1", Task: "x", HasTask: true, PID: Some(5)}, true},
		{head + ",task=x,pid=5x", OOMKill{}, false},
		{head + ",task=,task=x,pid=5,pid=6", OOMKill{}, false},
		{head + ",oom_memcg=/a,task=b,task=x,pid=5", OOMKill{}, false},
		{head + ",pid=5,task=x", OOMKill{}, false}, // not the kernel's order
		{head + ",oom_memcg=a,pid=5", OOMKill{}, false},
		{head + ",task=a_name_of_more_than_a_comm_can_hold_in_any_escaping_" + "0123456789012345678901234567890123456789012345678901234567890123456789,pid=5", OOMKill{}, false},
		{head + ",something=else", OOMKill{}, false},
	} {
		got, ok := ParseOOMKill(c.line)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v", c.line, got, ok)
		}
	}
}
