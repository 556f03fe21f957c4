// SPDX-License-Identifier: Apache-2.0

package scan

import "bytes"

// maxReversed bounds the lines that a [Reverser] holds, in bytes.
const maxReversed = 4 << 20

// Reverser gives the lines of an input that begins with its newest line (journalctl -r) in the
// order in which the kernel wrote them. It holds lines until the head of a report comes, which such
// an input prints last, or until it holds 4 MiB of them.
type Reverser struct {
	// Export is set where the lines are those of journal entries in export form, which stay
	// together.
	Export bool
	// Feed gets each line, and its number in the input, from 1.
	Feed func(number int, line []byte) error

	lines  [][]byte // with Export, entries of several lines; each line has its newline
	size   int
	number int // of the newest line
}

// Line takes the next line of the input, without its newline. It returns the error of Feed.
func (r *Reverser) Line(line []byte) error {
	begins := !r.Export || bytes.HasPrefix(line, []byte("__CURSOR=")) || len(r.lines) == 0
	if begins || r.size >= 2*maxReversed { // or an entry has no end
		if n := len(r.lines); n > 0 && (r.size >= maxReversed || bytes.Contains(r.lines[n-1], head)) {
			if err := r.Flush(); err != nil {
				return err
			}
		}
		r.lines = append(r.lines, nil)
		r.size += 24
	}
	r.number++
	last := &r.lines[len(r.lines)-1]
	*last = append(append(*last, line...), '\n')
	r.size += len(line)
	return nil
}

// head is what the first line of a report holds.
var head = []byte(" invoked oom-killer: ")

// Flush feeds the lines that are held, the last line or entry first. It returns the error of Feed.
func (r *Reverser) Flush() error {
	number := r.number
	for i := len(r.lines) - 1; i >= 0; i-- {
		number -= bytes.Count(r.lines[i], []byte("\n"))
		n := number
		for line := range bytes.Lines(r.lines[i]) {
			n++
			if err := r.Feed(n, line[:len(line)-1]); err != nil {
				return err
			}
		}
	}
	clear(r.lines)
	r.lines, r.size = r.lines[:0], 0
	return nil
}
