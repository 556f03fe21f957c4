// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Options are the settings of an [Assembler]. The zero value is the default.
type Options struct {
	// Trust is which lines count.
	Trust report.Trust
	// KeepLines keeps the text of every line in [Report.Lines], and the stack trace in
	// [Report.Trace].
	KeepLines bool
	// LineBytes bounds the text in [Report.Lines], but for its last line; 0 is no bound.
	LineBytes int
	// MaxBytes bounds the memory of one open report, and of all that are open in the stream
	// together; 0 means [DefaultMaxBytes].
	MaxBytes int
	// Timeout closes a report when the log's own time has moved on by it without a line of the
	// report; 0 means [DefaultTimeout].
	Timeout time.Duration
}

const (
	// DefaultMaxBytes is room for a task table of two hundred thousand rows.
	DefaultMaxBytes = 32 << 20
	// DefaultTimeout is the silence after which no further line of a report comes: ten seconds of
	// kernel time.
	DefaultTimeout = 10 * time.Second
)

// Outcome says what became of one line: its kind, and flags. It is one number, because several
// functions hand it on for each line.
type Outcome uint16

// The flags of an outcome, above the kind.
const (
	inReport Outcome = 1 << (8 + iota)
	headSeen
	mixed
)

// Kind returns the kind of the line.
func (o Outcome) Kind() kernel.Kind { return kernel.Kind(o & 0xff) }

// InReport reports whether the line is one of a report.
func (o Outcome) InReport() bool { return o&inReport != 0 }

// HeadSeen reports whether, moreover, that report's first line was seen.
func (o Outcome) HeadSeen() bool { return o&headSeen != 0 }

// Mixed reports whether the line is the head of a report inside another one: lines of two hosts
// come in as one stream, or lines were lost.
func (o Outcome) Mixed() bool { return o&mixed != 0 }

// And returns what two lines of one input line made: the first kind that is not [kernel.Other], and
// the flags of both.
func (o Outcome) And(next Outcome) Outcome {
	if o.Kind() != kernel.Other {
		next &^= 0xff
	}
	return o | next
}

// Assembler puts the lines of one stream together. It is for one goroutine.
type Assembler struct {
	opt       Options
	reports   openReports
	completed completed
	loss      loss
	next      announced
	limiter   rateLimiter
	kills     recentKills
	reported  reportedLines

	last       lastLine
	record     recordLen // of the newest line
	neighbour  neighbour
	piece      piece // of the line that is being taken
	classifier classifier
	unproven   format.Line // the newest line that the kernel wrote, but not on its own account
	// inAllocFailure is set inside the block of a page allocation failure.
	inAllocFailure bool
	// shared is the memory that a clone shared with its original when it was made.
	shared int
}

// completed is what the newest call completed.
type completed struct {
	events  []report.Event
	reports []*report.Report
}

// announced is what lines before a report say of it.
type announced struct {
	// manual is set where a person asked for the report: sysrq-f.
	manual bool
	// suppressed is how many reports the rate limiter kept back.
	suppressed report.Int
	// cutOff is set where a report of the stream was cut off, whose kill line may still come.
	cutOff bool
}

// New returns an assembler for one stream.
func New(o Options) *Assembler {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &Assembler{opt: o}
}

// Closed returns the reports that the newest call closed, oldest first; valid until the next call.
// Reports that say nothing (a head line alone that was not one) are not among them.
func (a *Assembler) Closed() []*report.Report { return a.completed.reports }

// Events returns what the newest call completed, oldest first; valid until the next call.
func (a *Assembler) Events() []report.Event { return a.completed.events }

// Open reports whether a report is open.
func (a *Assembler) Open() bool { return len(a.reports.open) > 0 }

// OpenReports returns how many reports have not ended.
func (a *Assembler) OpenReports() int { return len(a.reports.open) }

// Pending returns the feeder's mark of the oldest line that is still held.
func (a *Assembler) Pending() (position int64, ok bool) {
	for i, d := range a.reports.open {
		if p := d.r.First.Position; i == 0 || p < position {
			position, ok = p, true
		}
	}
	return position, ok
}

// Flush closes all that is open.
func (a *Assembler) Flush() {
	a.clearCompleted()
	a.record.end(&a.last, a.reports.newest())
	a.restart() // the next line, not seen yet, might be the kill line
	for len(a.reports.open) > 0 {
		a.close(a.reports.open[0])
	}
	a.endStream()
}

// CutOff closes all that is open before its time: lines that end it may be still to come, to
// another assembler that knows nothing of it. So no process is called killed whose kill line was
// not read, and none spared.
func (a *Assembler) CutOff() {
	a.clearCompleted()
	a.record.end(&a.last, a.reports.newest())
	for len(a.reports.open) > 0 {
		d := a.reports.open[0]
		a.releaseKill(d)
		d.cutOff, a.next.cutOff = true, a.next.cutOff || !d.killed()
		a.close(d)
	}
	a.endStream()
}

func (a *Assembler) endStream() {
	a.dropRepeated()
	a.next = announced{cutOff: a.next.cutOff}
	a.inAllocFailure = false
}

// hasCompleted reports whether the newest call completed something. Of each closed report there is
// an open report that is done.
func (a *Assembler) hasCompleted() bool {
	return len(a.completed.events)+len(a.reports.done) > 0
}

// clearCompleted clears what the last call completed.
func (a *Assembler) clearCompleted() {
	a.completed.events = a.completed.events[:0]
	clear(a.completed.reports)
	a.completed.reports = a.completed.reports[:0]
	a.reports.recycle()
}

// Clone returns an independent copy.
func (a *Assembler) Clone() *Assembler {
	c := *a
	c.neighbour, c.reported, c.last = a.neighbour.clone(), a.reported.clone(), a.last.clone()
	c.completed, c.classifier.unescaped = completed{}, nil
	c.reports = openReports{open: slices.Clone(a.reports.open)}
	c.shared = c.reported.size()
	for i, d := range c.reports.open {
		c.reports.open[i] = d.clone()
		c.shared += d.shareable()
	}
	return &c
}
