package parser

import (
	"bufio"
	"bytes"
	"time"

	"github.com/oomtrail/oomtrail/parser/transport"
)

const (
	// peekSize is how much of an input is looked at, at the most, to see which way it runs.
	peekSize = 64 << 10
	// maxTurned bounds the lines that are held to be turned around, in bytes.
	maxTurned = 4 << 20
)

// runsBackwards reports whether the stamps at the head of an input only ever fall, as `journalctl -r` prints them.
func runsBackwards(r *bufio.Reader, f transport.Format) bool {
	if _, err := r.Peek(1); err != nil {
		return false
	}
	head, _ := r.Peek(r.Buffered()) // what has come so far: a pipe may give more much later
	decoder := transport.NewDecoder(f)
	var last time.Duration
	known, fell, rose := false, 0, 0
	note := func(l *transport.Line) {
		if !l.HasLogTime {
			return
		}
		if known && l.LogTime < last && !justBooted(l) {
			fell++
		}
		if known && l.LogTime > last {
			rose++
		}
		last, known = l.LogTime, true
	}
	for line := range bytes.Lines(head) {
		if decoder.Decode(bytes.TrimSuffix(line, []byte("\n")), note); rose > 0 {
			return false
		}
	}
	return fell > 0
}

// justBooted reports whether the kernel had only begun to count when it wrote the line: a stamp that falls so far tells of a
// restart. The first lines of a boot all bear zero, often more of them than are looked at.
func justBooted(l *transport.Line) bool {
	return l.HasUptime && l.Uptime < int64(time.Second/time.Microsecond)
}

// turner hands lines on in the order in which the kernel wrote them, from an input that runs backwards. It holds them back until the
// head of a report comes, which such an input prints last, or until it holds enough.
type turner struct {
	lines [][]byte
	size  int
	feed  func([]byte) error
}

// line takes the next line of the input.
func (t *turner) line(line []byte) error {
	t.lines = append(t.lines, bytes.Clone(line))
	t.size += len(line) + 24
	if t.size >= maxTurned || bytes.Contains(line, []byte(" invoked oom-killer: ")) {
		return t.turn()
	}
	return nil
}

// turn hands on what is held, last line first.
func (t *turner) turn() error {
	for i := len(t.lines) - 1; i >= 0; i-- {
		if err := t.feed(t.lines[i]); err != nil {
			return err
		}
	}
	clear(t.lines)
	t.lines, t.size = t.lines[:0], 0
	return nil
}
