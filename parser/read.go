// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"cmp"
	"errors"
	"io"

	"github.com/oomtrail/oomtrail/internal/scan"
)

// ErrCutOff is what a reader returns that ends before its input does. What is open by then is
// reported as [Parser.CutOff] reports it.
var ErrCutOff = errors.New("the input was cut off")

// ReadAll feeds a whole input and calls fn with each record. It returns the first error of fn, or
// that of r once fn has had all that came before it. An input that runs backwards (journalctl -r)
// is read report by report in the right order. Beside the parser it holds a line, of at most
// [MaxLine] bytes, and 256 KiB, and 4 MiB of an input that runs backwards. Text in UTF-16 with a
// byte order mark is decoded.
func ReadAll(r io.Reader, o Options, fn func(*Record) error) error {
	p, err := New(o)
	if err != nil {
		return err
	}
	emit := func(records []*Record) error {
		for _, rec := range records {
			if err := fn(rec); err != nil {
				return err
			}
		}
		return nil
	}
	backwards := func(_ int, line []byte) error { return emit(p.Feed(line).Records) }
	failed, err := readInOrder(r, &o, backwards, func(r io.Reader) error {
		return eachBlock(r, p, blockReader{onRecords: emit})
	})
	if failed == nil {
		failed = emit(p.end(err))
	}
	return cmp.Or(failed, err)
}

// end returns the records of what is open where reading ended with err.
func (p *Parser) end(err error) []*Record {
	if errors.Is(err, ErrCutOff) {
		return p.CutOff()
	}
	return p.Flush()
}

// eachBlock feeds all of r, and calls what b has.
func eachBlock(r io.Reader, p *Parser, b blockReader) error {
	lines := scan.NewReader(r, 0)
	for {
		err, end := lines.Fill(), MoreFollows
		if err != nil {
			end = InputEnds
		}
		position := lines.Offset()
		text, end := lines.Block(end)
		p.block = b
		used, failed := p.readBlock(&Block{Text: text, Position: position, End: end})
		if lines.Consume(used); failed != nil {
			return failed
		}
		if err != nil {
			return nil
		}
	}
}

// EachLine calls fn with each line of r as soon as it has come, without its newline; the bytes are
// valid until fn returns. Of a line longer than [MaxLine] only the head is given. It returns the
// first error of fn, or that of r once fn has had all that came before it.
func EachLine(r io.Reader, fn func([]byte) error) error { return scan.EachLine(r, fn) }
