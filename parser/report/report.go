// SPDX-License-Identifier: Apache-2.0

// Package report holds the types of one out-of-memory report as the kernel printed it: typed values
// in the kernel's own units and names. It parses nothing: package parser makes reports.
//
// A value that the kernel did not print is absent, never 0: see [Int] and the Has fields. Comments
// name the kernel versions that print a value; docs/formats.md lists the lines.
package report

// Report is everything that one OOM report said. It owns its memory and must not be changed.
type Report struct {
	// First is what the log said about the first line of the report that was seen. FirstText is
	// that line.
	First     Stamp
	FirstText string
	// Last is what the log said about the newest line.
	Last Stamp
	// Seen is the set of sections of which at least one line was seen.
	Seen Sections
	// Damaged is the set of sections that visibly lost lines or parts of lines.
	Damaged Sections
	// Bare is true for a kill line without its report: rate-limited by the kernel, or lost.
	Bare bool
	// MayBeOfGroup is true for a bare kill line shortly after another one. Both may be of one group
	// kill, in which no process need be the largest.
	MayBeOfGroup bool
	// HeldBack is true for a bare kill line where the log proves that the kernel printed no report.
	HeldBack bool
	// NoVictimReported is true where a line of the kernel says that it killed no process.
	NoVictimReported bool
	// HeadSeen is true where the report's own first line, the invocation, was seen.
	HeadSeen bool

	// Invocation is valid iff Seen has SectionInvocation, CPU iff it has SectionCPU, Cpuset iff it
	// has SectionCpuset.
	Invocation Invocation
	CPU        CPU
	Cpuset     Cpuset
	// Hardware is the value of "Hardware name", Workqueue that of "Workqueue"; "" where not
	// printed.
	Hardware, Workqueue string
	// Trace is the stack as printed: frames and register lines, without the heads.
	Trace []string

	// Memcg is the block of the memory cgroup whose limit was hit.
	Memcg Memcg
	// MemInfo is the Mem-Info block: the memory of the host.
	MemInfo MemInfo
	// Allocations is the memory allocation profile (6.10+).
	Allocations []Allocation
	// Slab is the table of unreclaimable slab caches (4.15+), printed only where they outweigh the
	// page cache and anonymous memory.
	Slab []SlabCache
	// Tasks is the task table: the processes from which the kernel chose.
	Tasks Tasks

	// OOMKill is the oom-kill: line (5.0+), valid iff Seen has SectionOOMKill.
	OOMKill OOMKill
	// Selection is the newest selection line (to 5.0), valid iff HasSelection.
	Selection    Selection
	HasSelection bool
	// Reaped is the process that the reaper named and of which no kill line was seen (4.6+), valid
	// iff HasReaped.
	Reaped    Reaper
	HasReaped bool

	// Kills are the killed processes in order. A pid printed twice stands once.
	Kills []Kill
	// GroupPath is the cgroup of a group kill (4.19+), valid iff HasGroup.
	GroupPath string
	HasGroup  bool
	// Sharing are processes that die with the victim or pin its memory (2.6.37 to 4.3, 4.8+).
	Sharing []Process
	// Skipped is the victim that was already exiting (5.9+), valid iff HasSkipped.
	Skipped    Process
	HasSkipped bool
	// VictimExited is true where the log lost nothing and shows no kill of the process in the
	// oom-kill: line: it had exited. To 5.8 the kernel prints no line about that.
	VictimExited bool

	// Unverified is true where the format does not prove of every line that the kernel wrote it.
	Unverified bool
	// Doubtful is true where the line with the report's end may be a piece of another record.
	Doubtful bool
	// Disordered is true where lines of the report came out of order, or among those of another
	// report.
	Disordered bool

	// Ending is how the report ended. Panic is the panic's reason, "" without a panic.
	Ending Ending
	Panic  string
	// Manual is true for a report that sysrq-f asked for.
	Manual bool

	// RowPageSize is the page size in bytes that a kill line shows against the same process's row
	// of the task table, 0 where they show none. See [Report.PageSize].
	RowPageSize int64

	// Lines are the lines of the report, kept only where the caller asked for them.
	Lines []Line
	// LineCount counts all lines of the report, kept or not.
	LineCount int64
	// LostRecords counts records that the log lost inside the report, by sequence numbers and loss
	// messages.
	LostRecords uint64
	// Suppressed is the count of "callbacks suppressed" before the report.
	Suppressed Int
	// Overflow is true where the report needed more memory than it may use. Then tables are only
	// counted. Cut is the set of sections that are not held whole for that reason.
	Overflow bool
	Cut      Sections
}

// Line is one line of a report.
type Line struct {
	// Number is the input line, from 1; 0 where unknown.
	Number int
	// Kind names the kind of line as `oomtrail lines` prints it: "invocation", "task", "kill".
	Kind string
	// Text is the line without what the log's format put around it.
	Text string
}

// Kill is one killed process.
type Kill struct {
	KillLine
	// Text is the text of the kill line.
	Text string
	// At is what the log said about the kill line.
	At Stamp
	// Lost is true where the log lost the kill line. Then the oom-kill: line names the process, and
	// At and Text are that line's.
	Lost bool
	// Group is true for a victim that was printed after the group-kill line.
	Group bool
}
