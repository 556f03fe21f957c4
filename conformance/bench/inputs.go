// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
)

// allCaptures returns all captures of the repository as one log of /dev/kmsg: each goes on, in
// number and time, a minute behind the one before it.
func allCaptures() ([]byte, error) {
	list, err := captures.Load("testdata/captures-full")
	if err != nil {
		return nil, err
	}
	var log []byte
	var number, now, began int
	for _, c := range list {
		began = now + 60_000_000
		for line := range bytes.Lines(c.Log("kmsg")) {
			if head := bytes.SplitN(line, []byte(","), 4); len(head) == 4 && line[0] != ' ' {
				stamp, _ := strconv.Atoi(string(head[2]))
				now = began + stamp
				log = fmt.Appendf(log, "%s,%d,%d,%s", head[0], number, now, head[3])
				number++
				continue
			}
			log = append(log, line...) // of a dictionary
		}
	}
	return log, nil
}

// oneReport returns the lines of one report, each with its priority: a kill at a cgroup's limit.
func oneReport() ([]string, error) {
	b, err := os.ReadFile("testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	return strings.Split(strings.TrimSpace(string(b)), "\n"), err
}

// withReports is ordinary log with one report in every 10,000 lines.
func withReports(c ordinary.Format, size int) ([]byte, error) {
	report, err := oneReport()
	if err != nil {
		return nil, err
	}
	w := ordinary.NewWriter(c, 2)
	for len(w.Log) < size {
		w.Ordinary(5000)
		for _, line := range report {
			head, text, _ := strings.Cut(line, ";")
			number, _, _ := strings.Cut(head, ",")
			priority, err := strconv.Atoi(number)
			if err != nil {
				return nil, err
			}
			w.Line(priority, text)
		}
		w.Ordinary(5000 - len(report))
	}
	return w.Log, nil
}

// manyTasks is one report of a kill on a host with n tasks.
func manyTasks(n int) []byte {
	w := ordinary.NewWriter(ordinary.Kmsg, 3)
	w.Line(4, "stress invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0")
	w.Line(4, "CPU: 3 UID: 0 PID: 4242 Comm: stress Not tainted 6.12.1 #1")
	w.Line(6, "Tasks state (memory values in pages):")
	w.Line(6, "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name")
	for i := range n {
		w.Line(6, fmt.Sprintf("[%7d] %5d %5d %8d %8d %8d %8d %9d %8d %8d         %5d worker-%d", 1000+i, 1000, 1000+i, 9385+i%777, 1302+i%555, 1144, 158, 0, 110592, 0, 0, i%1000))
	}
	w.Line(6, "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=worker-1,pid=1001,uid=1000")
	w.Line(3, "Out of memory: Killed process 1001 (worker-1) total-vm:37544kB, anon-rss:4576kB, file-rss:632kB, shmem-rss:0kB, UID:1000 pgtables:108kB oom_score_adj:0")
	return w.Log
}

// almost are lines that nearly match, in the ways that cost a parser most.
var almost = map[string]string{
	"words of a kill":      "Out of memory: Killed process x (Killed process 1 (Out of memory: Killed process 2 (",
	"parentheses":          "Out of memory: Killed process 17 " + strings.Repeat("()", 400),
	"invocation":           strings.Repeat("a invoked oom-killer ", 40),
	"cgroup stats":         "Memory cgroup stats for /" + strings.Repeat(" a:1KB", 150) + " b",
	"limits":               "Task in /a" + strings.Repeat(" killed as a result of limit of /a", 30),
	"cgroup paths":         "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/a" + strings.Repeat(",task_memcg=/a,oom_memcg=/a", 30) + ",task=b,pid=1,uid=x",
	"task rows":            "[      1]     0     1 " + strings.Repeat("1 ", 400),
	"cpu line":             "CPU: 0 PID: 1 Comm: a" + strings.Repeat(" Not tainted", 80),
	"pieces of keys":       strings.Repeat("oom-kilKilled emory cgrout of memortotal_vTasks stat", 18),
	"colons and callbacks": strings.Repeat("a: 1 callbacks suppresse ", 38),
}

// hostile repeats a line, each time with the next number, to at least size bytes; behind the head
// of a report if open is set.
func hostile(line string, size int, open bool) []byte {
	w := ordinary.NewWriter(ordinary.Kmsg, 4)
	if open {
		w.Line(4, "stress invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0")
	}
	for len(w.Log) < size {
		w.Line(4, line)
	}
	return w.Log
}

// whole cuts text to at most n bytes, at a line's end.
func whole(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	return text[:bytes.LastIndexByte(text[:n], '\n')+1]
}
