// SPDX-License-Identifier: Apache-2.0

// Package parser turns the Linux kernel's out-of-memory reports into records:
// one for each killed process, with the fields that docs/fields.md of this repository
// lists. It needs the standard library only, does no I/O and has no clock.
//
// A [Parser] holds the state of one stream, that is of one (host, boot, source). It is fed by
// [Parser.ReadBlock] in blocks, which is fastest, by [Parser.Feed] or [Parser.FeedLine] line by
// line, and by [ReadAll] with a whole input. [ReadReports] gives the typed reports that the records
// are made of.
package parser

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/build"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Record is one structured event: see package record.
type Record = record.Record

// Line is one line of kernel log without what its format put around it, for [Parser.FeedLine].
type Line = format.Line

// Kind is the kind of a line of kernel log. Its String is the name that `oomtrail lines` prints.
type Kind = kernel.Kind

// Kinds of lines that a caller may have to tell apart.
const (
	HeadLine = kernel.InvocationLine // the head of a report
	KillLine = kernel.KillLine       // a kill line
)

// Result is what one line made.
type Result struct {
	// Kind is the kind of the line.
	Kind Kind
	// InReport is true where the line belongs to a report.
	InReport bool
	// HeadSeen is true where, moreover, the head of that report was seen.
	HeadSeen bool
	// Mixed is true for the head of a report inside another report: two hosts share one stream, or
	// lines were lost. Neither report is complete.
	Mixed bool
	// Records are the records that the line completed. The slice is valid until the next call; the
	// records belong to the caller.
	Records []*Record
}

// Parser holds the state of one stream: the log of one boot of one host from one source. It is for
// one goroutine.
type Parser struct {
	opt     Options
	decoder *format.Decoder
	asm     *assembly.Assembler
	builder *build.Builder
	// readers read what other programs say; evidence is what became of it, of this parser alone
	// where it is own.
	readers  witness.Readers
	evidence *Evidence
	own      bool
	stream   int // the number of the parser in its evidence
	heard    int // see hearSkipped
	take     func(*format.Line)
	outcome  assembly.Outcome // of the newest call
	// onEvent is called with each event of the kernel and the record of it; nil for none.
	onEvent func(*report.Event, *Record)
	result  Result
	records []*Record

	at        place
	block     blockReader
	takeBlock func(*format.Line)
}

// New returns a parser. An error names the option, its value and the remedy.
func New(o Options) (*Parser, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := &Parser{
		opt:     o,
		decoder: format.NewDecoder(o.Transport).Trust(o.TrustedSource).Date(o.dating()),
		asm:     assembly.New(o.assembly()),
		builder: build.NewBuilder(o.builder()),
	}
	if p.evidence = o.Evidence; p.evidence == nil {
		p.evidence, p.own = &Evidence{opt: &p.opt}, true
	}
	p.stream = int(streams.Add(1))
	p.take, p.takeBlock = p.takeInput, p.takeOfBlock()
	return p, nil
}

// Feed takes one line as it is in the input, without its newline. It may change raw and does not
// keep it.
func (p *Parser) Feed(raw []byte) Result {
	p.begin()
	start := p.at.end
	held := p.at.startLine(start, start+int64(len(raw)+len("\n")))
	p.decoder.Decode(raw, p.take)
	p.at.endLine(start, held, p.decoder.Holds())
	p.forget()
	return *p.made()
}

// FeedLine takes a line whose format the caller has decoded. The caller knows its source, so the
// line's Origin counts as it is. FeedLine keeps neither l nor what it points to.
func (p *Parser) FeedLine(l *Line) Result {
	p.begin()
	p.takeLine(l)
	p.asm.Forget()
	return *p.made()
}

// Unordered marks a point where lines may be out of order, before and after it. No report that is
// open is complete.
func (p *Parser) Unordered() { p.asm.Unordered() }

// Flush closes what is open and returns its records: the stream has ended, or waited long enough.
// The parser may be fed again afterwards.
func (p *Parser) Flush() []*Record {
	return p.closeAll((*assembly.Assembler).Flush, (*Evidence).FlushAll)
}

// FlushDue closes what is open, as no line has come for a while, and returns its records. Facts of
// the parser's own evidence are released once they have waited long enough by the caller's clock:
// call it again while the parser is [Parser.Open].
func (p *Parser) FlushDue(now time.Time) []*Record {
	return p.closeAll((*assembly.Assembler).Flush, func(e *Evidence) []*Record { return e.Flush(now) })
}

// FlushReports closes the reports that are open and returns their records. Unlike [Parser.Flush] it
// keeps the beginning of an entry that is not complete (see [Parser.Next]): its rest may still
// come.
func (p *Parser) FlushReports() []*Record {
	p.begin()
	p.asm.Flush()
	p.build()
	p.flushFacts((*Evidence).FlushAll)
	return p.records
}

// CutOff closes what is open before its time and returns its records: memory is needed, or the
// caller ends, and the next lines may come to another parser. It reports only what is known: a
// report that has killed no process yet becomes oom.unresolved. Its kill line, read by another
// parser, then becomes one oom.kill.
func (p *Parser) CutOff() []*Record {
	return p.closeAll((*assembly.Assembler).CutOff, (*Evidence).CutOff)
}

