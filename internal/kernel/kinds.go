// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strconv"

	"github.com/oomtrail/oomtrail/parser/report"
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
	Userspace:        {"userspace", "9", noSection, ofNoReport, &userspaceForm},
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
