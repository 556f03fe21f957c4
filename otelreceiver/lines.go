// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"io"
)

const (
	// lineReadSize is how much is read at a time.
	lineReadSize = 64 << 10
	// maxLine bounds one line; what is longer is cut there. No kernel log has such lines, other files may.
	maxLine = 1 << 20
)

// lineReader cuts a growing input into lines and knows where each ends.
type lineReader struct {
	r   io.Reader // nil for an input that has come to its end
	buf []byte
	// start is where the unread part of buf begins, scanned up to where it holds no newline.
	start int
	// offset is the place in the input of buf[start].
	offset int64
	// cutting is true while the rest of a line that was too long is thrown away.
	cutting bool
	// discard is how much of the input comes before offset and is read over.
	discard int64
	// read is how much was read of the input.
	read int64
	// room is a buffer that the readers of one goroutine lend each other, nil for none.
	room *[]byte
}

func newLineReader(r io.Reader, offset int64) *lineReader {
	return &lineReader{r: r, offset: offset}
}

// block returns the complete lines that are in memory, with their newlines; empty when there are none.
// It is valid until the next call of fill.
func (l *lineReader) block() []byte {
	unread := l.buf[l.start:]
	return unread[:bytes.LastIndexByte(unread, '\n')+1]
}

// consume moves on by n bytes.
func (l *lineReader) consume(n int) {
	l.start += n
	l.offset += int64(n)
}

// fill reads more. Its error is that of the reader, io.EOF when there is nothing now.
func (l *lineReader) fill() error {
	if l.start > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.start:])]
		l.start = 0
	}
	if l.r == nil {
		return io.EOF
	}
	if free := cap(l.buf) - len(l.buf); free < lineReadSize/2 {
		l.buf = append(l.borrow(max(lineReadSize, 2*len(l.buf))), l.buf...)
	}
	n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.read += int64(n)
	l.buf = l.buf[:len(l.buf)+n]
	if skipped := min(l.discard, int64(n)); skipped > 0 { // the buffer was empty
		l.discard -= skipped
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
func (l *lineReader) borrow(n int) []byte {
	if l.room != nil && cap(*l.room) >= n {
		buf := *l.room
		*l.room = nil
		return buf[:0]
	}
	return make([]byte, 0, n)
}

// rest is called when nothing more is to be read for a while: what is kept until then is an unfinished line and no room beside it.
func (l *lineReader) rest() {
	if l.room == nil || cap(l.buf) < lineReadSize {
		return
	}
	partial := bytes.Clone(l.partial())
	*l.room = l.buf
	l.buf, l.start = partial, 0
}

// cut throws away the rest of a line that was too long.
func (l *lineReader) cut() {
	end := bytes.IndexByte(l.buf[l.start:], '\n')
	if end < 0 {
		l.consume(len(l.buf) - l.start)
		return
	}
	l.consume(end + 1)
	l.cutting = false
}

// partial returns what is there of a line that has no end yet.
func (l *lineReader) partial() []byte { return l.buf[l.start:] }

// takePartial ends an unfinished line: what is there is a line, and when cut is true its rest, once it comes, is none.
func (l *lineReader) takePartial(cut bool) []byte {
	line := l.partial()
	l.consume(len(line))
	l.cutting = cut
	return line
}
