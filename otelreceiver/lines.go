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
	r   io.Reader
	buf []byte
	// start is where the unread part of buf begins, scanned up to where it holds no newline.
	start int
	// offset is the place in the input of buf[start].
	offset int64
	// cutting is true while the rest of a line that was too long is thrown away.
	cutting bool
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
	if free := cap(l.buf) - len(l.buf); free < lineReadSize/2 {
		grown := make([]byte, len(l.buf), max(lineReadSize, 2*cap(l.buf)))
		copy(grown, l.buf)
		l.buf = grown
	}
	n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
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
