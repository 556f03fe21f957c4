// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

// ErrUnread is the error of [Run] where it was to end, and the output took nothing any more: a pipe
// is full and nobody reads it. A write may still be under way.
var ErrUnread = errors.New("nobody reads the output: what was to be printed last is missing; with --state the next start prints it")

// lastWrite is how long the output may take for what is printed at the end.
const lastWrite = time.Second

// patient is an output that waits for its reader until ctx ends, and no more than a moment then.
type patient struct {
	ctx    context.Context
	out    io.Writer
	gaveUp bool
}

// Write implements io.Writer. It is not for several goroutines at once.
func (p *patient) Write(b []byte) (int, error) {
	if p.gaveUp {
		return 0, ErrUnread
	}
	type result struct {
		n   int
		err error
	}
	written := make(chan result, 1)
	b = bytes.Clone(b) // a write that is given up goes on
	go func() {
		n, err := p.out.Write(b)
		written <- result{n, err}
	}()
	select {
	case r := <-written:
		return r.n, r.err
	case <-p.ctx.Done():
	}
	last := time.NewTimer(lastWrite)
	defer last.Stop()
	select {
	case r := <-written:
		return r.n, r.err
	case <-last.C:
		p.gaveUp = true
		return 0, ErrUnread
	}
}
