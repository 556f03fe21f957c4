// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bufio"
	"errors"
	"io"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
)

// ReadAll feeds a whole input and calls fn with each record. It returns the first error of fn, or that of r once
// fn has had all that came before it. An input that runs backwards (journalctl -r) is read report by report in the
// right order. Beside the parser it holds a line, of at most [MaxLine] bytes, and 256 KiB, and 4 MiB of an input that
// runs backwards.
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
	src := &source{r: r}
	br := bufio.NewReaderSize(src, peekSize)
	if backwards, export := runsBackwards(br, &o); backwards {
		reverser := scan.Reverser{Export: export, Feed: func(_ int, line []byte) error { return emit(p.Feed(line).Records) }}
		if err := EachLine(br, reverser.Line); err != nil {
			return err
		}
		err = reverser.Flush()
	} else {
		err = eachBlock(br, p, emit)
	}
	if err != nil {
		return err
	}
	if err := emit(p.Flush()); err != nil {
		return err
	}
	return src.err
}

// source is a reader whose error is told as its end, and kept: what came before it is read like any other input.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	const patience = 100 // reads in a row that give nothing
	for range patience {
		n, err := s.r.Read(b)
		if err != nil && err != io.EOF {
			s.err, err = err, io.EOF
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	s.err = io.ErrNoProgress
	return 0, io.EOF
}

// eachBlock feeds all of r.
func eachBlock(r io.Reader, p *Parser, emit func([]*Record) error) error {
	lines := scan.NewReader(r, 0)
	onLine := func(_ *format.Line, r *Result) error { return emit(r.Records) }
	for {
		err, end := lines.Fill(), MoreFollows
		if err != nil {
			end = InputEnds
		}
		position := lines.Offset()
		text, end := lines.Block(end)
		used, failed := p.ReadBlock(Block{Text: text, Position: position, End: end}, onLine)
		if lines.Consume(used); failed != nil {
			return failed
		}
		if err != nil {
			return nil
		}
	}
}

// EachLine calls fn with each line of r, without its newline; the bytes are valid until fn returns. Of a line longer than
// [MaxLine] only the head is given. It returns the first error of fn, or that of r once fn has had all that came before it.
func EachLine(r io.Reader, fn func([]byte) error) error {
	src := &source{r: r}
	br := bufio.NewReaderSize(src, peekSize)
	var long []byte
	for {
		line, err := br.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if room := MaxLine - len(long); room > 0 {
				long = append(long, line[:min(len(line), room)]...)
			}
			continue
		}
		if len(long) > 0 {
			if room := MaxLine - len(long); room > 0 {
				long = append(long, line[:min(len(line), room)]...)
			}
			line = long
		}
		if len(line) > 0 || err == nil {
			if n := len(line); n > 0 && line[n-1] == '\n' {
				line = line[:n-1]
			}
			if err := fn(line); err != nil {
				return err
			}
		}
		long = long[:0]
		if err == io.EOF {
			return src.err
		}
	}
}
