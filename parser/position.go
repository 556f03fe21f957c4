// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Position says where a line is in the log of its kernel.
type Position struct {
	// Sequence is the number of its record; HasSequence reports whether it is known.
	Sequence    uint64
	HasSequence bool
	// Micros is the kernel's timestamp in microseconds, or where there is none the format's;
	// HasMicros reports whether it is known.
	Micros    int64
	HasMicros bool
}

// PositionOf returns the position of an input line; the zero value where it shows none.
func PositionOf(line []byte) (at Position) {
	format.NewDecoder(report.Auto).Decode(firstLine(line), func(l *format.Line) { at = PositionOfLine(l) })
	return at
}

// firstLine returns the first line of a text.
func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return line
}

// PositionOfLine returns the position of a line.
func PositionOfLine(l *format.Line) Position {
	at := Position{Sequence: l.Sequence, HasSequence: l.HasSequence}
	if at.Micros, at.HasMicros = l.Uptime, l.HasUptime; !l.HasUptime {
		t, ok := l.LogTime()
		at.Micros, at.HasMicros = t.Microseconds(), ok
	}
	return at
}

// Compare returns -1 when p comes before q, 1 when it comes after it, and 0 when that is not known
// or they are equal.
func (p Position) Compare(q Position) int {
	a, b := p.Micros, q.Micros
	switch {
	case p.HasSequence && q.HasSequence:
		a, b = int64(p.Sequence), int64(q.Sequence)
	case !p.HasMicros || !q.HasMicros:
		return 0
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
