// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"time"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/build"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Options are the settings of a parser. The zero value is the default.
type Options struct {
	// Transport is the format of the lines that Feed takes. FormatAuto recognises it line by line.
	Transport Format
	// Trust is which lines may make a record.
	Trust Trust
	// TrustedSource is what the input of Feed is known to come from. Only lines in a format of that
	// source make a record that is verified; with TrustedNone no record is. FeedLine takes the
	// Origin of its line as it is.
	TrustedSource TrustedSource
	// MemoryStat is how much of memory.stat a record carries.
	MemoryStat MemoryStat
	// TasksTop is how many of the largest tasks oom.tasks.top lists, at most [MaxTasksTop]; 0 means
	// [DefaultTasksTop].
	TasksTop int
	// NoTasks leaves oom.tasks.top out, whatever TasksTop is.
	NoTasks bool
	// IncludeOriginal adds log.record.original: the report's lines, at most 32,000 bytes.
	IncludeOriginal bool
	// KeepLines keeps every line of a report in report.Report.Lines, and its stack in Trace, for
	// [ReadReports].
	KeepLines bool
	// Observations says which of what other programs say of a memory kill makes a record of its
	// own: oom.observed.
	Observations Observations
	// Sigkill adds oom.sigkill: each death by SIGKILL that the log shows, with its verdict.
	Sigkill bool
	// Evidence is what several parsers of one host's logs share; nil is one of the parser's own.
	// The records of what waits in it come from any of these parsers, and from the Evidence itself.
	Evidence *Evidence
	// EvidenceHost is the host in Evidence that all lines are of; "" is the one that each line
	// names. It goes into no record.
	EvidenceHost string
	// Testimony is called before each record that is made of what other programs say, with the
	// lines that it rests on, its own first; nil asks for nothing. They are valid after it returns.
	Testimony func(rec *Record, lines []Testimony)
	// HostName and HostID go into records of lines that name no host.
	HostName, HostID string
	// Source replaces oom.source: kmsg, journald, file or pipeline.
	Source string
	// Input names what is read. It goes into [Record.Input], and no further.
	Input string
	// Names returns the names of a workload; nil asks for none. It is called once a record for the
	// victim's workload, and for that whose limit was hit where it is another, by the goroutine
	// that feeds the parser. The parsers of [Streams], and clones, share it. The method Lookup of a
	// Resolver of package workload is such a function.
	Names func(Workload) Names
	// UserNames asks Names for the name of the victim's user, too. Set it only where the input is
	// this machine's own /dev/kmsg or journal: each machine has users of its own. A line that names
	// another host or machine than HostName and HostID do, and a victim in a container or in a
	// virtual machine, give no such name.
	UserNames bool
	// Warned returns the last warning before a kill of this machine that was about the same cgroup,
	// or about the host, and how long before it that came; id is "" where there was none. limit is
	// the cgroup that ran out, "/" for the host; victim is the victim's cgroup, "" where it is not
	// known; at is the time of the kill. Nil asks for nothing. It is asked as Names is, where the
	// line names no other host or machine. Set it only where the input is this machine's own
	// /dev/kmsg or journal.
	Warned func(limit, victim string, at time.Time) (id string, lead time.Duration)
	// Location is where timestamps without a zone were written (dmesg -T, kern.log); nil leaves
	// their records without a time.
	Location *time.Location
	// Reference returns when the input was written to last: of a file its modification time, of a
	// stream the present. A timestamp without a year is of the newest year that puts it at or
	// before that, with a day of grace for clocks that run ahead; nil leaves its record without a
	// time.
	Reference func() time.Time
	// Boot is the wall time at which this machine's kernel began to count. It dates what is read
	// from its /dev/kmsg; zero leaves that without a time.
	Boot time.Time
	// ReportTimeout is how far the log's own time moves on, in nanoseconds as any [time.Duration],
	// before an open report is closed; 0 means [DefaultReportTimeout].
	ReportTimeout time.Duration
	// MaxReportBytes bounds the memory of one open report, and of all that are open in one stream
	// together, in bytes; 0 means [DefaultMaxReportBytes]. A report that needs more gives up its
	// tables and says so: oom.report.truncated names them, oom.report.complete is false.
	MaxReportBytes int
}

const (
	// DefaultTasksTop is how many tasks oom.tasks.top lists where no other number is set.
	DefaultTasksTop = 10
	// MaxTasksTop is the most tasks that oom.tasks.top lists.
	MaxTasksTop = 50
	// DefaultReportTimeout is ten seconds: the longest silence inside a report.
	DefaultReportTimeout = assembly.DefaultTimeout
	// DefaultMaxReportBytes is 32 MiB: room for a report with a task table of two hundred thousand
	// rows.
	DefaultMaxReportBytes = assembly.DefaultMaxBytes
)

// Workload is what a cgroup path says of where a process ran: see [report.Workload].
type Workload = report.Workload

// Names are the names of a workload: see [report.Names].
type Names = report.Names

// Format is how the lines of an input are encoded.
type Format = report.Format

// The formats: see [report.Format].
const (
	FormatAuto          = report.Auto
	FormatKmsg          = report.Kmsg
	FormatDmesg         = report.Dmesg
	FormatSyslog        = report.Syslog
	FormatJournalJSON   = report.JournalJSON
	FormatJournalExport = report.JournalExport
	FormatNone          = report.None
)

