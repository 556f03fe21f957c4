// SPDX-License-Identifier: Apache-2.0

// Package build makes records: of an event of a report, and of its diagnosis, the attributes that
// the table of package record documents. Each file fills the rows of one subject.
package build

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Options are the settings of a [Builder].
type Options struct {
	// Stats is how much of memory.stat a record carries.
	Stats record.MemoryStat
	// TasksTop is how many of the largest tasks a record lists; 0 is none.
	TasksTop int
	// Original adds the report's lines.
	Original bool
	// HostName and HostID go into records of lines that name no host.
	HostName, HostID string
	// Source is the value of oom.source; "" derives it from the line's format.
	Source string
	// Input is the caller's name of what is read, for record.Record.Input.
	Input string
	// Names returns the names of a workload; nil asks for none. UserNames asks it for the name of
	// the victim's user, too.
	Names     func(report.Workload) report.Names
	UserNames bool
	// Warned returns the last warning before a kill; nil asks for nothing.
	Warned func(limit, victim string, at time.Time) (id string, lead time.Duration)
}

// Builder makes records of events. It reuses its buffers and is for one goroutine; a record owns
// all that it points to.
type Builder struct {
	record.Draft
	opt Options
	top []*report.Task
	// names are where names are in a body.
	names []span
	// e is the event, r its report and kill its kill, nil when no process was killed.
	e     *report.Event
	r     *report.Report
	kill  *report.Kill
	facts facts.Facts
	// diagnoser remembers the kills of this stream.
	diagnoser diagnosis.Diagnoser
}

// NewBuilder returns a builder.
func NewBuilder(o Options) *Builder {
	return &Builder{opt: o, facts: facts.Facts{Ask: o.Names}}
}

// Clone returns an independent builder that remembers the same kills.
func (b *Builder) Clone() *Builder {
	c := NewBuilder(b.opt)
	c.diagnoser = b.diagnoser.Clone()
	return c
}

// Build makes the record of an event.
func (b *Builder) Build(e *report.Event) *record.Record {
	b.e, b.r, b.kill = e, e.Report, nil
	if e.Kill >= 0 {
		b.kill = &b.r.Kills[e.Kill]
	}
	b.Reset()
	b.facts.Read(b.r, b.kill)
	b.addIdentityOfRecord()
	b.addScope()
	b.addVictim()
	b.addTrigger()
	b.addCgroupMemory()
	b.addWarned()
	b.addHostMemory()
	b.addTasks()
	b.addWho()
	b.AddKey()
	b.addReport()
	b.addDiagnosis()
	b.addOriginal()
	bodyAt := len(b.Text)
	b.appendBody()
	bodyEnd := len(b.Text)
	b.fit()
	rec := b.Record(bodyAt, bodyEnd)
	rec.Time, rec.Uptime, rec.HasUptime, rec.Position = e.At.Wall, e.At.Uptime, e.At.HasUptime, e.At.Position
	rec.Input = b.opt.Input
	b.e, b.r, b.kill = nil, nil, nil
	b.facts.Release()
	return rec
}

// addIdentityOfRecord adds what identifies the record.
func (b *Builder) addIdentityOfRecord() {
	b.AddWord(record.EventName, eventNames[b.e.Kind])
	b.addID(record.LogRecordUID, &b.e.At, b.e.Text)
	b.AddWord(record.RecordVersion, record.Version)
	b.addID(record.ReportID, &b.r.First, b.r.FirstText)
	b.AddWord(record.TimeAssumed, b.e.At.Assumed.String())
	b.AddText(record.TimeOriginal, b.e.At.Text)
	b.AddWord(record.Killer, "kernel")
	b.AddWord(record.Trust, b.trust())
}

// eventNames are the names of the kinds of events.
var eventNames = [...]string{
	report.EventKill: record.EventKill, report.EventNoVictim: record.EventNoVictim, report.EventPanic: record.EventPanic,
	report.EventReapFailed: record.EventReapFailed, report.EventUnresolved: record.EventUnresolved,
}

// trust returns verified where the kernel wrote every line of the record, else unverified.
func (b *Builder) trust() string {
	if b.e.At.Origin == report.OriginKernel && !b.r.Unverified {
		return "verified"
	}
	return "unverified"
}

// addID adds the hash of a line: of the kernel's timestamp in microseconds, else of the wall
// timestamp as printed, and of the text in printable form. It is the same through every frontend.
func (b *Builder) addID(f record.ID, at *report.Stamp, text string) {
	start := len(b.Text)
	if at.HasUptime {
		b.Text = strconv.AppendInt(b.Text, at.Uptime, 10)
	} else {
		b.Text = append(b.Text, at.Text...)
	}
	b.Text = append(b.Text, '\n')
	b.Text = plain.AppendPrintable(b.Text, text)
	sum := sha256.Sum256(b.Text[start:])
	b.Text = hex.AppendEncode(b.Text[:start], sum[:16])
	b.AddSpan(f, start)
}

// fit cuts the record to its bounds, and lists what was cut: here, and by the report to keep within
// its memory.
func (b *Builder) fit() {
	limit := record.MaxAttrs
	if b.opt.Stats == record.MemoryStatAll {
		limit = record.MaxAttrsAll
	}
	b.Fit(limit - 1) // one is for the field that says it
	cut := b.cut()
	if len(b.Truncated) == 0 && cut == 0 {
		return
	}
	start := len(b.Text)
	for _, id := range b.Truncated {
		b.Text = append(append(b.Text, record.Fields[id].Name...), ',')
	}
	for s := range report.NumSections {
		if cut.Has(s) {
			b.Text = append(append(b.Text, s.String()...), ',')
		}
	}
	b.Text = b.Text[:len(b.Text)-1]
	b.AddSpan(record.ReportTruncated, start)
}

// cut returns the sections that the report gave up to keep within its memory.
func (b *Builder) cut() report.Sections {
	if b.e.Kind == report.EventReapFailed {
		return 0
	}
	return b.r.Cut
}

// Memory returns how many bytes the builder holds.
func (b *Builder) Memory() int {
	return int(unsafe.Sizeof(*b)) + b.Draft.Memory() + b.facts.Memory() + cap(b.top)*int(unsafe.Sizeof((*report.Task)(nil)))
}

// Trim frees the buffers that are kept between records.
func (b *Builder) Trim() { *b = *b.Clone() }

// addInt adds a number that the kernel may not have printed.
func (b *Builder) addInt(id record.ID, v report.Int) {
	if v.OK {
		b.AddInt64(id, v.V)
	}
}

// addKB adds a size that the kernel printed in KiB.
func (b *Builder) addKB(id record.ID, v report.Int) {
	if v.OK && v.V >= 0 && v.V < 1<<53 {
		b.AddInt64(id, v.V*kib)
	}
}
