// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
)

// MayBelong reports whether a line looks like one of the middle of a report, which [MayContainOOM] may deny: a row of a table, a figure of
// memory.stat, a frame of the stack. Who reads lines that may come out of their order has to keep these until the head comes. The
// answer is of the line alone, so that other kernel messages look like it too.
func MayBelong(line []byte) (may bool) {
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	format.NewDecoder(format.Auto).Decode(line, func(l *format.Line) { may = may || assembly.MayBelong(l.Text) })
	return may
}

// Position says where a line stands in the log of its kernel.
type Position struct {
	// Sequence is the number of its record; HasSequence reports whether it is known.
	Sequence    uint64
	HasSequence bool
	// Micros is the kernel's stamp in microseconds, or where there is none the carrier's; HasMicros reports whether it is known.
	Micros    int64
	HasMicros bool
}

// PositionOf returns the position of a line that is given as the carrier gave it; the zero value where it shows none.
func PositionOf(line []byte) (at Position) {
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	format.NewDecoder(format.Auto).Decode(line, func(l *format.Line) { at = PositionOfLine(l) })
	return at
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

// Compare returns -1 when p stands before q, 1 when it stands behind it, and 0 when that is not known or they are equal.
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
