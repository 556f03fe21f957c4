// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/search"
)

const (
	// contextLines is how many lines are read before a line with a trigger, for what they say about
	// it. A record of printk that its format splits has 16 lines at most (a task's name has 15
	// bytes, each of which may be a newline). Before those come the 16 lines from which a format
	// learns how prefixes look.
	contextLines = 16 + 16
	// entryLines is how many lines the beginning of a journal entry is looked for before that.
	entryLines = 256
	// pieceSize is how much of a block is searched at once: what reads it next finds it in the
	// processor's cache.
	pieceSize = 256 << 10
)

// Skipper is the stream that a [Cursor] skips lines of.
type Skipper interface {
	// SkipLines leaves out whole lines, of which none holds a trigger. It returns how many bytes it
	// left out: up to the end of lines, or to a line that has to be read.
	SkipLines(lines []byte) (n int)
	// MayBeInEntry reports whether the line that b begins with may be inside an entry that began
	// before it.
	MayBeInEntry(b []byte) bool
}

// Cursor goes through the lines of a block. The zero value is not usable, use [NewCursor].
//
// The rule of skipping stands here alone. Of a stream in which no report is open, the lines that
// hold a trigger are read (see [Triggers]), and the lines of context before each:
// [contextLines], or more where those are in a journal entry that began further up. All others are
// left out, as far as the stream allows.
type Cursor struct {
	keys  *search.Keys
	block []byte
	at    int // where the next line begins
	// quiet is where the lines end that hold no trigger, context where the context of the next line
	// begins.
	quiet, context int
	// trigger is where the line ends that holds a trigger and follows the quiet ones; quiet when
	// none was found yet.
	trigger int
}

// NewCursor returns a cursor for a block, in which the keys are the triggers. Each line of the
// block ends with a newline.
func NewCursor(block []byte, triggers *search.Keys) Cursor {
	return Cursor{keys: triggers, block: block}
}

// Offset returns where in the block the next line begins.
func (c *Cursor) Offset() int { return c.at }

// Done reports whether the block has no further line.
func (c *Cursor) Done() bool { return c.at == len(c.block) }

// Line returns the next line without its newline, and goes on to the one after it.
func (c *Cursor) Line() []byte {
	line := c.block[c.at:]
	line = line[:bytes.IndexByte(line, '\n')]
	c.at += len(line) + len("\n")
	return line
}

// AtContext reports whether all that is left of the block is the context of a line that it does not
// hold. It is known after [Cursor.Skip] only.
func (c *Cursor) AtContext() bool {
	return c.at >= c.context && c.trigger == c.quiet && c.quiet == len(c.block)
}

// Skip leaves out the lines before the next one that has to be read. The block has a further line,
// and still has one after the call.
func (c *Cursor) Skip(s Skipper) {
	if c.at >= c.trigger {
		c.quiet, c.context, c.trigger = c.at, c.at, c.at
	}
	for {
		if c.at < c.context {
			if c.at += s.SkipLines(c.block[c.at:c.context]); c.at < c.context {
				return
			}
		}
		if c.trigger > c.quiet || c.quiet == len(c.block) {
			return
		}
		c.search(s)
	}
}

// search looks for a trigger in the next piece of the block.
func (c *Cursor) search(s Skipper) {
	piece := c.block[c.quiet:]
	if len(piece) > pieceSize {
		piece = piece[:pieceSize+bytes.IndexByte(piece[pieceSize:], '\n')+1]
	}
	if at := c.keys.Index(piece); at >= 0 {
		c.trigger = c.quiet + at + bytes.IndexByte(piece[at:], '\n') + 1
		c.quiet += bytes.LastIndexByte(piece[:at], '\n') + 1
	} else {
		c.quiet += len(piece)
		c.trigger = c.quiet
	}
	c.context = c.at + lastLines(c.block[c.at:c.quiet], contextLines)
	for n := contextLines; c.context > c.at && n < entryLines && s.MayBeInEntry(c.block[c.context:]); n++ {
		c.context = c.at + bytes.LastIndexByte(c.block[c.at:c.context-1], '\n') + 1
	}
}

// lastLines returns where the last n lines of b begin, 0 where it has no more than n. b is empty or
// ends with a newline. Newlines are counted over many bytes at once, and only the last stretch is
// looked at line by line: no instruction searches backwards.
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
