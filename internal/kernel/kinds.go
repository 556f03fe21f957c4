// SPDX-License-Identifier: Apache-2.0

package kernel

import "strconv"

// Section is one block of a report.
type Section uint8

// The sections, in the order in which a kernel prints them.
const (
	SectionInvocation  Section = iota
	SectionCPU                 // the CPU or Pid line
	SectionTrace               // the stack trace
	SectionCpuset              // the cpuset line, 2.6.31 to 4.20
	SectionMemcg               // counters of the cgroup
	SectionMemcgStats          // memory.stat of the cgroup
	SectionMemInfo             // Mem-Info
	SectionAllocations         // allocation profile
	SectionSlab                // unreclaimable slab
	SectionTasks               // task table
	SectionOOMKill             // the oom-kill: line
	SectionKill                // the kill line
	NumSections

	noSection = NumSections
)

var sectionNames = [NumSections]string{"invocation", "cpu", "trace", "cpuset", "memcg", "memcg-stats",
	"meminfo", "alloc-profile", "slab", "tasks", "oom-kill", "kill"}

// String returns the section's name, as `oom.report.missing` lists it; "Section(99)" for an unknown
// one.
func (s Section) String() string { return enumName("Section", sectionNames[:], s) }

// Sections is a set of sections.
type Sections uint16

// Has reports whether s is in the set.
func (set Sections) Has(s Section) bool { return set&(1<<s) != 0 }

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
	name    string  // as `oomtrail lines` prints it
	spec    string  // section of docs/formats.md
	section Section // of a report
	traits  traits
}{
	Other:            {"other", "", noSection, 0},
	InvocationLine:   {"invocation", "1", SectionInvocation, wrapsAnywhere},
	Compaction:       {"compaction", "1.4", SectionInvocation, 0},
	CpusetLine:       {"cpuset", "2.4", SectionCpuset, inAllocFailure},
	CPULine:          {"cpu", "2.1", SectionCPU, inAllocFailure | wrapsAnywhere},
	Taint:            {"taint", "2.2", SectionCPU, inAllocFailure},
	Hardware:         {"hardware", "2.2", SectionCPU, inAllocFailure},
	Workqueue:        {"workqueue", "2.2", SectionCPU, inAllocFailure},
	Trace:            {"trace", "2.3", SectionTrace, inAllocFailure},
	MemcgTask:        {"memcg-task", "3.1", SectionMemcg, opensReport | wrapsAnywhere},
	MemcgCounter:     {"memcg-counter", "3.2", SectionMemcg, opensReport},
	MemcgStats:       {"memcg-stats", "3.3", SectionMemcgStats, opensReport | manyLines},
	MemcgStat:        {"memcg-stat", "3.4", SectionMemcgStats, manyLines},
	MemcgProtection:  {"memcg-protection", "3.6", SectionTasks, inAllocFailure},
	MemInfoHead:      {"meminfo", "4.1", SectionMemInfo, inAllocFailure},
	MemInfoCounters:  {"meminfo-counters", "4.3", SectionMemInfo, inAllocFailure | manyLines},
	Pageset:          {"pageset", "4.2", SectionMemInfo, inAllocFailure},
	NodeLine:         {"node", "4.4", SectionMemInfo, inAllocFailure},
	ZoneLine:         {"zone", "4.5", SectionMemInfo, inAllocFailure},
	LowmemReserve:    {"lowmem-reserve", "4.5", SectionMemInfo, inAllocFailure},
	Buddy:            {"buddy", "4.6", SectionMemInfo, inAllocFailure},
	HugepagesLine:    {"hugepages", "4.7", SectionMemInfo, inAllocFailure},
	Pagecache:        {"pagecache", "4.8", SectionMemInfo, inAllocFailure},
	Swap:             {"swap", "4.8", SectionMemInfo, inAllocFailure},
	Pages:            {"pages", "4.8", SectionMemInfo, inAllocFailure},
	AllocProfile:     {"alloc-profile", "4.8b", SectionAllocations, inAllocFailure},
	Slab:             {"slab", "4.9", SectionSlab, 0},
	TaskBanner:       {"task-banner", "5", SectionTasks, opensReport},
	TaskHead:         {"task-head", "5", SectionTasks, opensReport},
	TaskRow:          {"task", "5", SectionTasks, 0},
	OOMKillLine:      {"oom-kill", "6", SectionOOMKill, opensReport | wrapsAnywhere},
	SelectionLine:    {"selection", "7.1", SectionOOMKill, opensReport | wrapsAnywhere},
	KillLine:         {"kill", "7.2", SectionKill, 0},
	GroupKillLine:    {"group-kill", "7.5", SectionKill, 0},
	SkipLine:         {"skip", "7.4", SectionOOMKill, wrapsAnywhere},
	SharingLine:      {"sharing", "7.3", SectionOOMKill, 0},
	ReaperLine:       {"reaper", "8.1", noSection, 0},
	NoVictimLine:     {"no-victim", "8.2", noSection, 0},
	PanicLine:        {"panic", "8.2", noSection, manyLines},
	SysrqLine:        {"sysrq", "7.6", noSection, 0},
	SuppressedLine:   {"suppressed", "8.8", noSection, 0},
	FragmentLine:     {"fragment", "6", noSection, 0},
	AllocFailureLine: {"alloc-failure", "8.5", noSection, ofNoReport},
	Userspace:        {"userspace", "9", noSection, ofNoReport},
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
func (k Kind) Section() (s Section, ok bool) {
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
	return s == SectionMemInfo || s == SectionMemcgStats
}

// WrapsAnywhere reports whether a wrapped line of the kind can make no sense before its last piece.
func (k Kind) WrapsAnywhere() bool { return k.has(wrapsAnywhere) }

// OfNoReport reports whether no OOM report prints lines of the kind. It is false for [Other].
func (k Kind) OfNoReport() bool { return k.has(ofNoReport) }

func (k Kind) has(t traits) bool { return kinds[k].traits&t != 0 }

// enumName returns the name of a value of an enum, and for a value without one "Type(99)".
func enumName[T ~uint8](typeName string, names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return typeName + "(" + strconv.Itoa(int(v)) + ")"
}
