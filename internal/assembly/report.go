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
	Stamp      = report.Stamp
	Kill       = report.Kill
	Memcg      = report.Memcg
	MemInfo    = report.MemInfo
	Node       = report.Node
	Zone       = report.Zone
	Tasks      = report.Tasks
	Rows       = report.Rows
	Event      = report.Event
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

	ScopeCgroup = report.ScopeCgroup
)
