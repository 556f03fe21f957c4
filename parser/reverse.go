// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bufio"
	"bytes"
	"cmp"
	"io"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
)

// peekSize is how much of an input is looked at, at the most, to see which way it runs.
const peekSize = 64 << 10

// runsBackwards reports whether an input begins with its newest line: in its head a kill comes
// before the report that led to it, or, where the head says nothing of that, the stamps fall.
// export is true where the lines are those of journal entries in export form, which stay together.
func runsBackwards(r *bufio.Reader, o *Options) (backwards, export bool) {
	if _, err := r.Peek(1); err != nil {
		return false, false
	}
	head, _ := r.Peek(r.Buffered()) // what has come so far: a pipe may give more much later
	decoder := format.NewDecoder(o.Transport).Date(o.dating())
	var order assembly.Order
	quiet := !MayContainOOM(head)
	for line := range bytes.Lines(head) {
		if order.Forwards(quiet) {
			return false, false
		}
		decoder.Decode(bytes.TrimSuffix(line, []byte("\n")), func(l *format.Line) {
			export = export || l.Format.SpansLines()
			order.Line(l)
		})
	}
	return order.Backwards(), export
}

// EachLineInOrder is [EachLine] for an input that may begin with its newest line (journalctl -r):
// each report's lines come in the order in which the kernel wrote them, with the numbers that they
// have in the input, from 1. It holds 4 MiB of such an input.
func EachLineInOrder(r io.Reader, o Options, fn func(number int, line []byte) error) error {
	failed, err := readInOrder(r, &o, fn, func(r io.Reader) error {
		number := 0
		return EachLine(r, func(line []byte) error {
			number++
			return fn(number, line)
		})
	})
	return cmp.Or(failed, err)
}

// readInOrder reads an input from its oldest line on: one that begins with its newest line by
// backwards, which gets each line as [EachLineInOrder] gives it, any other one by forwards. failed
// is the first error of these, err that of r.
func readInOrder(
	r io.Reader, o *Options, backwards func(number int, line []byte) error, forwards func(io.Reader) error,
) (failed, err error) {
	src := &scan.Input{R: format.TextReader(r)}
	br := bufio.NewReaderSize(src, peekSize)
	if runs, export := runsBackwards(br, o); runs {
		reverser := scan.Reverser{Export: export, Feed: backwards}
		if failed = EachLine(br, reverser.Line); failed == nil {
			failed = reverser.Flush()
		}
	} else {
		failed = forwards(br)
	}
	return failed, src.Err
}
