// SPDX-License-Identifier: Apache-2.0

// Package assembly puts the lines of one stream together into reports: one state machine a stream,
// that accepts what kernels and formats do to a report. Foreign lines stand between its lines, its
// head or tail is lost, a long line comes in pieces, kill lines of a rate-limited burst come bare.
package assembly

import "github.com/oomtrail/oomtrail/parser/report"

// Report and its parts are those of package report.
type (
	Report     = report.Report
	ReportLine = report.Line
	Section    = report.Section
	Sections   = report.Sections
	Ending     = report.Ending
	Stamp      = report.Stamp
	Kill       = report.Kill
	Memcg      = report.Memcg
	MemInfo    = report.MemInfo
	Node       = report.Node
	Zone       = report.Zone
	Scope      = report.Scope
	Tasks      = report.Tasks
	Rows       = report.Rows
	Release    = report.Release
	Event      = report.Event
	EventKind  = report.EventKind
)

// The constants of these types.
const (
	SectionInvocation  = report.SectionInvocation
	SectionCPU         = report.SectionCPU
	SectionTrace       = report.SectionTrace
	SectionCpuset      = report.SectionCpuset
	SectionMemcg       = report.SectionMemcg
	SectionMemcgStats  = report.SectionMemcgStats
	SectionMemInfo     = report.SectionMemInfo
	SectionAllocations = report.SectionAllocations
	SectionSlab        = report.SectionSlab
	SectionTasks       = report.SectionTasks
	SectionOOMKill     = report.SectionOOMKill
	SectionKill        = report.SectionKill
	NumSections        = report.NumSections

	EventKill       = report.EventKill
	EventNoVictim   = report.EventNoVictim
	EventPanic      = report.EventPanic
	EventReapFailed = report.EventReapFailed
	EventUnresolved = report.EventUnresolved

	EndOpen       = report.EndOpen
	EndKill       = report.EndKill
	EndNoVictim   = report.EndNoVictim
	EndPanic      = report.EndPanic
	EndUnresolved = report.EndUnresolved

	ScopeUnknown    = report.ScopeUnknown
	ScopeHost       = report.ScopeHost
	ScopeCgroup     = report.ScopeCgroup
	ScopeCpuset     = report.ScopeCpuset
	ScopeNUMAPolicy = report.ScopeNUMAPolicy
)

// ParseRelease reads the numbers at the head of `uname -r`.
func ParseRelease(s string) (Release, bool) { return report.ParseRelease(s) }
