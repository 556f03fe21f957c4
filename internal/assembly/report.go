// SPDX-License-Identifier: Apache-2.0

// Package assembly puts the lines of one stream together into reports: one
// state machine a stream, that accepts what kernels and carriers do to a report.
// Foreign lines stand between its lines, its head or tail is lost, a long line
// comes in pieces, kill lines of a rate-limited burst come bare.
package assembly

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// Section is one block of a report.
type Section = kernel.Section

// Sections is a set of sections.
type Sections = kernel.Sections

// The sections, in the order in which a kernel prints them.
const (
	SectionInvocation  = kernel.SectionInvocation
	SectionCPU         = kernel.SectionCPU
	SectionTrace       = kernel.SectionTrace
	SectionCpuset      = kernel.SectionCpuset
	SectionMemcg       = kernel.SectionMemcg
	SectionMemcgStats  = kernel.SectionMemcgStats
	SectionMemInfo     = kernel.SectionMemInfo
	SectionAllocations = kernel.SectionAllocations
	SectionSlab        = kernel.SectionSlab
	SectionTasks       = kernel.SectionTasks
	SectionOOMKill     = kernel.SectionOOMKill
	SectionKill        = kernel.SectionKill
	NumSections        = kernel.NumSections
)

// Ending says how a report came to its end.
type Ending uint8

// The endings.
const (
	EndOpen       Ending = iota // it has none yet
	EndKill                     // a process was killed
	EndNoVictim                 // nobody was killed: the kernel said so, or the numbers of its records prove it
	EndPanic                    // the kernel panicked
	EndUnresolved               // the log does not show how it ended
)

// String returns open, kill, no_victim, panic or unresolved.
func (e Ending) String() string {
	return [...]string{"open", "kill", "no_victim", "panic", "unresolved"}[e]
}

// Report is everything that one OOM report said. A Report owns its memory: its strings
// stay valid as long as it is held. It must not be changed by who receives it.
type Report struct {
	// First is the carrier's word on the first line of the report that was seen; FirstText its text.
	First     Stamp
	FirstText string
	// Last is the carrier's word on its newest line.
	Last Stamp
	// Seen is the set of sections that at least one line was seen of.
	Seen Sections
	// Damaged is the set of sections that the log visibly lost a part of.
	Damaged Sections
	// Bare is true for a kill line that stands by itself: its report was held back by the rate limiter, or lost.
	Bare bool
	// MayBeOfGroup is true for one shortly behind another: both may be of one group kill, of which no process need be the largest.
	MayBeOfGroup bool
	// HeldBack is true for one of which the log proves that the kernel printed no report above it.
	HeldBack bool
	// Told is true when the kernel itself said that it killed nobody.
	Told bool
	// HeadSeen reports whether the report's own first line (the invocation) was seen.
	HeadSeen bool

	Invocation kernel.Invocation // when Seen has SectionInvocation
	CPU        kernel.CPU        // when Seen has SectionCPU
	Hardware   string            // "Hardware name", "" when not printed
	Workqueue  string            // the Workqueue line, "" when not printed
	Cpuset     kernel.Cpuset     // when Seen has SectionCpuset
	// Trace is the stack as printed, frames and register lines, without the heads.
	Trace []string

	Memcg   Memcg
	MemInfo MemInfo
	// Allocations is the allocation profile (6.10+).
	Allocations []kernel.Allocation
	// Slab is the table of unreclaimable slab caches (4.15+, only when they outweigh the page cache and anon).
	Slab  []kernel.SlabCache
	Tasks Tasks

	// OOMKill is the oom-kill: line, when Seen has SectionOOMKill.
	OOMKill kernel.OOMKill
	// Selection is the newest selection line (to 5.0); HasSelection tells that there was one.
	Selection    kernel.Selection
	HasSelection bool
	// Reaped is the process that the reaper named and of which no kill was seen; HasReaped tells that there was one.
	Reaped    kernel.Reaper
	HasReaped bool

	// Kills are the kill lines, in order, a pid printed twice only once.
	Kills []Kill
	// GroupPath is the cgroup of a group kill; HasGroup tells that its line was seen.
	GroupPath string
	HasGroup  bool
	// Sharing names processes that die with the victim, or pin its memory (2.6.37 to 4.3, 4.8+).
	Sharing []kernel.Process
	// Skipped is the victim that was already exiting (5.9+).
	Skipped    kernel.Process
	HasSkipped bool

	// Spared is true when the log lost nothing, and shows no kill of the process that the oom-kill: line names: it
	// had exited (to 5.8 the kernel does not say so).
	Spared bool

	// Unverified is true when the carrier does not show of every line that the kernel wrote it.
	Unverified bool

	// Doubtful is true when the line that tells its end may be a piece of a foreign record: the kernel's, but about somebody else's
	// words.
	Doubtful bool

	// Disordered is true when lines of the report came out of their order, or lines of two reports among each other: which of them are
	// its own is not certain.
	Disordered bool

	// Ending says how it ended; Panic is the panic's reason.
	Ending Ending
	Panic  string
	// Manual is true for sysrq-f.
	Manual bool

	// pageSize is the page size in bytes as a kill line and its row show it, 0 when they do not.
	pageSize int64

	// Lines are the report's lines with the number of the input line each came from, kept only
	// with [Options.KeepLines] and within [Options.MaxBytes].
	Lines []ReportLine
	// LineCount counts all lines used.
	LineCount int64
	// LostRecords counts records that the carrier lost inside the report (sequence gaps, loss markers).
	LostRecords uint64
	// Suppressed is the count of the "callbacks suppressed" line before the report.
	Suppressed kernel.Int
	// Overflow is true when the report was larger than [Options.MaxBytes], or had to make room before: then tables are not kept,
	// rows only counted. Cut is the set of sections that are not, or not whole, in this Report for it.
	Overflow bool
	Cut      Sections

	// told counts the events that it told, again those that were told before.
	told, again int
}

