// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"
	"testing"
)

// TestPageOfAHeldKill: a kill of the kernel is held while another killer's of the same process may
// be the one, and comes back after other reports, whose memory its own report has served by then.
// Its page says nothing of them.
func TestPageOfAHeldKill(t *testing.T) {
	report := func(at string, uptime float64, name string, pid int, cgroup string) string {
		var b strings.Builder
		for _, line := range []string{
			name + " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
			"memory: usage 524288kB, limit 524288kB, failcnt 19",
			"Memory cgroup stats for " + cgroup + ":",
			"anon 500000000",
			"Tasks state (memory values in pages):",
			"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
			fmt.Sprintf("[%7d]     0 %5d    93850   122958   110592        0             0 %s", pid, pid, name),
			fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=%s,task_memcg=%[1]s,task=%s,pid=%d,uid=0", cgroup, name, pid),
			fmt.Sprintf("Memory cgroup out of memory: Killed process %d (%s) total-vm:375400kB, anon-rss:491832kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0", pid, name),
		} {
			fmt.Fprintf(&b, "2026-05-01T06:00:%s+00:00 node-1 kernel: [%12.6f] %s\n", at, uptime, line)
		}
		return b.String()
	}
	log := `2026-05-01T06:00:00.000000+00:00 node-1 earlyoom[300]: sending SIGKILL to process 4410 uid 0 "python3": oom_score 1201, oom_score_adj 0, VmRSS 30511 MiB, cmdline "python3 train.py"` + "\n" +
		report("00.100000", 1000.1, "python3", 4410, "/a") + report("00.300000", 1000.3, "java", 4411, "/b") + report("00.350000", 1000.35, "node", 4412, "/c") +
		"2026-05-01T06:00:00.500000+00:00 node-1 earlyoom[300]: kill failed: Operation not permitted\n" +
		report("20.000000", 1020, "ruby", 4413, "/c")
	file := written(t, "kern.log", []byte(log))
	seen := 0
	for number := 1; number <= 5; number++ {
		_, page, _ := call(t, "", "explain", "--kill", fmt.Sprint(number), file)
		for name, cgroup := range map[string]string{"python3 (pid 4410)": "a", "python3 (4410) in": "a", "java (pid 4411)": "b", "node (pid 4412)": "c", "ruby (pid 4413)": "c"} {
			head, _, _ := strings.Cut(strings.ReplaceAll(page, "\n", " "), "2026-")
			if !strings.Contains(head, name) {
				continue
			}
			seen++
			if !strings.Contains(strings.ToLower(head), "cgroup /"+cgroup+" ") && !strings.Contains(head, "cgroup "+cgroup+":") {
				t.Errorf("the page of %s, which was in /%s, says %q", name, cgroup, head)
			}
		}
	}
	if seen != 4 {
		t.Errorf("%d kills", seen)
	}
	_, listed, _ := call(t, "", "-o", "html", file)
	if n := strings.Count(listed, "<article"); n != 5 {
		t.Errorf("%d pages in the list", n)
	}
}
