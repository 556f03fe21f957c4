// SPDX-License-Identifier: Apache-2.0

package input

import (
	"io"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// ahead reads what may be silent for long in a goroutine of its own, so that who waits for it can
// do something else meanwhile, or wait no more.
type ahead struct {
	wait func(next <-chan chunk) (chunk, error)
	next chan chunk
	free chan []byte
	now  chunk
	rest []byte // of its data
}

// chunk is what one read gave: a buffer, and how much of it.
type chunk struct {
	buf []byte
	n   int
	err error
}

// readAhead begins to read r. wait takes the next chunk; its error ends the reading.
func readAhead(r io.Reader, wait func(next <-chan chunk) (chunk, error)) *ahead {
	const chunks = 2
	a := &ahead{wait: wait, next: make(chan chunk, chunks), free: make(chan []byte, chunks)}
	for range chunks {
		a.free <- make([]byte, 64<<10)
	}
	go func() {
		for buf := range a.free {
			n, err := r.Read(buf)
			a.next <- chunk{buf, n, err}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *ahead) Read(b []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.buf != nil {
			a.free <- a.now.buf
			a.now.buf = nil
		}
		var err error
		if a.now, err = a.wait(a.next); err != nil {
			return 0, err
		}
		a.rest = a.now.buf[:a.now.n]
	}
	n := copy(b, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// unlessCut waits for a chunk, or for the end of the context.
func (s *Set) unlessCut(next <-chan chunk) (chunk, error) {
	select {
	case c := <-next:
		return c, nil
	case <-s.Context.Done():
		return chunk{}, parser.ErrCutOff
	}
}

// patience is how long an input may be silent before that is said.
const patience = 200 * time.Millisecond

// unlessQuiet waits for a chunk, and says so where none comes for a while.
func (s *Set) unlessQuiet(next <-chan chunk) (chunk, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case c := <-next:
		return c, nil
	case <-timer.C:
	}
	if err := s.Quiet(); err != nil {
		return chunk{}, err
	}
	return <-next, nil
}
