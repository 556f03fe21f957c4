// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestShortOOMKill: of a line that was shortened to some keys what stands there is taken; one whose
// values hold its own words is not believed.
func TestShortOOMKill(t *testing.T) {
	const head = "oom-kill:constraint=CONSTRAINT_MEMCG"
	for _, c := range []struct {
		line string
		want report.OOMKill
		ok   bool
	}{
		{head + ",oom_memcg=/system.slice/ingest.service,task=python3,pid=8123",
			report.OOMKill{Constraint: report.ConstraintMemcg, OOMMemcg: "/system.slice/ingest.service", HasOOMMemcg: true, Task: "python3", HasTask: true, PID: Some(8123)}, true},
		{head + ",task_memcg=/a,task=x y,pid=5,uid=-2",
			report.OOMKill{Constraint: report.ConstraintMemcg, TaskMemcg: "/a", HasTaskMemcg: true, Task: "x y", HasTask: true, PID: Some(5), UID: Some(-2)}, true},
		{head + ",pid=5", report.OOMKill{Constraint: report.ConstraintMemcg, PID: Some(5)}, true},
		{head + ",cpuset=a,mems_allowed=0-1,task=x,pid=5",
			report.OOMKill{Constraint: report.ConstraintMemcg, Cpuset: "a", HasCpuset: true, MemsAllowed: "0-1", Task: "x", HasTask: true, PID: Some(5)}, true},
		{head + ",task=x,pid=5x", report.OOMKill{}, false},
		{head + ",task=,task=x,pid=5,pid=6", report.OOMKill{}, false},
		{head + ",oom_memcg=/a,task=b,task=x,pid=5", report.OOMKill{}, false},
		{head + ",pid=5,task=x", report.OOMKill{}, false}, // not the kernel's order
		{head + ",oom_memcg=a,pid=5", report.OOMKill{}, false},
		{head + ",task=a_name_of_more_than_a_comm_can_hold_in_any_escaping_" + "0123456789012345678901234567890123456789012345678901234567890123456789,pid=5", report.OOMKill{}, false},
		{head + ",something=else", report.OOMKill{}, false},
	} {
		got, ok := ParseOOMKill(c.line)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v", c.line, got, ok)
		}
	}
}
