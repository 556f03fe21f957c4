// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"io"
)

// Input is a reader whose error reads as the end of the input. What came before the error is read
// like any other input.
type Input struct {
	// R is the reader itself.
	R io.Reader
	// Err is its error, nil for none or [io.EOF].
	Err error
}

// Read implements [io.Reader]. A reader that gives nothing time after time has failed:
// [io.ErrNoProgress].
func (s *Input) Read(b []byte) (int, error) {
	const patience = 100 // reads in a row that give nothing
	for range patience {
		n, err := s.R.Read(b)
		if err != nil && err != io.EOF {
			s.Err, err = err, io.EOF
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	s.Err = io.ErrNoProgress
	return 0, io.EOF
}

// EachLine calls fn with each line of r as soon as it has come, without its newline; the bytes are
// valid until fn returns. Of a line longer than [MaxLine] only the head is given. It returns the
// first error of fn, or that of r once fn has had all that came before it.
func EachLine(r io.Reader, fn func([]byte) error) error {
	src := &Input{R: r}
	lines := NewReader(src, 0)
	for {
		err, end := lines.Fill(), LineEnds
		if err != nil {
			end = InputEnds
		}
		text, end := lines.Block(end)
		for line := range bytes.Lines(text) {
			n := len(line)
			if line[n-1] == '\n' {
				line = line[:n-1]
			} else if end != InputEnds {
				break
			}
			if err := fn(line[:min(len(line), MaxLine)]); err != nil {
				return err
			}
			lines.Consume(n)
		}
		if err != nil {
			return src.Err
		}
	}
}
