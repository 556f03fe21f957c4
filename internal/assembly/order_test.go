// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestOrder: a log of which only some lines are left, or that looks odd in other ways, is not taken
// for one that runs backwards.
func TestOrder(t *testing.T) {
	const (
		head   = "app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
		chosen = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=app,pid=5,uid=0"
		killed = "Memory cgroup out of memory: Killed process 5 (app) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0"
	)
	kernel := func(texts ...string) string {
		return "Nov 29 09:00:10 a kernel: " + strings.Join(texts, "\nNov 29 09:00:10 a kernel: ")
	}
	tests := []struct {
		name, log string
		backwards bool
	}{
		{"heads and kills", kernel(killed, head, killed, head, killed, head), false},
		{"heads and choices", kernel(chosen, head, chosen, head, chosen), false},
		{"kills alone", kernel(killed, strings.ReplaceAll(killed, "5", "6")), false},
		{"choices and kills", kernel(chosen, killed, strings.ReplaceAll(chosen, "5", "6"), strings.ReplaceAll(killed, "5", "6")), false},
		{"a kill before its choice", kernel(killed, chosen, head), true},
		{"a kill before another one's choice", kernel(killed, strings.ReplaceAll(chosen, "5", "6")), false},
		{"new year", "Dec 31 23:59:59 a kernel: x\nJan  1 00:00:00 a kernel: y", false},
		{"new year, newest first", "Jan  1 00:00:00 a kernel: x\nDec 31 23:59:59 a kernel: y", true},
		{"stamps fall", "Nov 29 09:00:10 a kernel: x\nNov 29 09:00:09 a kernel: y", true},
		{"two kinds of stamps", "Nov 29 09:00:10 a kernel: x\n[Thu Oct  2 14:14:07 2025] y", false},
		{"a restart", "[  700.000000] x\n[    0.000000] y\n[    0.000000] z", false},
		{"nothing", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var order Order
			decoder := format.NewDecoder(report.Auto)
			for line := range strings.SplitSeq(test.log, "\n") {
				decoder.Decode([]byte(line), order.Line)
			}
			if got := order.Backwards(); got != test.backwards {
				t.Errorf("backwards is %v", got)
			}
		})
	}
}
