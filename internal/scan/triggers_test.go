// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"strings"
	"testing"
)

// kernelLines are the forms of the lines that have to be read, those of the kernel's log.
var kernelLines = []string{
	"stress invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
	"oom-killer: gfp_mask=0x1d2 order=0",
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a,pid=1,uid=0",
	"oom killer 12 (a) has mm pinned by 13 (b)",
	"oom_kill_process: 17 callbacks suppressed",
	"oom_reaper: reaped process 1 (a), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
	"oom_reaper: unable to reap pid:1 (a)",
	"Tasks in /a are going to be killed due to memory.oom.group set",
	"Memory cgroup out of memory: Killed process 1 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB",
	"Out of memory (oom_kill_allocating_task): Kill process 1 (a) score 5 or sacrifice child",
	"Out of memory: kill process 1 (a) score 5 or a child",
	"Out of Memory: Killed process 1 (a).",
	"Out of memory and no killable processes...",
	"Kernel panic - not syncing: Out of memory and no killable processes...",
	"Kernel panic - not syncing: System is deadlocked on memory",
	"No available memory (MPOL_BIND): Killed process 1 (a)",
	"No available memory (MPOL_BIND): ",
	"No available memory in cpuset: Kill process 1 (a) score 5 or sacrifice child",
	"No available memory in cpuset: ",
	"Killed process 1 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
	"Kill process 1 (a) score 5 or sacrifice child",
	"Task in /a killed as a result of limit of /b",
	"Task in /a",
	" killed as a result of limit of /b",
	"Memory limit reached of cgroup /a",
	"memory: usage 1024kB, limit 1024kB, failcnt 5",
	"memory+swap: usage 1024kB, limit 1024kB, failcnt 5",
	"swap: usage 0kB, limit 9007199254740988kB, failcnt 0",
	"kmem: usage 0kB, limit 9007199254740988kB, failcnt 0",
	"Memory cgroup stats for /a: cache:0KB rss:1KB",
	"Memory cgroup stats for /a:",
	"Memory cgroup stats : cache:0KB rss:1KB",
	"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
	"Tasks state (memory values in pages):",
	"sysrq: Manual OOM execution",
	"SysRq : Manual OOM execution",
	"OOM request ignored because killer is disabled",
	"sysrq: OOM request ignored. No task eligible",
	"OOM victim 1 (a) is already exiting. Skip killing the task",
	"a: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL)",
	"vmalloc: allocation failure: 4096 bytes",
	"vmalloc error: size 4096, page order 0, failed to allocate pages",
	"sysrq: Show Memory",
	"SLUB: Unable to allocate memory on node -1, gfp=0xcc0(GFP_KERNEL)",
	"** 12 printk messages dropped **",
	"Missed 12 kernel messages",
	"imjournal: 12 messages lost due to rate-limiting",
	`{"PRIORITY":"3","MESSAGE":[79,117,116]}`,
	`	"MESSAGE" : [`,
}

// TestKernelLinesHoldTriggers finds each of the kernel's lines at any place of a text. The lines of
// other programs are read only where they hold a trigger, so that the tests of package witness show
// that each does.
func TestKernelLinesHoldTriggers(t *testing.T) {
	keys := TriggerKeys(false)
	for _, line := range kernelLines {
		for before := range 24 {
			text := strings.Repeat("x", before) + line
			if at := keys.Index([]byte(text)); at < 0 {
				t.Fatalf("not found: %q", text)
			}
		}
	}
}

// TestEachKernelTriggerIsOfALine: no trigger is looked for that none of the lines needs.
func TestEachKernelTriggerIsOfALine(t *testing.T) {
	all := strings.Join(kernelLines, "\n")
	for _, trigger := range kernelTriggers {
		if !strings.Contains(all, trigger) {
			t.Errorf("no line holds %q", trigger)
		}
	}
}
