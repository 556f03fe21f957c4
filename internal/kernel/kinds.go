// SPDX-License-Identifier: Apache-2.0

// Package kernel reads single lines of kernel log: the kind of a line, and its values. Each file
// reads the lines that it is named after and knows nothing of the lines around them.
// docs/formats.md lists all lines, by kernel version; kinds.go lists all kinds.
//
// A line comes in as a string, without what its format put around it. Every string in a result is a
// part of that string, so no function allocates for text. A number that the kernel did not print is
// absent: see [report.Int].
package kernel

import (
	"strconv"

	"github.com/oomtrail/oomtrail/parser/report"
)

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
	Userspace                    // a line of another program, which package witness reads
	numKinds
)

// noSection is the section of a kind that is no part of a report.
const noSection = report.NumSections

// traits is what the parser must know of a kind, beyond its section, to place a line of it.
type traits uint8

const (
	// opensReport is set where only OOM reports print lines of the kind.
	opensReport traits = 1 << iota
	// inAllocFailure is set where a page allocation failure prints lines of the kind too.
	inAllocFailure
	// manyLines is set where a record with newlines is several lines. In a record of any other
	// kind, a newline is part of the name of a task or cgroup.
	manyLines
	// wrapsAnywhere is set where a wrapped line can make no sense before its last piece. A list of
	// values makes sense at each.
	wrapsAnywhere
	// ofNoReport is set where no OOM report prints lines of the kind.
	ofNoReport
)

// kinds holds what each kind of line is.
var kinds = [numKinds]struct {
	name    string         // as `oomtrail lines` prints it
	spec    string         // section of docs/formats.md
	section report.Section // of a report
	traits  traits
	form    *form // nil where its own words make no line of the kind plain
}{
	Other:            {"other", "", noSection, 0, nil},
	InvocationLine:   {"invocation", "1", report.SectionInvocation, wrapsAnywhere, &invocationForm},
	Compaction:       {"compaction", "1.4", report.SectionInvocation, 0, &compactionForm},
	CpusetLine:       {"cpuset", "2.4", report.SectionCpuset, inAllocFailure, &cpusetForm},
	CPULine:          {"cpu", "2.1", report.SectionCPU, inAllocFailure | wrapsAnywhere, &cpuForm},
	Taint:            {"taint", "2.2", report.SectionCPU, inAllocFailure, &taintForm},
	Hardware:         {"hardware", "2.2", report.SectionCPU, inAllocFailure, &hardwareForm},
	Workqueue:        {"workqueue", "2.2", report.SectionCPU, inAllocFailure, &workqueueForm},
	Trace:            {"trace", "2.3", report.SectionTrace, inAllocFailure, &traceForm},
	MemcgTask:        {"memcg-task", "3.1", report.SectionMemcg, opensReport | wrapsAnywhere, &memcgTaskForm},
	MemcgCounter:     {"memcg-counter", "3.2", report.SectionMemcg, opensReport, &memcgCounterForm},
	MemcgStats:       {"memcg-stats", "3.3", report.SectionMemcgStats, opensReport | manyLines, &memcgStatsForm},
	MemcgStat:        {"memcg-stat", "3.4", report.SectionMemcgStats, manyLines, nil},
	MemcgProtection:  {"memcg-protection", "3.6", report.SectionTasks, inAllocFailure, &memcgProtectionForm},
	MemInfoHead:      {"meminfo", "4.1", report.SectionMemInfo, inAllocFailure, &memInfoForm},
	MemInfoCounters:  {"meminfo-counters", "4.3", report.SectionMemInfo, inAllocFailure | manyLines, &memInfoCountersForm},
	Pageset:          {"pageset", "4.2", report.SectionMemInfo, inAllocFailure, &zoneForm},
	NodeLine:         {"node", "4.4", report.SectionMemInfo, inAllocFailure, &zoneForm},
	ZoneLine:         {"zone", "4.5", report.SectionMemInfo, inAllocFailure, &zoneForm},
	LowmemReserve:    {"lowmem-reserve", "4.5", report.SectionMemInfo, inAllocFailure, &lowmemReserveForm},
	Buddy:            {"buddy", "4.6", report.SectionMemInfo, inAllocFailure, &zoneForm},
	HugepagesLine:    {"hugepages", "4.7", report.SectionMemInfo, inAllocFailure, &hugepagesForm},
	Pagecache:        {"pagecache", "4.8", report.SectionMemInfo, inAllocFailure, &totalForm},
	Swap:             {"swap", "4.8", report.SectionMemInfo, inAllocFailure, &totalForm},
	Pages:            {"pages", "4.8", report.SectionMemInfo, inAllocFailure, &totalForm},
	AllocProfile:     {"alloc-profile", "4.8b", report.SectionAllocations, inAllocFailure, &allocProfileForm},
	Slab:             {"slab", "4.9", report.SectionSlab, 0, &slabForm},
	TaskBanner:       {"task-banner", "5", report.SectionTasks, opensReport, &taskBannerForm},
	TaskHead:         {"task-head", "5", report.SectionTasks, opensReport, &taskForm},
	TaskRow:          {"task", "5", report.SectionTasks, 0, &taskForm},
	OOMKillLine:      {"oom-kill", "6", report.SectionOOMKill, opensReport | wrapsAnywhere, &oomKillForm},
	SelectionLine:    {"selection", "7.1", report.SectionOOMKill, opensReport | wrapsAnywhere, &selectionForm},
	KillLine:         {"kill", "7.2", report.SectionKill, 0, &killForm},
	GroupKillLine:    {"group-kill", "7.5", report.SectionKill, 0, &groupKillForm},
	SkipLine:         {"skip", "7.4", report.SectionOOMKill, wrapsAnywhere, &skipForm},
	SharingLine:      {"sharing", "7.3", report.SectionOOMKill, 0, &sharingForm},
	ReaperLine:       {"reaper", "8.1", noSection, 0, &reaperForm},
	NoVictimLine:     {"no-victim", "8.2", noSection, 0, &noVictimForm},
	PanicLine:        {"panic", "8.2", noSection, manyLines, &panicForm},
	SysrqLine:        {"sysrq", "7.6", noSection, 0, &sysrqForm},
	SuppressedLine:   {"suppressed", "8.8", noSection, 0, &suppressedForm},
	FragmentLine:     {"fragment", "6", noSection, 0, &fragmentForm},
	AllocFailureLine: {"alloc-failure", "8.5", noSection, ofNoReport, &allocFailureForm},
	Userspace:        {"userspace", "9", noSection, ofNoReport, nil},
}

