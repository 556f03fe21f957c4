// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/cputime"
)

// TestTimeIsLinear: a line made of one word over and over is read in a time that grows as it does.
func TestTimeIsLinear(t *testing.T) {
	inOneGoroutine(t)
	heads := []string{"", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/",
		"Killed process 5 (", "Out of memory: Killed process 5 (", "Out of memory: Kill process 5 (", "Task in /", "Tasks in /", "Memory cgroup stats for /", "a invoked oom-killer: ",
		"CPU: 1 PID: 5 Comm: ", "Kernel panic - not syncing: Out of memory", "a cpuset=", "Node 0 Normal: ", "Node 0 Normal free:4kB ", "lowmem_reserve[]:", "active_anon:1 ", "oom_reaper: ",
		"[    5]     0     5     1     1     1     1     1     1     1 1 "}
	words := []string{")", ",task=", ",oom_memcg=/,task_memcg=/", ",mems_allowed=0", ",task_memcg=/a", ",cpuset=a", ",pid=1", ",uid=1", ": ", " killed as a result of limit of /", " invoked oom-killer: ",
		" cpuset=", " mems_allowed=", "(a) ", "\\x0a", " Not tainted ", ") total-vm:1kB", ":", " ", "[", "=3D", "<", "&lt;", "1", "Killed process 1 (", " Comm: ", ", ", "a:1kB ", "*4kB (U) ", "/kubepods/pod", ".slice", "-", "_"}
	tails := []string{"", ",task=b,pid=12,uid=0", " killed as a result of limit of /a", " are going to be killed due to memory.oom.group set", ") total-vm:1kB, anon-rss:1kB, file-rss:1kB"}
	const size = 64 << 10
	for _, head := range heads {
		for _, word := range words {
			for _, tail := range tails {
				cputime.Linear(t, size, func(size int) {
					line := head + strings.Repeat(word, size/len(word)) + tail
					read(t, Options{}, invocation, line, line, killed(memcgWords, 12, "b"))
				})
				if t.Failed() {
					t.Fatalf("%q, %q..., %q", head, word, tail)
				}
			}
		}
	}
}
