// SPDX-License-Identifier: Apache-2.0

// Package kmsgtest has a kernel log in memory, for the tests of what reads one.
package kmsgtest

import (
	"fmt"
	"strings"
	"time"
)

// ReportLines are the lines of a cgroup kill as kernel 6.12 prints them, shortened to one line a
// section.
var ReportLines = []string{
	"4;app-main invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985",
	"4;CPU: 1 UID: 1000 PID: %[1]d Comm: app-main Not tainted 6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1",
	"6;memory: usage 24576kB, limit 24576kB, failcnt 19",
	"6;Tasks state (memory values in pages):",
	"6;[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name",
	"6;[%7[1]d]  1000 %5[1]d     7337     6256     6096      160         0    94208        0           985 app-main",
	"6;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=app.scope,mems_allowed=0,oom_memcg=/system.slice/app.service,task_memcg=/system.slice/app.service,task=app-main,pid=%[1]d,uid=1000",
	"3;Memory cgroup out of memory: Killed process %[1]d (app-main) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985",
}

// Printk prints records as /dev/kmsg gives them, numbered and stamped.
type Printk struct {
	// Sequence and Stamp are those of the next record.
	Sequence uint64
	Stamp    time.Duration
}

// Print returns one record. prefixed is the priority, a semicolon and the text.
func (k *Printk) Print(prefixed string) string {
	priority, text, _ := strings.Cut(prefixed, ";")
	record := fmt.Sprintf("%s,%d,%d,-;%s\n", priority, k.Sequence, k.Stamp.Microseconds(), text)
	k.Sequence++
	k.Stamp += 100 * time.Microsecond
	return record
}

// Report returns the records of one kill.
func (k *Printk) Report(pid int) []string {
	var records []string
	for _, line := range ReportLines {
		if strings.Contains(line, "%") {
			line = fmt.Sprintf(line, pid)
		}
		records = append(records, k.Print(line))
	}
	k.Stamp += time.Second
	return records
}
