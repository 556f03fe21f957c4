package parser

import "encoding/binary"

// keyLen is the length of a key: eight bytes can be compared at once.
const keyLen = 8

// keys are pieces of words of which every line that can begin a report, make a record, or change how the lines after it are
// read holds one. Of each word the piece is taken that other lines have least.
var keys = [...]string{
	"oom-kill", // invoked oom-killer, oom-kill:constraint=
	"oom kill", // oom killer … has mm pinned by …
	"oom_kill", // oom_kill_process: … callbacks suppressed
	"oom_reap", // oom_reaper: …
	"oom.grou", // … are going to be killed due to memory.oom.group set
	"Killed p", // Killed process …
	"ill proc", // Kill process … or sacrifice child
	"illed as", // Task in … killed as a result of limit of …
	"Task in ", // the first half of that line, which 3.16 broke in two
	"ory limi", // Memory limit reached of cgroup …
	"ry cgrou", // Memory cgroup stats, Memory cgroup out of memory
	": usage ", // memory: usage …, limit …, failcnt …
	"f memory", // Out of memory …
	"f Memory", // Out of Memory … (2.6)
	"able mem", // No available memory (MPOL_BIND)
	"ked on m", // System is deadlocked on memory
	"total_vm", // the head of a task table
	"asks sta", // Tasks state (memory values in pages):
	"nual OOM", // sysrq: Manual OOM execution
	"OOM requ", // OOM request ignored …
	"OOM vict", // OOM victim … is already exiting
	"llocatio", // page allocation failure: no OOM, but it prints the same tables
	"vmalloc ", // vmalloc error: size …
	"how Memo", // sysrq: Show Memory
	"to alloc", // SLUB: Unable to allocate memory on node …
	" printk ", // ** 12 printk messages dropped **
	"nel mess", // Missed 12 kernel messages
	"es lost ", // imjournal: 12 messages lost due to rate-limiting
	`SAGE":[7`, // a MESSAGE that journalctl prints as numbers, from some letter between F and O on
	`SAGE":[8`, // the same, from P on
	`SAGE":[1`, // the same, from d on
}
