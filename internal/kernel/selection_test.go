// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseSelection(t *testing.T) {
	for _, c := range []struct {
		line string
		want report.Selection
	}{
		{"Out of Memory: Kill process 2431 (httpd) score 15 and children.", report.Selection{Message: report.MessageOutOfMemory, PID: 2431, Comm: "httpd", Score: 15, HasScore: true}},
		{"Out of memory: kill process 16758 (avgscand) score 4134 or a child", report.Selection{Message: report.MessageOutOfMemory, PID: 16758, Comm: "avgscand", Score: 4134, HasScore: true}},
		{"Memory cgroup out of memory: Kill process 1667 (gunpowder-memho) score 1003 or sacrifice child",
			report.Selection{Message: report.MessageMemcg, PID: 1667, Comm: "gunpowder-memho", Score: 1003, HasScore: true}},
		{"Out of memory (oom_kill_allocating_task): Kill process 5 (x) score 0 or sacrifice child", report.Selection{Message: report.MessageAllocating, PID: 5, Comm: "x", HasScore: true}},
		{"No available memory (MPOL_BIND): kill process 5 (x) score 9 or a child", report.Selection{Message: report.MessageMempolicy, PID: 5, Comm: "x", Score: 9, HasScore: true}},
		{"Out of memory: Kill process 3719 (ndsd) score 19 or", report.Selection{Message: report.MessageOutOfMemory, PID: 3719, Comm: "ndsd", Score: 19, HasScore: true}},
		{"Out of memory: Kill process 3719 (ndsd) score 19", report.Selection{Message: report.MessageOutOfMemory, PID: 3719, Comm: "ndsd"}},
		{"Memory cgroup out of memory: Kill process 284 (syz-executor)", report.Selection{Message: report.MessageMemcg, PID: 284, Comm: "syz-executor"}},
		{"Out of memory: Kill process 31490 (corerun) score 897 or sacrifice child```", report.Selection{Message: report.MessageOutOfMemory, PID: 31490, Comm: "corerun", Score: 897, HasScore: true}},
	} {
		if got, ok := ParseSelection(c.line); !ok || got != c.want {
			t.Errorf("%q\n got %+v %v\nwant %+v", c.line, got, ok, c.want)
		}
		if kind := Classify(c.line); kind != SelectionLine {
			t.Errorf("%q is %v", c.line, kind)
		}
	}
	for _, comm := range hostileComms {
		line := "Out of memory: Kill process 7 (" + comm + ") score 9 or sacrifice child"
		if got, ok := ParseSelection(line); !ok || got.Comm != comm || got.Score != 9 || !got.HasScore {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
	}
	for _, line := range []string{"", "Kill process 7 (x) sharing same memory", "Kill process 7 (x) score 9 or sacrifice child",
		"Out of memory: Kill process **** (****) score **** or sacrifice child", "Out of memory: Kill process 7 (x) because I say so",
		"x: Out of memory: Kill process 7 (x) score 9 or sacrifice child", "Out of memory: Kill process 7 (x) score 9 or so they say"} {
		if v, ok := ParseSelection(line); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
