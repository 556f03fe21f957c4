// SPDX-License-Identifier: Apache-2.0

package scan

import "slices"

// triggers are pieces of words. Each line that can begin a report, make a record, or change how
// later lines are read holds one. Of each word the piece is taken that other lines have least.
var triggers = []string{
	"oom-kill", // invoked oom-killer, oom-kill:constraint=
	"oom kill", // oom killer … has mm pinned by …
	"oom_kill", // oom_kill_process: … callbacks suppressed
	"oom_reap", // oom_reaper: …
	"oom.grou", // … are going to be killed due to memory.oom.group set
	"Killed p", // Killed process …
	"ill proc", // Kill process … or sacrifice child
	"d as a r", // Task in … killed as a result of limit of …
	"Task in ", // the first half of that line, which 3.16 broke in two
	"ory limi", // Memory limit reached of cgroup …
	"ry cgrou", // Memory cgroup stats, Memory cgroup out of memory
	": usage ", // memory: usage …, limit …, failcnt …
	"f memory", // Out of memory …
	"f Memory", // Out of Memory … (2.6)
	"No avail", // No available memory (MPOL_BIND)
	" deadloc", // System is deadlocked on memory
	"total_vm", // the head of a task table
	"y values", // Tasks state (memory values in pages):
	"nual OOM", // sysrq: Manual OOM execution
	"t ignore", // OOM request ignored …
	"OOM vict", // OOM victim … is already exiting
	"ge alloc", // page allocation failure: no OOM, but it prints the same tables
	"vmalloc:", // vmalloc: allocation failure …
	"vmalloc ", // vmalloc error: size …
	"how Memo", // sysrq: Show Memory
	"B: Unabl", // SLUB: Unable to allocate memory on node …
	"tk messa", // ** 12 printk messages dropped **
	"nel mess", // Missed 12 kernel messages
	"ges lost", // imjournal: 12 messages lost due to rate-limiting
	`SSAGE":[`, // a MESSAGE that journalctl prints as an array of bytes
	`AGE" : [`, // the same, pretty-printed
}

var triggerKeys = NewKeys(triggers...)

// TriggerKeys returns the keys that [IndexTrigger] looks for, of [KeyLen] ASCII characters each.
func TriggerKeys() []string { return slices.Clone(triggers) }

// IndexTrigger returns the place of a trigger in the first line of b that holds one, or -1. It
// allocates nothing.
func IndexTrigger(b []byte) int { return triggerKeys.Index(b) }
