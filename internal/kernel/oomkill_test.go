// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseOOMKill(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       report.OOMKill
	}{
		{"5.0 always says NONE",
			"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/test1,task_memcg=/test1,task=a.out,pid=9692,uid=-2",
			report.OOMKill{Constraint: report.ConstraintNone, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0", OOMMemcg: "/test1", HasOOMMemcg: true,
				TaskMemcg: "/test1", HasTaskMemcg: true, Task: "a.out", HasTask: true, PID: Some(9692), UID: Some(-2), Complete: true}},
		{"global",
			"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/user.slice/user-1021.slice/session-963.scope,task=MATLAB,pid=4167877,uid=1021",
			report.OOMKill{Constraint: report.ConstraintNone, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0-1", Global: true,
				TaskMemcg: "/user.slice/user-1021.slice/session-963.scope", HasTaskMemcg: true, Task: "MATLAB", HasTask: true, PID: Some(4167877), UID: Some(1021), Complete: true}},
		{"limit above the task's cgroup",
			"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=docker-a5.scope,mems_allowed=0,oom_memcg=/lxc/39004,task_memcg=/lxc/39004/ns/system.slice/docker-a5.scope,task=php-fpm,pid=3902942,uid=1000",
			report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)", Cpuset: "docker-a5.scope", HasCpuset: true, MemsAllowed: "0", OOMMemcg: "/lxc/39004", HasOOMMemcg: true,
				TaskMemcg: "/lxc/39004/ns/system.slice/docker-a5.scope", HasTaskMemcg: true, Task: "php-fpm", HasTask: true, PID: Some(3902942), UID: Some(1000), Complete: true}},
		{"the root's limit",
			"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/,task_memcg=/a,task=x,pid=1,uid=0",
			report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0", OOMMemcg: "/", HasOOMMemcg: true,
				TaskMemcg: "/a", HasTaskMemcg: true, Task: "x", HasTask: true, PID: Some(1), UID: Some(0), Complete: true}},
		{"cpuset and lists with commas",
			"oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=cpuset-n1,mems_allowed=0,2-3,global_oom,task_memcg=/,task=x,pid=5,uid=0",
			report.OOMKill{Constraint: report.ConstraintCpuset, Nodemask: "(null)", Cpuset: "cpuset-n1", HasCpuset: true, MemsAllowed: "0,2-3", Global: true,
				TaskMemcg: "/", HasTaskMemcg: true, Task: "x", HasTask: true, PID: Some(5), UID: Some(0), Complete: true}},
		{"memory policy",
			"oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=0,2,cpuset=/,mems_allowed=0-3,global_oom,task_memcg=/,task=x,pid=5,uid=0",
			report.OOMKill{Constraint: report.ConstraintMemoryPolicy, Nodemask: "0,2", Cpuset: "/", HasCpuset: true, MemsAllowed: "0-3", Global: true,
				TaskMemcg: "/", HasTaskMemcg: true, Task: "x", HasTask: true, PID: Some(5), UID: Some(0), Complete: true}},
		{"neither cpusets nor memory cgroups",
			"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=x,pid=5,uid=0",
			report.OOMKill{Constraint: report.ConstraintNone, Nodemask: "(null)", Task: "x", HasTask: true, PID: Some(5), UID: Some(0), Complete: true}},
		{"path too long to print",
			"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=(name too long),task=x,pid=5,uid=0",
			report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0", OOMMemcg: "/a", HasOOMMemcg: true,
				TaskMemcg: "(name too long)", HasTaskMemcg: true, Task: "x", HasTask: true, PID: Some(5), UID: Some(0), Complete: true}},
		// Cut lines.
		{"first piece", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)"}},
		{"abridged", "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=test,mems_allowed=0",
			report.OOMKill{Constraint: report.ConstraintCpuset, Nodemask: "(null)"}},
		{"last pieces lost", "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom",
			report.OOMKill{Constraint: report.ConstraintNone, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0", Global: true}},
		{"cut in the path", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0-1,oom_memcg=/ltp/test-9552,task_memcg=/ltp/test-95520",
			report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0-1", OOMMemcg: "/ltp/test-9552", HasOOMMemcg: true}},
		{"cut in the pid", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0-1,oom_memcg=/a,task_memcg=/a,task=alloc_anon,pid=10",
			report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0-1", OOMMemcg: "/a", HasOOMMemcg: true,
				TaskMemcg: "/a", HasTaskMemcg: true, Task: "alloc_anon", HasTask: true}},
		{"left-overs behind it", "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=x,pid=5,uid=7</pre>",
			report.OOMKill{Constraint: report.ConstraintNone, Nodemask: "(null)", Cpuset: "/", HasCpuset: true, MemsAllowed: "0", Global: true,
				TaskMemcg: "/", HasTaskMemcg: true, Task: "x", HasTask: true, PID: Some(5), UID: Some(7)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := ParseOOMKill(c.line); !ok || got != c.want {
				t.Errorf("%q\n got %+v %v\nwant %+v", c.line, got, ok, c.want)
			}
		})
	}
}

