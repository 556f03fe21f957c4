// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"bytes"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Options are the settings of an [Assembler]. The zero value is the default.
type Options struct {
	// Trust is which lines count.
	Trust report.Trust
	// KeepLines keeps the text of every line in [Report.Lines], and the stack trace in [Report.Trace].
	KeepLines bool
	// LineBytes bounds the text in [Report.Lines], but for its last line; 0 is no bound.
	LineBytes int
	// MaxBytes bounds the memory of one open report, and of all that are open in the stream together; 0 means [DefaultMaxBytes].
	MaxBytes int
	// Timeout closes a report when the log's own time has moved on by it without a line of the
	// report; 0 means [DefaultTimeout].
	Timeout time.Duration
}

const (
	// DefaultMaxBytes is room for a task table of two hundred thousand rows.
	DefaultMaxBytes = 32 << 20
	// DefaultTimeout is the silence after which no further line of a report comes: ten seconds of kernel time.
	DefaultTimeout = 10 * time.Second
	// maxOpen bounds how many reports are open at once. Kernels up to 4.1 may print two into each other.
	maxOpen = 4
)

// EventKind says what an [Event] tells.
type EventKind uint8

// The kinds of events.
const (
	EventKill       EventKind = iota // a process was killed
	EventNoVictim                    // memory ran out, and it is proven that nobody was killed
	EventPanic                       // the kernel panicked for want of memory
	EventReapFailed                  // the reaper gave a victim up
	EventUnresolved                  // memory ran out, and the log does not show how that ended
)

// Event is something that a record tells. It and its report are valid until the next call of the Assembler.
type Event struct {
	Kind EventKind
	// Report is the report it stands in: never nil, but nearly empty for a bare kill line.
	Report *Report
	// Kill is the index in Report.Kills for EventKill, else -1.
	Kill int
	// At and Text are the line that made the event.
	At   Stamp
	Text string
	// Reaper is what the reaper said, for EventReapFailed.
	Reaper kernel.Reaper
}

// Outcome says what became of one line.
type Outcome struct {
	// Kind is the kind of the line.
	Kind kernel.Kind
	// InReport is true for a line of a report; HeadSeen, when that report's first line was seen.
	InReport, HeadSeen bool
	// Mixed is true for the head of a report inside another one: lines of two hosts come in as one stream, or lines were lost.
	Mixed bool
}

// Assembler puts the lines of one stream together. It is for one goroutine.
type Assembler struct {
	opt    Options
	open   []*openReport // oldest first
	free   []*openReport // emptied reports, ready for the next ones, at most maxFree
	done   []*openReport // closed reports whose events are still to be read
	ended  []*Report
	events []Event

	lastSeq    uint64
	hasSeq     bool
	lost       uint64 // records lost since the last line that counted
	preamble   int    // lines of no carrier, and of no report, since the stream began
	started    bool   // a line that is no part of a report was seen since the stream began or lost records
	cut        bool   // a report of the stream was cut off: its kill line may still come
	manual     bool   // a sysrq-f line waits for its report
	suppressed kernel.Int
	failure    bool // inside the block of a page-allocation failure
	last       lastLine
	neighbour  neighbour
	piece      piece // of the line that is being taken
	recent     [recentKills]recentKill
	nextRecent int
	told       told
	burst      burst
	follows    bool // the newest line is the record behind the one before it, by their numbers
	record     measured
	reading    kernel.Reading // of the newest line
	unescaped  []byte         // of the newest line whose escapes were undone
	shared     int            // the memory that a clone shared with its original when it was made
}

// lastLine is what must be known of the newest line to see what belongs to it, and what only repeats it.
type lastLine struct {
	outcome     Outcome
	uptime      int64
	hasUptime   bool
	sequence    uint64
	hasSequence bool
	level       int8
	length      int
	// text, stamp and host are kept of lines of a report only, only of such as are not very long, and not where a number
	// tells the lines apart.
	text, stamp, host []byte
}

