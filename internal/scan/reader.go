// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"io"
)

const (
	// MaxLine is the longest line that a [Reader] returns as one, in bytes. The rest of a longer
	// line is dropped.
	MaxLine = 1 << 20
	// readSize is how much a [Reader] reads at once, in bytes.
	readSize = 256 << 10
)

// End says how a block ends.
type End uint8

const (
	// LineEnds is the end of a block whose last newline ends it: what follows it is not read.
	LineEnds End = iota
	// MoreFollows is the end of a block that the next one continues. The next block begins with
	// what was not read.
	MoreFollows
	// InputEnds is the end of the input: what follows the last newline is a line too.
	InputEnds
)

// Reader reads a growing input in blocks and counts where each begins. It holds what was read and
// not consumed.
type Reader struct {
	// R is the input; nil for one that has come to its end.
	R io.Reader
	// Room is a buffer that the readers of one goroutine lend each other; nil for none.
	Room *[]byte
	// Discard is how many bytes of the input precede the offset and are dropped.
	Discard int64

	buf []byte
	// start is where the unread part of buf begins.
	start  int
	offset int64
	read   int64
	// cutting is set while the rest of a line that was too long is dropped.
	cutting bool
}

// NewReader returns a reader whose next byte is at offset of the input.
func NewReader(r io.Reader, offset int64) *Reader { return &Reader{R: r, offset: offset} }

// Offset returns the place in the input of the first byte that was not consumed.
func (l *Reader) Offset() int64 { return l.offset }

// Read returns how many bytes were read of the input.
func (l *Reader) Read() int64 { return l.read }

// Unread returns what is in memory and was not consumed. It is valid until the next call of Fill or
// Rest.
func (l *Reader) Unread() []byte { return l.buf[l.start:] }

// Lines returns the whole lines that are in memory, with their newlines.
func (l *Reader) Lines() []byte {
	unread := l.Unread()
	return unread[:bytes.LastIndexByte(unread, '\n')+1]
}

// Block returns what is to be read now and how that ends: as end says, unless a line is too long to
// wait for its end. It is valid until the next call of Fill or Rest.
func (l *Reader) Block(end End) ([]byte, End) {
	unread := l.Unread()
	if len(unread) < MaxLine || end == InputEnds {
		return unread, end
	}
	if lines := l.Lines(); len(lines) > 0 {
		return lines, LineEnds
	}
	l.cutting = true
	return unread, InputEnds
}

// Consume goes on by n bytes.
func (l *Reader) Consume(n int) {
	l.start += n
	l.offset += int64(n)
}

// Fill reads more. Its error is that of the input, [io.EOF] when there is nothing now.
func (l *Reader) Fill() error {
	if l.start > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.start:])]
		l.start = 0
	}
	if l.R == nil {
		return io.EOF
	}
	if free := cap(l.buf) - len(l.buf); free < readSize/2 {
		l.buf = append(l.borrow(max(readSize, 2*len(l.buf))), l.buf...)
	}
	n, err := l.R.Read(l.buf[len(l.buf):cap(l.buf)])
	l.read += int64(n)
	l.buf = l.buf[:len(l.buf)+n]
	if skipped := min(l.Discard, int64(n)); skipped > 0 { // the buffer was empty
		l.Discard -= skipped
		l.start += int(skipped)
	}
	if l.cutting {
		l.cut()
	}
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// borrow returns an empty buffer with room for n bytes.
func (l *Reader) borrow(n int) []byte {
	if l.Room != nil && cap(*l.Room) >= n {
		buf := *l.Room
		*l.Room = nil
		return buf[:0]
	}
	return make([]byte, 0, n)
}

// Rest lends the buffer to other readers while nothing is to be read. What was not consumed is kept
// in memory of its own.
func (l *Reader) Rest() {
	if l.Room == nil || cap(l.buf) < readSize {
		return
	}
	unread := bytes.Clone(l.Unread())
	*l.Room = l.buf
	l.buf, l.start = unread, 0
}

// Drop consumes what is in memory, which is the beginning of a line. The rest of the line is
// dropped when it comes.
func (l *Reader) Drop() {
	l.Consume(len(l.Unread()))
	l.cutting = true
}

// cut drops the rest of a line that was too long.
func (l *Reader) cut() {
	end := bytes.IndexByte(l.Unread(), '\n')
	if end < 0 {
		l.Consume(len(l.Unread()))
		return
	}
	l.Consume(end + 1)
	l.cutting = false
}