// closeAll closes what is open: reports as one says, and facts of the parser's own evidence as the
// other does.
func (p *Parser) closeAll(reports func(*assembly.Assembler), facts func(*Evidence) []*Record) []*Record {
	p.begin()
	p.decoder.Flush(p.take)
	p.at.next, p.at.holds = p.at.end, false
	reports(p.asm)
	p.build()
	p.flushFacts(facts)
	return p.records
}

// Past is what is remembered of a stream that has ended: its newest kills, so that their duplicates
// are known, and whether a report was cut off.
type Past = assembly.Past

// Past returns what to remember of the stream when it ends, nil for nothing.
func (p *Parser) Past() *Past { return p.asm.Past() }

// Recall makes the parser remember the past of the parser that it replaces; nil is nothing.
func (p *Parser) Recall(past *Past) { p.asm.Recall(past) }

// Blank reports whether the parser holds and remembers nothing, like a new one.
func (p *Parser) Blank() bool {
	return p.asm.Blank() && !p.decoder.Holds() && p.readers.Blank() && (!p.own || p.evidence.Blank())
}

// Open reports whether the parser holds lines of a report that has not ended, or facts of its own
// evidence wait for others.
func (p *Parser) Open() bool { return p.asm.Open() || p.Waits() }

// OpenReports returns how many reports have not ended. Kernels up to 4.1 may print two into each
// other.
func (p *Parser) OpenReports() int { return p.asm.OpenReports() }

// Waits reports whether facts of the parser's own evidence wait for others.
func (p *Parser) Waits() bool { return p.own && p.evidence.waits }

// Pending returns the Position of the first line that an open report holds, that waits in the
// parser's evidence, or that is kept for lines that may follow within a minute. A checkpoint must
// not pass it. Besides the time of later lines, [Parser.FlushDue] or [Evidence.Flush] moves it on.
func (p *Parser) Pending() (position int64, ok bool) {
	position, ok = p.asm.Pending()
	if fact, waits := p.evidence.pending(p.stream); waits && (!ok || fact < position) {
		return fact, true
	}
	return position, ok
}

// Clone returns an independent copy of the parser, on which a batch can be tried and undone. An
// evidence that the parser shares is the clone's too: see [Parser.CloneWith].
func (p *Parser) Clone() *Parser {
	if p.own {
		c := p.CloneWith(p.evidence.Clone())
		c.own = true
		return c
	}
	return p.CloneWith(p.evidence)
}

// CloneWith is [Parser.Clone] with another evidence, such as a clone of the one that the parser
// shares with others.
func (p *Parser) CloneWith(e *Evidence) *Parser {
	c := &Parser{
		opt: p.opt, decoder: p.decoder.Clone(), asm: p.asm.Clone(),
		builder: p.builder.Clone(), at: p.at,
		readers: *p.readers.Clone(), evidence: e, stream: p.stream, heard: p.heard,
	}
	c.take, c.takeBlock = c.takeInput, c.takeOfBlock()
	return c
}

// Detach makes the parser let go of the evidence that it shares. Until it is cloned with another
// one it is not fed: see [Parser.CloneWith].
func (p *Parser) Detach() {
	if !p.own {
		p.evidence, p.opt.Evidence = nil, nil
	}
}

// Shared returns how many bytes of [Parser.Memory] a clone shared with its original when it was
// made.
func (p *Parser) Shared() int { return p.asm.Shared() }

// begin clears the result of the call before.
func (p *Parser) begin() {
	p.outcome = 0
	if len(p.records) > 0 {
		p.clearRecords()
	}
}

// clearRecords lets go of the records of the call before.
func (p *Parser) clearRecords() {
	clear(p.records)
	p.records, p.result.Records = p.records[:0], nil
}

// made returns what the call made.
func (p *Parser) made() *Result {
	r := &p.result
	r.Kind, r.InReport, r.HeadSeen, r.Mixed = p.outcome.Kind(), p.outcome.InReport(), p.outcome.HeadSeen(), p.outcome.Mixed()
	return r
}

// takeLine adds a line to the assembly and makes the records of what it completes.
func (p *Parser) takeLine(l *format.Line) {
	if p.opt.Sigkill {
		p.hearKernel(l)
		p.learn(l)
	}
	inReport := false
	if !l.Apart {
		out := p.asm.Line(l)
		p.outcome, inReport = p.outcome.And(out), out.InReport()
		if len(p.asm.Events()) > 0 {
			p.build()
		}
	}
	if !inReport {
		p.testify(l)
	}
}

// flushFacts makes the records of the facts that wait, where no other parser has a part in them.
func (p *Parser) flushFacts(flush func(*Evidence) []*Record) {
	if !p.own {
		return
	}
	if p.records = append(p.records, flush(p.evidence)...); len(p.records) > 0 {
		p.result.Records = p.records
	}
}

// build makes the records of what the newest line or call completed.
func (p *Parser) build() {
	events := p.asm.Events()
	for i := range events {
		rec := p.builder.Build(&events[i])
		if p.onEvent != nil {
			p.onEvent(&events[i], rec)
		}
		if p.counts(&events[i], rec) {
			p.records = append(p.records, rec)
		}
	}
	if len(p.records) > 0 {
		p.result.Records = p.records
	}
}
