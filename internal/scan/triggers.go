// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/search"
	"github.com/oomtrail/oomtrail/internal/witness"
)

// kernelTriggers are pieces of words. Each line of the kernel's log that can begin a report, make a
// record, or change how later lines are read holds one. Of each word the piece is taken that other
// lines have least. The lines of other programs have triggers of their own: see package witness.
var kernelTriggers = []string{
	"oom-kill", // invoked oom-killer, oom-kill:constraint=
	"oom kill", // oom killer … has mm pinned by …
	"oom_kill", // oom_kill_process: … callbacks suppressed
	"oom_reap", // oom_reaper: …
	"y.oom.gr", // … are going to be killed due to memory.oom.group set
	"Killed p", // Killed process …
	"ill proc", // Kill process … or sacrifice child
	"of limit", // Task in … killed as a result of limit of …
	"Task in ", // the first half of that line, which 3.16 broke in two
	"mory lim", // Memory limit reached of cgroup …
	"emory cg", // Memory cgroup stats, Memory cgroup out of memory
	": usage ", // memory: usage …, limit …, failcnt …
	"f memory", // Out of memory …
	"f Memory", // Out of Memory … (2.6)
	"y (MPOL_", // No available memory (MPOL_BIND)
	"cpuset: ", // No available memory in cpuset: …
	" deadloc", // System is deadlocked on memory
	"total_vm", // the head of a task table
	"y values", // Tasks state (memory values in pages):
	"al OOM e", // sysrq: Manual OOM execution
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

// Triggers returns the keys that each line which has to be read holds one of, of [search.KeyLen]
// ASCII characters each; deaths adds those of lines about deaths by SIGKILL.
func Triggers(deaths bool) []string {
	all := append(slices.Clone(kernelTriggers), witness.Triggers(deaths)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// keys are two sets: without the keys about deaths, and with them.
type keys [2]*search.Keys

func keysOf(list func(deaths bool) []string) keys {
	return keys{search.NewKeys(list(false)...), search.NewKeys(list(true)...)}
}

func (k *keys) of(deaths bool) *search.Keys {
	if deaths {
		return k[1]
	}
	return k[0]
}

var triggerKeys, witnessKeys = keysOf(Triggers), keysOf(witness.Triggers)

// TriggerKeys returns the set of [Triggers].
func TriggerKeys(deaths bool) *search.Keys { return triggerKeys.of(deaths) }

// WitnessKeys returns the set of those triggers that lines of other programs hold.
func WitnessKeys(deaths bool) *search.Keys { return witnessKeys.of(deaths) }