// ReportLine is one line of a report.
type ReportLine struct {
	// Number is the input line it came from, from 1; 0 when unknown.
	Number int
	Kind   kernel.Kind
	Text   string
}

// Stamp is what a carrier says about one line, kept beyond the line's lifetime.
type Stamp struct {
	// Number is the input line, Position the feeder's own mark.
	Number   int
	Position int64
	Format   format.Format
	Origin   format.Origin
	// Uptime is microseconds since boot.
	Uptime    int64
	HasUptime bool
	// Wall is the full wall time, or zero. Text is the wall stamp as printed.
	Wall time.Time
	Text string
	// Assumed says what of Wall the stamp itself left open.
	Assumed format.Assumed
	// LogTime orders lines within the stream.
	LogTime     time.Duration
	HasLogTime  bool
	Sequence    uint64
	HasSequence bool
	// Host, BootID, MachineID and Caller are as the carrier gave them, "" when it did not.
	Host, BootID, MachineID, Caller string
}

// Kill is one killed process of a report.
type Kill struct {
	kernel.Kill
	// Text is the kill line's text.
	Text string
	// At is the carrier's word on the kill line.
	At Stamp
	// Lost is true when the log lost the kill line: the oom-kill: line names the process, and At and Text are that line's.
	Lost bool
	// Group is true for a victim printed after the group-kill line.
	Group bool
}

// Memcg is the memory-cgroup block of a report.
type Memcg struct {
	// Task and Limit are the paths of "Task in … killed as a result of limit of …" (to 4.20).
	Task, Limit       string
	HasTask, HasLimit bool
	// Counters are the counter lines; Has tells which were seen.
	Counters [kernel.NumMemcgCounters]kernel.Counter
	Has      [kernel.NumMemcgCounters]bool
	// StatsPath is the cgroup that Stats belong to.
	StatsPath    string
	HasStatsPath bool
	// Stats are the figures of the cgroup whose limit was hit, in the kernel's order and names, as its own line prints them:
	// see [Report.AppendMemoryStat].
	Stats []kernel.Stat
	// inLines is set where all figures of a cgroup stand on one line (to 5.2).
	inLines bool
	// below sums the figures of the cgroups below it.
	below belowStats
	// Subtree counts the cgroups below it that printed a stats line of their own (to 5.2).
	Subtree int
	// Protection is the protection line (6.19+).
	Protection    kernel.Protection
	HasProtection bool
}

// MemInfo is the Mem-Info block of a report.
type MemInfo struct {
	// Counters are the global counters, in pages.
	Counters []kernel.Pair
	// Nodes are the per-node lines (4.8+), Zones the per-zone lines.
	Nodes []Node
	Zones []Zone
	// Hugepages are the hugetlb lines (3.10+).
	Hugepages []kernel.Hugepages
	// Totals are the figures of the tail, by name.
	Totals [kernel.NumTotals]kernel.Int
}

// Counter returns a global counter in pages.
func (m *MemInfo) Counter(name string) (pages int64, ok bool) { return find(m.Counters, name) }

// Node is one per-node line.
type Node struct {
	// ID is the node's number.
	ID int64
	// Pairs are its figures.
	Pairs []kernel.Pair
}

// Value returns a figure of the node, in its printed unit.
func (n *Node) Value(name string) (v int64, ok bool) { return find(n.Pairs, name) }

// Zone is one per-zone line with the reserve and the buddy list that belong to it.
type Zone struct {
	// Node is the zone's node, absent without CONFIG_NUMA.
	Node kernel.Int
	// Name is DMA, DMA32, Normal, HighMem, Movable or Device.
	Name string
	// Pairs are its figures; sizes are in KiB.
	Pairs []kernel.Pair
	// LowmemReserve is pages kept from allocations that could have used a higher zone.
	LowmemReserve []int64
	// Buddy is the free list by order; BuddyTotalKB its sum.
	Buddy        []kernel.BuddyItem
	BuddyTotalKB kernel.Int
}

// Value returns a figure of the zone, in its printed unit.
func (z *Zone) Value(name string) (v int64, ok bool) { return find(z.Pairs, name) }

// find returns the value of the pair with that name, unless it fell below zero.
func find(pairs []kernel.Pair, name string) (int64, bool) {
	for i := range pairs {
		if pairs[i].Name == name {
			return pairs[i].Value, pairs[i].Value >= 0
		}
	}
	return 0, false
}

// Scope is what ran out.
type Scope uint8

// The scopes.
const (
	ScopeUnknown Scope = iota
	ScopeHost
	ScopeCgroup
	ScopeCpuset
	ScopeNUMAPolicy
)

// String returns host, cgroup, cpuset or numa_policy; "" for unknown.
func (s Scope) String() string {
	return [...]string{"", "host", "cgroup", "cpuset", "numa_policy"}[s]
}
