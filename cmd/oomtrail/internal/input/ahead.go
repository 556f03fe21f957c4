// SPDX-License-Identifier: Apache-2.0

package input

import (
	"io"

	"github.com/oomtrail/oomtrail/parser"
)

// Ahead reads what may be silent for long in a goroutine of its own, so that who waits for it can
// do something else meanwhile, or wait no more.
type Ahead struct {
	wait func(next <-chan Chunk) (Chunk, error)
	next chan Chunk
	free chan []byte
	now  Chunk
	rest []byte // of its data
}

// Chunk is what one read gave: a buffer, and how much of it.
type Chunk struct {
	buf []byte
	n   int
	err error
}

// ReadAhead begins to read r. wait takes the next chunk; its error ends the reading.
func ReadAhead(r io.Reader, wait func(next <-chan Chunk) (Chunk, error)) *Ahead {
	const chunks = 2
	a := &Ahead{wait: wait, next: make(chan Chunk, chunks), free: make(chan []byte, chunks)}
	for range chunks {
		a.free <- make([]byte, 64<<10)
	}
	go func() {
		for buf := range a.free {
			n, err := r.Read(buf)
			a.next <- Chunk{buf, n, err}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *Ahead) Read(b []byte) (int, error) {
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
func (s *Set) unlessCut(next <-chan Chunk) (Chunk, error) {
	select {
	case chunk := <-next:
		return chunk, nil
	case <-s.Context.Done():
		return Chunk{}, parser.ErrCutOff
	}
}
