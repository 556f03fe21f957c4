// SPDX-License-Identifier: Apache-2.0

// Package parser turns the Linux kernel's out-of-memory reports into records:
// one for each killed process, as the contract in this repository's README
// lists them. It needs the standard library only, does no I/O and has no clock.
//
// A [Parser] holds the state of one stream, that is of one (host, boot, source).
// Feed it line by line; [ReadAll] does so for a whole input.
package parser

import (
	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/build"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
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
	// InReport is true when the line belongs to a report.
	InReport bool
	// HeadSeen is true when, moreover, that report's first line was seen.
	HeadSeen bool
	// Mixed is true when the line is the head of a report and stands inside another one: lines of two hosts come in as one stream, or
	// lines were lost. Neither report is complete.
	Mixed bool
	// Records are the records that the line completed. The slice is valid until the next call; the records are the caller's to keep.
	Records []*Record
}

// Parser holds the state of one stream. It is for one goroutine.
type Parser struct {
	opt     Options
	decoder *format.Decoder
	asm     *assembly.Assembler
	builder *build.Builder
	take    func(*format.Line)
	result  Result
	records []*Record

	at        place
	block     blockReader
	takeBlock func(*format.Line)
}

// New returns a parser, or an error that names the option, its value and what would be right.
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
	p.take, p.takeBlock = p.takeInput, p.takeOfBlock
	return p, nil
}

// Feed takes one input line as it stands in the input, without its newline. raw may be changed, and is not kept.
func (p *Parser) Feed(raw []byte) Result {
	p.begin()
	p.readLine(raw, p.at.end, p.at.end+int64(len(raw)+len("\n")), p.take)
	p.forget()
	return p.result
}

// FeedLine takes a line whose carrier the caller has taken off. The caller knows its source, so the line's Origin stands as it is.
// l and what it points to are not kept.
func (p *Parser) FeedLine(l *Line) Result {
	p.begin()
	p.takeLine(l)
	p.asm.Forget()
	return p.result
}

// Unordered tells the parser that the lines before and those to come may stand in another order than they are fed in: no report that is
// open is complete.
func (p *Parser) Unordered() { p.asm.Unordered() }

// Flush ends the stream, or the patience with it: it closes what is open and returns its records.
// The parser can be fed on afterwards.
func (p *Parser) Flush() []*Record {
	p.begin()
	p.decoder.Flush(p.take)
	p.at.next, p.at.holds = p.at.end, false
	p.asm.Flush()
	p.build()
	return p.records
}

// FlushReports closes the reports that are open and returns their records. Unlike [Parser.Flush] it keeps the beginning
// of an entry that is not complete (see [Parser.Next]): its rest may still come.
func (p *Parser) FlushReports() []*Record {
	p.begin()
	p.asm.Flush()
	p.build()
	return p.records
}

// CutOff closes what is open before its time and returns its records: room is needed, or whoever feeds the parser ends, and the lines
// that would end it may come to another parser. It claims nothing that is not known yet: a report that has killed nobody so far gives
// oom.unresolved, and its kill line, read by another parser, one oom.kill.
func (p *Parser) CutOff() []*Record {
	p.begin()
	p.decoder.Flush(p.take)
	p.at.next, p.at.holds = p.at.end, false
	p.asm.CutOff()
	p.build()
	return p.records
}

// Past is what is remembered of a stream that is gone: its newest kills, by which one is known that is told again, and whether a report
// was cut off.
type Past = assembly.Past

// Past returns what is worth to be remembered of the stream when it goes, nil for nothing.
func (p *Parser) Past() *Past { return p.asm.Past() }

// Recall makes the parser remember what was remembered of one that it takes the place of; nil for nothing.
func (p *Parser) Recall(past *Past) { p.asm.Recall(past) }

// Blank reports whether the parser holds and remembers nothing that a new one would not know.
func (p *Parser) Blank() bool { return p.asm.Blank() && !p.decoder.Holds() }

// Open reports whether lines are held that have not yet become a finished report.
func (p *Parser) Open() bool { return p.asm.Open() }

// Pending returns the Position of the first line that an open report holds: a checkpoint must not pass it.
func (p *Parser) Pending() (position int64, ok bool) { return p.asm.Pending() }

// Clone returns an independent copy of the parser's state, so that a batch can be tried and taken back.
func (p *Parser) Clone() *Parser {
	c := &Parser{
		opt: p.opt, decoder: p.decoder.Clone(), asm: p.asm.Clone(),
		builder: p.builder.Clone(), at: p.at,
	}
	c.take, c.takeBlock = c.takeInput, c.takeOfBlock
	return c
}

// Shared returns how much of [Parser.Memory] a clone shared with its original when it was made.
func (p *Parser) Shared() int { return p.asm.Shared() }

// begin readies the buffers for the next call.
func (p *Parser) begin() {
	p.result.Kind, p.result.InReport, p.result.HeadSeen, p.result.Mixed = kernel.Other, false, false, false
	if len(p.records) > 0 {
		clear(p.records)
		p.records, p.result.Records = p.records[:0], nil
	}
}

// takeLine puts one line into the assembly and makes records of what that completes.
func (p *Parser) takeLine(l *format.Line) {
	out := p.asm.Line(l)
	if p.result.Kind == kernel.Other {
		p.result.Kind = out.Kind
	}
	p.result.InReport = p.result.InReport || out.InReport
	p.result.HeadSeen = p.result.HeadSeen || out.HeadSeen
	p.result.Mixed = p.result.Mixed || out.Mixed
	p.build()
}

// build makes the records of what the assembly has just completed.
func (p *Parser) build() {
	events := p.asm.Events()
	if len(events) == 0 {
		return
	}
	for i := range events {
		p.records = append(p.records, p.builder.Build(&events[i]))
	}
	p.result.Records = p.records
}
