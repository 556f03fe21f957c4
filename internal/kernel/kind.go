// SPDX-License-Identifier: Apache-2.0

// Package kernel says what kind of line a line of kernel log is, and what it
// says. Each function reads one kind of line, is named as the kernel names it,
// and knows nothing of the lines around it.
//
// Text comes in as a string without the carrier's prefix. Every string in a
// result is a substring of that text, so no function here allocates for text.
// A number that the kernel did not print is absent: see [Int].
package kernel

// Kind is the kind of one line of kernel log.
type Kind uint8

// The kinds, in the order of a report.
const (
	Other            Kind = iota // no part of an OOM report
	InvocationLine               // "X invoked oom-killer: gfp_mask=…"
	Compaction                   // "COMPACTION is disabled!!!"
	CpusetLine                   // "X cpuset=C mems_allowed=M" (2.6.31 to 4.20)
	CPULine                      // "CPU: 1 PID: 2 Comm: …", "Pid: 2, comm: …"
	Taint                        // "Tainted: [W]=WARN, …" (6.11+)
	Hardware                     // "Hardware name: …"
	Workqueue                    // "Workqueue: events moom_callback", "Stopper: …", "Sched_ext: …"
	Trace                        // "Call Trace:", its frames, and register dumps inside it
	MemcgTask                    // "Task in A killed as a result of limit of B" (to 4.20)
	MemcgCounter                 // "memory: usage 1kB, limit 2kB, failcnt 3"
	MemcgStats                   // "Memory cgroup stats for /a:", with its values on the line to 5.2
	MemcgStat                    // "anon 4096" (5.3+)
	MemcgProtection              // "Memory cgroup min protection …" (6.19+)
	MemInfoHead                  // "Mem-Info:"
	MemInfoCounters              // "active_anon:1 inactive_anon:2 …" and its further lines
	Pageset                      // "Node 0 DMA per-cpu:", "CPU    0: hi:    0, btch: …" (to 4.0)
	NodeLine                     // "Node 0 active_anon:1kB …" (4.8+)
	ZoneLine                     // "Node 0 DMA free:1kB min:…"
	LowmemReserve                // "lowmem_reserve[]: 0 1 2", "protections[]: …"
	Buddy                        // "Node 0 DMA: 1*4kB (U) … = 15372kB"
	HugepagesLine                // "Node 0 hugepages_total=0 …"
	Pagecache                    // "123 total pagecache pages"
	Swap                         // "… pages in swap cache", "Free swap  = 0kB" and their like
	Pages                        // "262013 pages RAM" and its like
	AllocProfile                 // "Memory allocations:" and its rows (6.10+)
	Slab                         // "Unreclaimable slab info:", its head and rows (4.15+)
	TaskBanner                   // "Tasks state (memory values in pages):" (4.19+)
	TaskHead                     // "[  pid  ]   uid  tgid total_vm …"
	TaskRow                      // "[   1234]     0  1234 …"
	OOMKillLine                  // "oom-kill:constraint=…" (5.0+, RHEL 8.3)
	SelectionLine                // "Out of memory: Kill process 1 (x) score 2 or sacrifice child" (to 5.0)
	KillLine                     // "Killed process 1 (x) …"
	GroupKillLine                // "Tasks in /a are going to be killed due to memory.oom.group set" (4.19+)
	SkipLine                     // "OOM victim 1 (x) is already exiting. Skip killing the task" (5.9+)
	SharingLine                  // "Kill process 1 (x) sharing same memory" (2.6.37 to 4.3), "oom killer … has mm pinned by …"
	ReaperLine                   // "oom_reaper: …" (4.6+)
	NoVictimLine                 // "Out of memory and no killable processes..."
	PanicLine                    // "Kernel panic - not syncing: Out of memory…", "… System is deadlocked on memory"
	SysrqLine                    // "sysrq: Manual OOM execution" and its refusals
	SuppressedLine               // "oom_kill_process: 17 callbacks suppressed"
	FragmentLine                 // a piece of a longer line, cut off by another CPU's line
	AllocFailureLine             // "X: page allocation failure: order:0, …": not an OOM
	Userspace                    // systemd, oomd, earlyoom, kubelet about memory
	numKinds
)