// oomKillLine renders the line as the kernel does; limit "" is a global one.
func oomKillLine(cpuset, limit, task, comm string) string {
	where := ",global_oom"
	if limit != "" {
		where = ",oom_memcg=" + limit
	}
	return fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=%s,mems_allowed=0%s,task_memcg=%s,task=%s,pid=271,uid=1000", cpuset, where, task, comm)
}

func TestParseOOMKillHostile(t *testing.T) {
	for _, name := range append(hostileCgroups, "plain") {
		path := "/evilcg/" + name
		for _, comm := range append(hostileComms, "cghog01") {
			for _, limit := range []string{path, "/evilcg", "/", ""} {
				line := oomKillLine(name, limit, path, comm)
				got, ok := ParseOOMKillOf(line, comm)
				want := report.OOMKill{Constraint: report.ConstraintMemcg, Nodemask: "(null)", Cpuset: name, HasCpuset: true, MemsAllowed: "0", Global: limit == "",
					OOMMemcg: limit, HasOOMMemcg: limit != "", TaskMemcg: path, HasTaskMemcg: true, Task: comm, HasTask: true,
					PID: Some(271), UID: Some(1000), Complete: true}
				if !ok || got != want {
					t.Errorf("%q\n got %+v %v", line, got, ok)
				}
			}
		}
	}
}

// A path longer than printk keeps in a record may have been cut: it is not taken.
func TestParseOOMKillLongPath(t *testing.T) {
	long := "/" + strings.Repeat("x", 250) + "/" + strings.Repeat("y", 250) + "/" + strings.Repeat("z", 250) + "/" + strings.Repeat("w", 250)
	got, ok := ParseOOMKill(oomKillLine("w", long[:989], long[:989], "deep"))
	if !ok || got.Complete || got.HasTaskMemcg || got.HasOOMMemcg || got.PID != Some(271) {
		t.Errorf("got %+v %v", got, ok)
	}
	got, ok = ParseOOMKill(oomKillLine("w", "/"+strings.Repeat("x", 250), long[:989], "deep"))
	if !ok || got.Complete || got.HasTaskMemcg || !got.HasOOMMemcg || got.PID != Some(271) {
		t.Errorf("got %+v %v", got, ok)
	}
}

func TestParseOOMKillRefuses(t *testing.T) {
	for _, line := range []string{
		"", "oom-kill", "oom-kill:", "oom-kill:constr", "oom-kill:constraint=CONSTRAINT_FOO,nodemask=(null)", "oom-kill:constraint=it was the admin",
		"oom-kill:constraint=CONSTRAINT_NONE, said the log", " oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)",
	} {
		if v, ok := ParseOOMKill(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