// String returns the word for the kind that `oomtrail lines` prints; "Kind(99)" for an unknown one.
func (k Kind) String() string {
	if k >= numKinds {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kinds[k].name
}

// Section returns the section of a report that lines of the kind belong to. ok is false where there
// is none.
func (k Kind) Section() (s report.Section, ok bool) {
	if s = kinds[k].section; s == noSection {
		return 0, false
	}
	return s, true
}

// OpensReport reports whether only OOM reports print lines of the kind.
func (k Kind) OpensReport() bool { return k.has(opensReport) }

// InAllocFailure reports whether a page allocation failure prints lines of the kind too.
func (k Kind) InAllocFailure() bool { return k.has(inAllocFailure) }

// ManyLines reports whether a record of the kind that holds newlines is several lines. In a record
// of any other kind, a newline is part of the name of a task or cgroup.
func (k Kind) ManyLines() bool { return k.has(manyLines) }

// FollowsNewline reports whether a line of the kind can follow a newline in a record. Only lines of
// values do: any other such line is part of a name, made to look like the kernel's.
func (k Kind) FollowsNewline() bool {
	s := kinds[k].section
	return s == report.SectionMemInfo || s == report.SectionMemcgStats
}

// WrapsAnywhere reports whether a wrapped line of the kind can make no sense before its last piece.
func (k Kind) WrapsAnywhere() bool { return k.has(wrapsAnywhere) }

// OfNoReport reports whether no OOM report prints lines of the kind. It is false for [Other].
func (k Kind) OfNoReport() bool { return k.has(ofNoReport) }

func (k Kind) has(t traits) bool { return kinds[k].traits&t != 0 }
