// SPDX-License-Identifier: Apache-2.0

package record

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// Options are the settings of a [Builder].
type Options struct {
	// Stats says how much of memory.stat a record carries.
	Stats MemoryStat
	// TasksTop is how many of the largest tasks a record lists, 0 for none.
	TasksTop int
	// Original adds the report's lines.
	Original bool
	// HostName and HostID stand in where the carrier names no host.
	HostName, HostID string
	// Source is what oom.source says; "" takes it from the line's carrier.
	Source string
}

// Builder makes records of events. It keeps its buffers between records and is for one goroutine; the records it
// returns own all they point to.
type Builder struct {
	opt   Options
	items []item
	// stats are names of attributes that no table has: what else memory.stat held.
	stats []string
	// text collects all strings of a record, so that they cost one allocation together.
	text []byte
	top  []*kernel.Task
	// names are where names stand in a body.
	names []span
	// e is the event, r its report and kill its kill, nil when nobody was killed.
	e     *assembly.Event
	r     *assembly.Report
	kill  *assembly.Kill
	facts facts.Facts
	// truncated names what was left out to keep the budget of a record.
	truncated []field
	// diagnoser remembers the kills of this stream.
	diagnoser diagnosis.Diagnoser
}

// NewBuilder returns a builder.
func NewBuilder(o Options) *Builder { return &Builder{opt: o} }

// Clone returns an independent builder that remembers the same kills.
func (b *Builder) Clone() *Builder {
	return &Builder{opt: b.opt, diagnoser: b.diagnoser.Clone()}
}

// Build makes the record of an event.
func (b *Builder) Build(e *assembly.Event) *Record {
	b.e, b.r, b.kill = e, e.Report, nil
	if e.Kill >= 0 {
		b.kill = &b.r.Kills[e.Kill]
	}
	b.items, b.stats, b.text, b.truncated = b.items[:0], nil, b.text[:0], b.truncated[:0]
	b.facts.Read(b.r, b.kill)
	b.addIdentityOfRecord()
	b.addScope()
	b.addVictim()
	b.addTrigger()
	b.addCgroupMemory()
	b.addHostMemory()
	b.addTasks()
	b.addWho()
	b.addKey()
	b.addReport()
	b.addDiagnosis()
	b.addOriginal()
	bodyAt := len(b.text)
	b.appendBody()
	bodyEnd := len(b.text)
	b.keepBudget()
	text := string(b.text)
	rec := &Record{
		Body: text[bodyAt:bodyEnd], Time: e.At.Wall, Uptime: e.At.Uptime, HasUptime: e.At.HasUptime, Position: e.At.Position,
		items: slices.Clone(b.items), text: text, stats: b.stats,
	}
	b.e, b.r, b.kill = nil, nil, nil
	b.facts.Release()
	return rec
}

// addIdentityOfRecord adds what tells records apart.
func (b *Builder) addIdentityOfRecord() {
	b.addWord(fEventName, eventNames[b.e.Kind])
	b.addID(fLogRecordUID, &b.e.At, b.e.Text)
	b.addWord(fRecordVersion, Version)
	b.addID(fReportID, &b.r.First, b.r.FirstText)
	b.addWord(fTimeAssumed, b.e.At.Assumed.String())
	b.addText(fTimeOriginal, b.e.At.Text)
	b.addWord(fKiller, "kernel")
	b.addWord(fTrust, b.trust())
}

// Version is the version of the contract.
const Version = "2"

var eventNames = [...]string{
	assembly.EventKill: "oom.kill", assembly.EventNoVictim: "oom.no_victim",
	assembly.EventPanic: "oom.panic", assembly.EventReapFailed: "oom.reap_failed",
	assembly.EventUnresolved: "oom.unresolved",
}

// trust tells whether the kernel wrote all that the record tells of.
func (b *Builder) trust() string {
	if b.e.At.Origin == format.OriginKernel && !b.r.Unverified {
		return "verified"
	}
	return "unverified"
}

// addID adds the hash of a line: of the kernel's stamp in microseconds (else of the wall stamp as printed) and of the
// line's text in printable form, which is the same through every door.
func (b *Builder) addID(f field, at *assembly.Stamp, text string) {
	start := len(b.text)
	if at.HasUptime {
		b.text = strconv.AppendInt(b.text, at.Uptime, 10)
	} else {
		b.text = append(b.text, at.Text...)
	}
	b.text = append(b.text, '\n')
	b.text = AppendPrintable(b.text, text)
	sum := sha256.Sum256(b.text[start:])
	b.text = hex.AppendEncode(b.text[:start], sum[:16])
	b.addSpan(f, start)
}