// ParseFormat reads the setting `transport`: one of [FormatNames].
func ParseFormat(s string) (Format, error) { return report.ParseFormat(s) }

// FormatNames returns the names of the setting `transport`, by value.
func FormatNames() []string { return report.FormatNames() }

// Origin is who wrote a line, as far as its format shows it: see [Line].
type Origin = report.Origin

// The origins: see [report.Origin].
const (
	OriginUnknown = report.OriginUnknown
	OriginKernel  = report.OriginKernel
	OriginUser    = report.OriginUser
)

// Trust is which lines may make a record.
type Trust = report.Trust

// The levels of trust: see [report.Trust].
const (
	TrustAuto   = report.TrustAuto
	TrustKernel = report.TrustKernel
	TrustAny    = report.TrustAny
)

// ParseTrust reads the setting `trust`: auto, kernel or any; empty is auto.
func ParseTrust(s string) (Trust, error) { return report.ParseTrust(s) }

// TrustNames returns the names of the setting `trust`, by value.
func TrustNames() []string { return report.TrustNames() }

// TrustedSource is what an input is known to come from. Text alone proves nothing: any user can
// write what the kernel writes. The file docs/trust.md of this repository lists what each input
// proves.
type TrustedSource = report.Source

// The sources: see [report.Source].
const (
	TrustedNone     = report.SourceNone
	TrustedKmsg     = report.SourceKmsg
	TrustedJournald = report.SourceJournald
	TrustedSyslog   = report.SourceSyslog
)

// ParseTrustedSource reads the setting `trusted_source`: kmsg, journald or syslog; empty, or none,
// trusts nothing.
func ParseTrustedSource(s string) (TrustedSource, error) { return report.ParseSource(s) }

// TrustedSourceNames returns the names of the setting `trusted_source`, by value.
func TrustedSourceNames() []string { return report.SourceNames() }

// MemoryStat is how much of a cgroup's memory.stat a record carries.
type MemoryStat = record.MemoryStat

// The amounts: see [record.MemoryStat].
const (
	MemoryStatMain = record.MemoryStatMain
	MemoryStatAll  = record.MemoryStatAll
	MemoryStatNone = record.MemoryStatNone
)

// ParseMemoryStat reads the setting `memory_stat`: main, all or none; empty is main.
func ParseMemoryStat(s string) (MemoryStat, error) { return record.ParseMemoryStat(s) }

// MemoryStatNames returns the names of the setting `memory_stat`, by value.
func MemoryStatNames() []string { return record.MemoryStatNames() }

// validate checks the options; an error names the option, its value and what would be right.
func (o *Options) validate() error {
	switch {
	case o.TasksTop < 0 || o.TasksTop > MaxTasksTop:
		return fmt.Errorf("tasks_top: %d: use 1 to %d, 0 for the default of %d, or NoTasks for none", o.TasksTop, MaxTasksTop, DefaultTasksTop)
	case o.Transport >= report.NumFormats:
		return fmt.Errorf("transport: %d: use FormatAuto to FormatNone", o.Transport)
	case o.Trust > TrustAny:
		return fmt.Errorf("trust: %d: use TrustAuto, TrustKernel or TrustAny", o.Trust)
	case o.TrustedSource > TrustedSyslog:
		return fmt.Errorf("trusted_source: %d: use TrustedNone, TrustedKmsg, TrustedJournald or TrustedSyslog", o.TrustedSource)
	case o.MemoryStat > MemoryStatNone:
		return fmt.Errorf("memory_stat: %d: use MemoryStatMain, MemoryStatAll or MemoryStatNone", o.MemoryStat)
	case o.Observations > ObservationsNone:
		return fmt.Errorf("observations: %d: use ObservationsUnmatched, ObservationsAll or ObservationsNone", o.Observations)
	case o.ReportTimeout < 0:
		return fmt.Errorf("report_timeout: %v: use a duration above 0, or 0 for the default of 10s", o.ReportTimeout)
	case o.MaxReportBytes < 0:
		return fmt.Errorf("max_report_bytes: %d: use a number above 0, or 0 for the default", o.MaxReportBytes)
	}
	return nil
}

// dating is what the options say about timestamps that leave something open.
func (o *Options) dating() format.Dating {
	return format.Dating{Location: o.Location, Reference: o.Reference, Boot: o.Boot}
}

// assembly returns the options of the assembly of reports.
func (o *Options) assembly() assembly.Options {
	a := assembly.Options{Trust: o.Trust, KeepLines: o.KeepLines || o.IncludeOriginal, MaxBytes: o.MaxReportBytes, Timeout: o.ReportTimeout}
	if !o.KeepLines {
		a.LineBytes = record.MaxOriginal
	}
	return a
}

// builder returns the options of the record builder.
func (o *Options) builder() build.Options {
	top := o.TasksTop
	if top == 0 {
		top = DefaultTasksTop
	}
	if o.NoTasks {
		top = 0
	}
	return build.Options{
		Stats: o.MemoryStat, TasksTop: top, Original: o.IncludeOriginal,
		HostName: o.HostName, HostID: o.HostID, Source: o.Source, Input: o.Input,
		Names: o.Names, UserNames: o.UserNames, Warned: o.Warned,
	}
}
