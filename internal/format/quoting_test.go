// SPDX-License-Identifier: Apache-2.0

package format

import (
	"os"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestQuotingEvents: a line that quotes the kernel in an event is another writer's, with its text
// as it is.
func TestQuotingEvents(t *testing.T) {
	log, err := os.ReadFile("../../testdata/cases/Q01-quoting.log")
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for line := range strings.Lines(string(log)) {
		line = strings.TrimSpace(line)
		if !strings.Contains(line, "OOMKilling") && !strings.Contains(strings.ToLower(line), "message:") || line[0] == '[' {
			continue
		}
		events++
		for _, indent := range []string{"", "  ", "\t"} {
			got := storeLines(indent+line, report.SourceSyslog)
			if len(got) != 1 || !strings.Contains(got[0], " user ") {
				t.Errorf("%q makes %q", indent+line, got)
			}
		}
	}
	if events < 8 {
		t.Errorf("only %d events", events)
	}
}

// TestNoQuotingEvents: the words of an event in a line of the kernel's, or in a name, make it no
// event.
func TestNoQuotingEvents(t *testing.T) {
	for _, line := range []string{
		"OOMKilling invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"Out of memory: Killed process 7 (OOMKilling) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB",
		"Out of memory: Killed process 7 (a OOMKilling b) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB",
		"May  1 12:00:00 host kernel: oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/a OOMKilling b,task=a,pid=1,uid=0",
		"Warning OOMKill invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"3m Warning cpuset=/a 3m Warning OOMKilling mems_allowed=0",
		"3m cpuset=Warning OOMKilling mems_allowed=0",
		"message: invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"message: a cpuset=/ mems_allowed=0",
		"Memory cgroup stats for /a Warning OOMKilling:",
		"Task in /a Warning OOMKilling killed as a result of limit of /a",
		"messages: text",
		"a message: text",
		"oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/x, OOMKilling Killed,task=a,pid=1,uid=0",
	} {
		if quotesKernel([]byte(line)) {
			t.Errorf("%q is taken for an event", line)
		}
	}
}

// quotesKernel reports whether a row of the table that applies to b takes it for an event.
func quotesKernel(b []byte) bool {
	for i := range wrapperForms {
		if wrapperFormsAt.rows(b)&(1<<i) == 0 {
			continue
		}
		if w, _, ok := wrapperForms[i].open(b); ok {
			return w.foreign
		}
	}
	return false
}
