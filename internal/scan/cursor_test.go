// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// lineSkipper leaves out lines as a stream does that stops before some of them.
type lineSkipper struct {
	t       *testing.T
	skipped int // bytes
	stop    []byte
}

func (s *lineSkipper) SkipLines(lines []byte) (n int) {
	if len(lines) == 0 || lines[len(lines)-1] != '\n' {
		s.t.Fatalf("no whole lines are to be skipped: %q", lines)
	}
	if n = bytes.Index(lines, s.stop); n < 0 {
		n = len(lines)
	}
	s.skipped += n
	return n
}

func (s *lineSkipper) MayBeInEntry(b []byte) bool { return b[0] == '"' }

// TestCursorReadsTriggersAndContext: of each block all lines with a trigger are read, and the lines
// before each that are its context; of the others only those that the stream does not skip. What is
// left at the end is the context of a line that is still to come.
func TestCursorReadsTriggersAndContext(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	reads, skips := 0, 0
	for round := range 300 {
		var lines []string
		var block []byte
		rare := 1 + random.IntN(400)
		for n := 1 + random.IntN(3000); len(lines) < n; {
			line := fmt.Sprintf("line %d", len(lines))
			switch random.IntN(rare) {
			case 0:
				line += " Killed process"
			case 1:
				line = "stop " + line
			case 2:
				for range random.IntN(300) {
					lines = append(lines, `"in": "an entry"`)
					block = append(block, `"in": "an entry"`+"\n"...)
				}
				continue
			}
			lines, block = append(lines, line), append(block, line+"\n"...)
		}
		wanted := make([]bool, len(lines)+1) // the last one is a line that the block does not hold
		for i := len(lines); i >= 0; i-- {
			if i < len(lines) && TriggerKeys(false).Index([]byte(lines[i])) < 0 {
				continue
			}
			wanted[i] = true
			first := max(0, i-contextLines)
			for n := contextLines; first > 0 && first < i && n < entryLines && lines[first][0] == '"'; n++ {
				first--
			}
			for n := first; n < i; n++ {
				wanted[n] = true
			}
		}
		c, s, at := NewCursor(block, TriggerKeys(false)), &lineSkipper{t: t, stop: []byte("stop")}, 0
		for read := 0; ; read++ {
			if c.Done() {
				reads += read
				break
			}
			before, skipped := c.Offset(), s.skipped
			c.Skip(s)
			if c.Offset() != before+s.skipped-skipped {
				t.Fatalf("round %d: %d bytes were skipped, from %d to %d", round, s.skipped-skipped, before, c.Offset())
			}
			for ; before < c.Offset(); at++ {
				if before += len(lines[at]) + 1; wanted[at] {
					t.Fatalf("round %d: line %d of %d was skipped: %q", round, at, len(lines), lines[at])
				}
				skips++
			}
			if c.AtContext() {
				rest := at
				for ; rest < len(lines) && TriggerKeys(false).Index([]byte(lines[rest])) < 0; rest++ {
				}
				if rest < len(lines) {
					t.Fatalf("round %d: line %d is left as context, line %d holds a trigger", round, at, rest)
				}
			}
			line := string(c.Line())
			if line != lines[at] {
				t.Fatalf("round %d: %q was read, want %q", round, line, lines[at])
			}
			if !wanted[at] && !bytes.HasPrefix([]byte(line), []byte("stop")) {
				t.Fatalf("round %d: line %d of %d was read: %q", round, at, len(lines), line)
			}
			at++
		}
	}
	if reads < 1000 || skips < 1000 {
		t.Errorf("%d lines were read and %d skipped: this shows little", reads, skips)
	}
}