// note keeps what must be known of a line.
func (n *lastLine) note(l *format.Line, out Outcome) {
	n.noteFigures(l, out)
	if l.HasSequence || out.Kind == kernel.Other {
		return
	}
	if n.length > maxJoined {
		n.outcome.Kind = kernel.Other
		return
	}
	n.text, n.stamp = append(n.text[:0], l.Text...), append(n.stamp[:0], word(l.Stamp)...)
	n.host = append(n.host[:0], l.Host...)
}

// noteFigures is note for a line whose number tells it apart.
func (n *lastLine) noteFigures(l *format.Line, out Outcome) {
	n.outcome = out
	n.uptime, n.hasUptime, n.sequence, n.hasSequence = l.Uptime, l.HasUptime, l.Sequence, l.HasSequence
	n.level, n.length = l.Level, len(l.Text)
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

// Line takes the next line of the stream. Events tells what it completed.
func (a *Assembler) Line(l *format.Line) Outcome {
	if a.completed() {
		a.begun()
	}
	if len(l.Text) > maxText { // the line is the caller's, who may use it again
		short := *l
		short.Text, short.Truncated = l.Text[:maxText], true
		l = &short
	}
	a.account(l)
	a.piece = a.neighbour.judge(l)
	out := other
	if !a.piece.doubtful || l.Origin != format.OriginKernel {
		out = a.count(l)
	} else { // the kernel wrote it, but not on its own account
		unproven := *l
		unproven.Origin = format.OriginUnknown
		out = a.count(&unproven)
	}
	a.neighbour.passBy(l, a.isForeign(l, out.Kind))
	if a.completed() {
		a.tellOnce()
	}
	return out
}

// count takes a line if it counts, with the reports in sight that it may belong to.
func (a *Assembler) count(l *format.Line) Outcome {
	if !a.opt.Trust.Takes(l.Origin) {
		return other
	}
	if len(l.Host) == 0 {
		out := a.place(l)
		if len(a.open) > 1 {
			a.balance()
		}
		return out
	}
	l.Host = word(l.Host)
	others := a.setAside(l)
	out := a.place(l)
	if len(others) > 0 {
		a.open = append(others, a.open...)
	}
	if len(a.open) > 1 {
		a.balance()
	}
	return out
}

// place takes a line that counts.
func (a *Assembler) place(l *format.Line) Outcome {
	if l.Truncated {
		l = withoutCut(l)
	}
	a.measure(l)
	if out, ok := a.takePiece(l); ok {
		a.last.note(l, out)
		return out
	}
	if len(l.Text) == 0 {
		if d := a.newest(); d != nil && l.Fragment {
			return d.outcome(kernel.FragmentLine) // an empty piece of a line that printk broke
		}
		return other
	}
	a.expire(l)
	if a.doubled(l) {
		return a.last.outcome
	}
	out := a.take(l)
	a.last.note(l, out)
	return out
}

// doubled reports whether the line before it comes again: a carrier repeats lines, the kernel gives each its own number.
func (a *Assembler) doubled(l *format.Line) bool {
	last := &a.last
	if last.outcome.Kind == kernel.Other || len(l.Text) != last.length || l.HasSequence != last.hasSequence {
		return false
	}
	if l.HasSequence {
		return l.Sequence == last.sequence
	}
	if string(l.Text) != string(last.text) || string(l.Host) != string(last.host) {
		return false
	}
	if l.HasUptime != last.hasUptime { // two daemons write into one file, one of them the kernel's stamp too
		return string(l.Stamp) == string(last.stamp) && len(l.Stamp) > 0
	}
	return l.Uptime == last.uptime && string(l.Stamp) == string(last.stamp)
}

// completed reports whether the last call completed something.
func (a *Assembler) completed() bool { return len(a.events)+len(a.ended)+len(a.done) > 0 }

// begun clears what the last call completed.
func (a *Assembler) begun() {
	a.events = a.events[:0]
	clear(a.ended)
	a.ended = a.ended[:0]
	a.reuse()
}

// Closed returns the reports that the newest call closed, oldest first; valid until the next call. Reports that tell nothing
// (a head line alone that was not one) are not among them.
func (a *Assembler) Closed() []*Report { return a.ended }

// Events returns what the newest call completed, oldest first; valid until the next call.
func (a *Assembler) Events() []Event { return a.events }

// Open reports whether a report is open.
func (a *Assembler) Open() bool { return len(a.open) > 0 }

// Flush closes all that is open.
func (a *Assembler) Flush() {
	a.begun()
	a.endRecord()
	a.restart() // the next line, which nobody has seen, might tell the kill
	a.closeAll()
	a.tellOnce()
	a.manual, a.failure, a.suppressed = false, false, kernel.Int{}
}

// Pending returns the feeder's mark of the oldest line that is still held.
func (a *Assembler) Pending() (position int64, ok bool) {
	for i, d := range a.open {
		if p := d.r.First.Position; i == 0 || p < position {
			position, ok = p, true
		}
	}
	return position, ok
}

// Clone returns an independent copy.
func (a *Assembler) Clone() *Assembler {
	c := *a
	c.neighbour = a.neighbour.clone()
	c.told = a.told.clone()
	c.last.text, c.last.stamp, c.last.host = bytes.Clone(a.last.text), bytes.Clone(a.last.stamp), bytes.Clone(a.last.host)
	c.free, c.done, c.events, c.ended, c.unescaped = nil, nil, nil, nil, nil
	c.open = make([]*openReport, len(a.open))
	c.shared = c.told.size()
	for i, d := range a.open {
		c.open[i] = d.clone()
		c.shared += d.shareable()
	}
	return &c
}

// account keeps the books of lost records: gaps in the kernel's numbering, and a carrier's own admissions.
func (a *Assembler) account(l *format.Line) {
	lost := l.Lost
	a.follows = l.HasSequence && a.hasSeq && l.Sequence == a.lastSeq+1 && lost == 0
	if l.HasSequence {
		if a.hasSeq && l.Sequence > a.lastSeq+1 {
			lost += l.Sequence - a.lastSeq - 1
		}
		if a.hasSeq && l.Sequence < a.lastSeq {
			a.restart()
		}
		a.lastSeq, a.hasSeq = l.Sequence, true
	}
	if lost == 0 {
		return
	}
	a.started = false
	for _, d := range a.open {
		if !d.killed() {
			d.r.LostRecords += lost
		}
	}
	a.lost += lost
}

// restart notes that the kernel counts anew, or that lines come out of order: what open reports lack may be lost.
func (a *Assembler) restart() {
	for _, d := range a.open {
		d.gapless = false
	}
}

// Skip tells that lines of no interest were left out before the next one: nothing was lost there, and the stream had
// begun. Where a format splits records, the next line is then taken for a piece of one that nobody has seen, so the last line that
// was left out should be that line. With a report open nothing may be left out, and Skip does nothing.
func (a *Assembler) Skip() {
	if len(a.open) == 0 {
		a.lost, a.hasSeq, a.started = 0, false, true
		a.neighbour.seen = false
	}
}

// CanSkip reports whether lines of no interest may be left out: nothing is open, and the stream had begun before the newest line.
func (a *Assembler) CanSkip() bool { return len(a.open) == 0 && a.started }

// Sequence returns the number of the newest record, 0 where the stream has none.
func (a *Assembler) Sequence() uint64 { return a.lastSeq }

// SkipTo is [Assembler.Skip] where it is known that no record up to the given number was lost.
func (a *Assembler) SkipTo(sequence uint64) {
	if hasSeq := a.hasSeq; len(a.open) == 0 {
		a.Skip()
		a.lastSeq, a.hasSeq = sequence, hasSeq
	}
}

// expire closes reports that the log has left behind: no line for Timeout of the log's own time, or a time so far back that the
// machine has started anew.
func (a *Assembler) expire(l *format.Line) {
	at, ok := l.LogTime()
	if !ok {
		return
	}
	for len(a.open) > 0 {
		d := a.open[0]
		last := &d.r.Last
		if !last.HasLogTime || distance(at, last.LogTime) <= a.opt.Timeout {
			return
		}
		d.gapless = d.gapless && at > last.LogTime
		a.close(d)
	}
}
