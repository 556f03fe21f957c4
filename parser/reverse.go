// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bufio"
	"bytes"
	"io"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
)

const (
	// peekSize is how much of an input is looked at, at the most, to see which way it runs.
	peekSize = 64 << 10
	// maxTurned bounds the lines that are held to be turned around, in bytes.
	maxTurned = 4 << 20
)

// runsBackwards reports whether an input begins with its newest line: in its head a kill stands before the report that led to it, or,
// where the head says nothing of that, the stamps fall.
// export is true where the lines are those of journal entries in export form, which stay together.
func runsBackwards(r *bufio.Reader, o *Options) (backwards, export bool) {
	if _, err := r.Peek(1); err != nil {
		return false, false
	}
	head, _ := r.Peek(r.Buffered()) // what has come so far: a pipe may give more much later
	decoder := format.NewDecoder(o.Transport).Date(o.Dating())
	var order assembly.Order
	quiet := !MayMatter(head)
	for line := range bytes.Lines(head) {
		if order.Forwards(quiet) {
			return false, false
		}
		decoder.Decode(bytes.TrimSuffix(line, []byte("\n")), func(l *format.Line) {
			export = export || l.Format == format.JournalExport
			order.Line(l)
		})
	}
	return order.Backwards(), export
}

// EachLineInOrder is [EachLine] for an input that may run backwards (journalctl -r): each report's lines come in the order in which the
// kernel wrote them, with the numbers that they have in the input, from 1. It holds 4 MiB of such an input.
func EachLineInOrder(r io.Reader, o Options, fn func(number int, line []byte) error) error {
	src := &source{r: r}
	br := bufio.NewReaderSize(src, peekSize)
	t := turner{feed: fn}
	each := t.next
	backwards, export := runsBackwards(br, &o)
	if backwards {
		each, t.export = t.line, export
	}
	err := EachLine(br, each)
	if err == nil {
		err = t.turn()
	}
	if err == nil {
		err = src.err
	}
	return err
}

// turner hands lines on in the order in which the kernel wrote them, from an input that runs backwards. It holds them back until the
// head of a report comes, which such an input prints last, or until it holds enough.
type turner struct {
	lines  [][]byte // with export, entries of several lines, each with its newline
	size   int
	number int // of the newest line
	export bool
	feed   func(number int, line []byte) error
}

// next hands a line on as it comes.
func (t *turner) next(line []byte) error {
	t.number++
	return t.feed(t.number, line)
}

// line takes the next line of an input that runs backwards.
func (t *turner) line(line []byte) error {
	begins := !t.export || bytes.HasPrefix(line, []byte("__CURSOR=")) || len(t.lines) == 0
	if begins || t.size >= 2*maxTurned { // or there is no end of an entry
		if n := len(t.lines); n > 0 && (t.size >= maxTurned || bytes.Contains(t.lines[n-1], head)) {
			if err := t.turn(); err != nil {
				return err
			}
		}
		t.lines = append(t.lines, nil)
		t.size += 24
	}
	t.number++
	last := &t.lines[len(t.lines)-1]
	*last = append(append(*last, line...), '\n')
	t.size += len(line)
	return nil
}

// head is what the first line of a report holds.
var head = []byte(" invoked oom-killer: ")

// turn hands on what is held, the last line or entry first.
func (t *turner) turn() error {
	number := t.number
	for i := len(t.lines) - 1; i >= 0; i-- {
		number -= bytes.Count(t.lines[i], []byte("\n"))
		n := number
		for line := range bytes.Lines(t.lines[i]) {
			n++
			if err := t.feed(n, line[:len(line)-1]); err != nil {
				return err
			}
		}
	}
	clear(t.lines)
	t.lines, t.size = t.lines[:0], 0
	return nil
}
