// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// reportLines is a short report in the order in which the kernel prints it, from second 700 on.
var reportLines = []string{
	"[  700.000001] app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
	"[  700.000002] CPU: 0 PID: 4 Comm: app Not tainted 6.1.0 #1",
	"[  700.000003] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=hog,pid=5,uid=0",
	"[  700.000004] Out of memory: Killed process 5 (hog) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0",
}

func TestDirection(t *testing.T) {
	backwards := []string{}
	for i := range reportLines {
		backwards = append(backwards, reportLines[len(reportLines)-1-i])
	}
	early := strings.Repeat("[    0.000000] BIOS-e820: usable\n", 2000) // more than is looked at
	tests := []struct {
		name, log string
	}{
		{"in order", strings.Join(reportLines, "\n")},
		{"backwards", strings.Join(backwards, "\n")},
		{"a restart, and early lines that all bear zero", "[9000.000001] eth0: link up\n" + early + strings.Join(reportLines, "\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			err := parser.ReadAll(strings.NewReader(tt.log), parser.Options{}, func(r *parser.Record) error {
				got = append(got, fmt.Sprint(r.Text("event.name"), " ", r.Text("oom.trigger.name"), " ", r.Text("oom.kernel.release")))
				return nil
			})
			if err != nil || len(got) != 1 || got[0] != "oom.kill app 6.1.0" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
