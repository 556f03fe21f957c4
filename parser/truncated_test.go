// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"strings"
	"testing"
)

// TestTruncatedRecords: of a record that the kernel had no room for, and whose end it marks,
// nothing is said that the whole one does not say: no number that lost its last digits, no path
// that lost its last part.
func TestTruncatedRecords(t *testing.T) {
	inOneGoroutine(t)
	old := []string{
		"a invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=0-1, order=12, oom_score_adj=985", "a cpuset=/ mems_allowed=0-12", "CPU: 11 PID: 1123 Comm: a Not tainted 4.14.177 #1", "Call Trace:",
		"Task in /kubepods/burstable/pod12 killed as a result of limit of /kubepods/burstable", "memory: usage 32768kB, limit 32768kB, failcnt 1234",
		"Memory cgroup stats for /kubepods/burstable: cache:12KB rss:32560KB", "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name",
		"[ 1122]  1000  1122     9385     8302      210       5       12           985 b", "Memory cgroup out of memory: Kill process 1122 (b) score 1941 or sacrifice child",
		"Killed process 1122 (b) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:100kB",
	}
	memcg := []string{
		strings.Replace(invocation, "adj=0", "adj=985", 1), cpuLine, callTrace, " dump_stack+0x1/0x2", counter, statsHead, "anon 33358848", "file 123456", banner, taskHead, rowA, strings.Replace(rowB, " 0 b", " 985 b", 1), chosenB,
		strings.Replace(killed(memcgWords, 12, "b"), "adj:0", "adj:985", 1), "Tasks in /a/b are going to be killed due to memory.oom.group set",
	}
	host := []string{
		invocation, cpuLine, callTrace, "Mem-Info:", "active_anon:57970 inactive_anon:123 isolated_anon:0\n active_file:1 inactive_file:12 isolated_file:0\n free:682 free_pcp:1104 free_cma:0",
		"Node 0 active_anon:231880kB inactive_anon:12kB kernel_stack:1234kB all_unreclaimable? yes", "Node 0 DMA free:1040kB min:116kB low:144kB high:172kB present:15992kB managed:15360kB mlocked:10kB",
		"lowmem_reserve[]: 0 242 242", "Node 0 DMA: 1*4kB (M) 2*8kB (UM) = 1040kB", "Node 0 hugepages_total=4 hugepages_free=1 hugepages_surp=0 hugepages_size=2048kB", "1076 total pagecache pages",
		"Free swap  = 12kB", "Total swap = 99kB", "83752 pages RAM", "14169 pages reserved", banner, taskHead, rowA, rowB,
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/a/b12,task=b,pid=12,uid=0", killed(hostWords, 12, "b"),
	}
	mayDiffer := append([]string{"log.record.uid", "oom.record.key", "oom.report.id", "oom.report.complete", "oom.report.missing", "oom.report.lines", "oom.report.lost_records", "oom.diagnosis.cause", "oom.diagnosis.summary",
		"oom.diagnosis.advice", "oom.diagnosis.confidence", "oom.tasks.count", "oom.tasks.rss", "oom.tasks.top", "event.name", "oom.kmsg.sequence", "oom.selected.score"}, "oom.scope", "oom.constraint", "oom.cgroup.level")
	for _, lines := range [][]string{old, memcg, host} {
		whole := readText(t, Options{MemoryStat: MemoryStatAll}, kmsg(lines...))
		if len(whole) != 1 {
			t.Fatalf("%d records", len(whole))
		}
		for i, line := range lines {
			for n := 1; n < len(line); n++ {
				cut := append([]string(nil), lines...)
				cut[i] = line[:n] + "<truncated>"
				for _, r := range readText(t, Options{MemoryStat: MemoryStatAll}, kmsg(cut...)) {
					is, was := r.Without(mayDiffer...), whole[0].Without(mayDiffer...)
					for a := range is.Attrs() {
						v, ok := was.Get(a.Name)
						if name, selected := strings.CutPrefix(a.Name, "oom.selected."); selected && r.Text("event.name") == "oom.unresolved" {
							v, ok = was.Get(map[string]string{"pid": "process.pid", "name": "process.title"}[name]) // not for certain
						}
						if v != a.Value && (ok || a.Name != "oom.trigger.gfp_flags") {
							t.Errorf("%q: %s is %v, was %v", cut[i], a.Name, a.Value.Any(), v.Any())
						}
					}
					if _, ok := r.Get("process.pid"); !ok && strings.HasPrefix(r.Text("event.name"), "oom.kill") {
						t.Errorf("%q: nobody", cut[i])
					}
				}
			}
		}
	}
}
