// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
)

const (
	// contextLines is how many lines before one that may matter are read, for what they say about it: a gap in the kernel's numbering,
	// a record that the line is a piece of (a task's name, which has 15 bytes, makes 16 lines of it at the most), and, before
	// these, the habits of the format, which are remembered for 16 lines.
	contextLines = 16 + 16
	// entryLines is how many lines an entry of several lines is looked back on, for its beginning.
	entryLines = 256
	// pieceSize is how much of a block is looked through at once: what comes after the look finds it in the processor's cache.
	pieceSize = 256 << 10
)

// FeedBlock feeds the whole lines of a block, which is a good deal faster than to feed them one by one: with no report open it goes
// straight to the next line that may matter. It calls fn with the records as they are completed, and returns how many bytes it
// used: all to the last newline, or to where fn failed. block may be changed, and is not kept.
func (p *Parser) FeedBlock(block []byte, fn func([]*Record) error) (used int, err error) {
	return p.feedBlock(block, fn, false)
}

// feedBlock is [Parser.FeedBlock]. With more, the next block will begin with what is not used of this one: its last lines are left where
// nothing but a line behind them could make them matter.
func (p *Parser) feedBlock(block []byte, fn func([]*Record) error, more bool) (used int, err error) {
	block = block[:bytes.LastIndexByte(block, '\n')+1]
	p.begin()
	var a ahead
	for plain := 0; used < len(block); {
		if p.asm.CanSkip() && p.decoder.CanPass() {
			used = p.pass(block, used, &a)
			if more && used >= a.context && a.until == a.quiet && a.quiet == len(block) {
				break
			}
		}
		rest := block[used:]
		line := rest[:bytes.IndexByte(rest, '\n')]
		start := used
		if used += len(line) + len("\n"); used > plain {
			plain = start + plainBytes(rest)
		}
		if used > plain {
			p.decoder.Decode(line, p.take)
		} else if l := p.decoder.Next(line, true); l != nil {
			if p.asm.Line(l); len(p.asm.Events()) == 0 {
				continue
			}
			p.build()
		} else {
			p.decoder.DecodePlain(line, p.take)
		}
		if len(p.records) == 0 {
			continue
		}
		if err = fn(p.records); err != nil {
			break
		}
		p.begin()
	}
	p.forget()
	return used, err
}

// plainBytes returns up to where b holds no backslash, as far as it looks.
func plainBytes(b []byte) int {
	const far = 4 << 10
	b = b[:min(len(b), far)]
	if i := bytes.IndexByte(b, '\\'); i >= 0 {
		return i
	}
	return len(b)
}

// ahead is what is known of the lines of a block that are still to be fed.
type ahead struct {
	// quiet is where the lines end that cannot matter, context where the last [contextLines] of them begin.
	quiet, context int
	// until is where the line ends that may matter and that stands behind the quiet ones, quiet when none was found yet.
	until int
}

// pass leaves out lines from used on that cannot matter, and returns where the next line to feed begins. It always
// leaves one.
func (p *Parser) pass(block []byte, used int, a *ahead) int {
	if used >= a.until {
		*a = ahead{quiet: used, context: used, until: used}
	}
	for {
		if used < a.context {
			skipped, sequence := p.decoder.Pass(block[used:a.context], p.asm.Sequence())
			if skipped > 0 {
				p.asm.SkipTo(sequence)
			}
			if used += skipped; used < a.context {
				return used
			}
		}
		if a.until > a.quiet || a.quiet == len(block) {
			return used
		}
		a.look(block, used)
	}
}

// look goes through the next piece of the block. Lines before used have been fed.
func (a *ahead) look(block []byte, used int) {
	piece := block[a.quiet:]
	if len(piece) > pieceSize {
		piece = piece[:pieceSize+bytes.IndexByte(piece[pieceSize:], '\n')+1]
	}
	if at := scan.IndexTrigger(piece); at >= 0 {
		a.until = a.quiet + at + bytes.IndexByte(piece[at:], '\n') + 1
		a.quiet += bytes.LastIndexByte(piece[:at], '\n') + 1
	} else {
		a.quiet += len(piece)
		a.until = a.quiet
	}
	a.context = used + lastLines(block[used:a.quiet], contextLines)
	for n := contextLines; a.context > used && n < entryLines && format.MayBeInEntry(block[a.context:]); n++ {
		a.context = used + bytes.LastIndexByte(block[used:a.context-1], '\n') + 1
	}
}

// lastLines returns where the last n lines of b begin, 0 where it has no more than n. b is empty or ends in a newline. Newlines are
// counted over many bytes at once, and only the last stretch is looked at line by line: no instruction searches backwards.
func lastLines(b []byte, n int) int {
	const stretch = 1 << 10
	n++ // the newline before them
	for end := len(b); end > 0; end -= stretch {
		piece := b[max(0, end-stretch):end]
		count := bytes.Count(piece, []byte{'\n'})
		if count < n {
			n -= count
			continue
		}
		at := end - len(piece)
		for ; count >= n; count-- {
			at += bytes.IndexByte(b[at:], '\n') + 1
		}
		return at
	}
	return 0
}
