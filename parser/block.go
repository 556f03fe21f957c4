// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
)

// MaxLine is the longest input line that is read as one, in bytes; the rest of a longer line is
// dropped.
const MaxLine = scan.MaxLine

// BlockEnd says how a [Block] ends.
type BlockEnd = scan.End

// The ends of a block; the zero value is LineEnds.
const (
	// LineEnds: the block ends with its last newline, and what follows it is not read.
	LineEnds = scan.LineEnds
	// MoreFollows: the next block begins with what was not read of this one. Its last lines are
	// left unread where only a later line could make them count.
	MoreFollows = scan.MoreFollows
	// InputEnds: what follows the last newline is a line too.
	InputEnds = scan.InputEnds
)

// Block is a part of the input of a stream.
type Block struct {
	// Text is what the input holds. It may be changed, and is not kept.
	Text []byte
	// Position is that of the first byte of Text: see [Parser.Pending].
	Position int64
	// End says how the block ends.
	End BlockEnd
	// EveryLine has every line read; else lines are skipped that cannot count.
	EveryLine bool
}

// blockReader is what gets the lines of a block.
type blockReader struct {
	onLine    func(*Line, *Result) error
	onRecords func([]*Record) error
	err       error
}

// place is where a parser is in its input.
type place struct {
	// start is the position of the newest input line, or of the first of those that the decoder
	// holds; end is the position after the newest one, next that from which reading can go on.
	start, end, next int64
	// emitted is set where the newest input line has completed something, holds where the decoder
	// holds lines.
	emitted, holds bool
}

// ReadBlock reads the lines of a block, which is a good deal faster than to feed them one by one:
// with no report open it goes straight to the next line that may count (see [MayContainOOM]). It
// calls fn with each line that it reads and with what that made. Both are valid until fn returns,
// but the records are the caller's to keep. It returns how many bytes it read, and the first error
// of fn, after which it reads no further line.
//
// During fn and after ReadBlock, a checkpoint may be the position of [Parser.Pending], or of
// [Parser.Next] where no line is pending.
func (p *Parser) ReadBlock(b Block, fn func(*Line, *Result) error) (read int, err error) {
	p.block.onLine, p.block.onRecords = fn, nil
	return p.readBlock(&b)
}

// FeedBlock is [Parser.ReadBlock] of a block that follows the one before it and ends with its last
// newline. It calls fn with the records as they are completed.
func (p *Parser) FeedBlock(block []byte, fn func([]*Record) error) (read int, err error) {
	p.block.onLine, p.block.onRecords = nil, fn
	return p.readBlock(&Block{Text: block, Position: p.at.end})
}

// Next returns the position after what was read of the input, or of the first line of an entry that
// is not complete.
func (p *Parser) Next() int64 { return p.at.next }

// Lines returns how many lines of the input were read or skipped.
func (p *Parser) Lines() int { return p.decoder.Number() }

func (p *Parser) readBlock(b *Block) (read int, err error) {
	state := &p.block
	c := scan.NewCursor(b.Text[:bytes.LastIndexByte(b.Text, '\n')+1], scan.TriggerKeys(p.search().Deaths))
	for !c.Done() && state.err == nil {
		if !b.EveryLine && p.asm.CanSkip() && p.decoder.CanSkip() {
			c.Skip((*skipper)(p))
			if b.End == MoreFollows && c.AtContext() {
				break
			}
		}
		start := b.Position + int64(c.Offset())
		line := c.Line()
		held := p.at.startLine(start, b.Position+int64(c.Offset()))
		p.decoder.DecodeLine(line, p.takeBlock)
		p.at.endLine(start, held, p.decoder.Holds())
	}
	read = c.Offset()
	if rest := b.Text[read:]; b.End == InputEnds && len(rest) > 0 && state.err == nil {
		start := b.Position + int64(read)
		held := p.at.startLine(start, b.Position+int64(len(b.Text)))
		p.decoder.DecodeLine(rest[:min(len(rest), MaxLine)], p.takeBlock)
		p.at.endLine(start, held, p.decoder.Holds())
		read = len(b.Text)
	}
	err = state.err
	*state = blockReader{}
	p.begin()
	p.forget()
	return read, err
}

// startLine notes that one input line is read, from start to end of the input. held is set where
// the decoder holds lines before it.
func (at *place) startLine(start, end int64) (held bool) {
	if held = at.holds; !held {
		at.start = start
	}
	at.end, at.next, at.emitted = end, end, false
	return held
}

// endLine notes that the line was read, and whether the decoder holds lines now.
func (at *place) endLine(start int64, held, holds bool) {
	if at.holds = holds; holds {
		if held && at.emitted { // the line completed an entry, and began another one
			at.start = start
		}
		at.next = at.start
	}
}

// takeOfBlock returns the function that takes a line which the decoder made of a block, and calls
// the block's function with what that made. It is not inlined, because nothing is inlined into a
// function that is made in an inlined one.
//
//go:noinline
func (p *Parser) takeOfBlock() func(*format.Line) {
	return func(l *format.Line) {
		state := &p.block
		if state.err != nil {
			return
		}
		if len(p.records) > 0 {
			p.clearRecords()
		}
		p.at.emitted, l.Position = true, p.at.start
		p.takeLine(l)
		switch {
		case state.onLine != nil:
			state.err = state.onLine(l, p.made())
		case len(p.records) > 0:
			state.err = state.onRecords(p.records)
		}
	}
}

// takeInput takes a line that the decoder made of the input.
func (p *Parser) takeInput(l *format.Line) {
	p.at.emitted, l.Position = true, p.at.start
	p.takeLine(l)
}

// skipper is the parser as [scan.Cursor] sees it.
type skipper Parser

// SkipLines implements [scan.Skipper].
func (p *skipper) SkipLines(lines []byte) int {
	n, sequence := p.decoder.Skip(lines, p.asm.Sequence())
	if n > 0 {
		p.asm.SkipTo(sequence)
		(*Parser)(p).hearSkipped(lines[:n])
	}
	return n
}

// MayBeInEntry implements [scan.Skipper].
func (*skipper) MayBeInEntry(b []byte) bool { return format.MayBeInEntry(b) }
