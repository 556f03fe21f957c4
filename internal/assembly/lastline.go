// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// lastLine is what must be known of the newest line to see what belongs to it, and what only
// repeats it.
type lastLine struct {
	outcome     Outcome
	uptime      int64
	hasUptime   bool
	sequence    uint64
	hasSequence bool
	level       int8
	length      int
	// text, stamp and host are kept of lines of a report only, only of such as are not very long,
	// and not where a number distinguishes the lines.
	text, stamp, host []byte
}

// note keeps what must be known of a line.
func (n *lastLine) note(l *format.Line, out Outcome) {
	n.outcome = out
	n.uptime, n.hasUptime, n.sequence, n.hasSequence = l.Uptime, l.HasUptime, l.Sequence, l.HasSequence
	n.level, n.length = l.Level, len(l.Text)
	if !l.HasSequence && out.Kind() != kernel.Other {
		n.keep(l)
	}
}

func (n *lastLine) keep(l *format.Line) {
	if n.length > maxJoined {
		n.outcome &^= 0xff // a line that no other repeats
		return
	}
	n.text, n.stamp = append(n.text[:0], l.Text...), append(n.stamp[:0], word(l.Stamp)...)
	n.host = append(n.host[:0], l.Host...)
}

// isRepeatedBy reports whether the line comes again as l: a log repeats lines, the kernel gives
// each its own number.
func (n *lastLine) isRepeatedBy(l *format.Line) bool {
	if len(l.Text) != n.length || n.outcome.Kind() == kernel.Other || l.HasSequence != n.hasSequence {
		return false
	}
	if l.HasSequence {
		return l.Sequence == n.sequence
	}
	if string(l.Text) != string(n.text) || string(l.Host) != string(n.host) {
		return false
	}
	if l.HasUptime != n.hasUptime { // two daemons write into one file, one of them the kernel's timestamp too
		return string(l.Stamp) == string(n.stamp) && len(l.Stamp) > 0
	}
	return l.Uptime == n.uptime && string(l.Stamp) == string(n.stamp)
}

// isSameStamp reports whether l carries the very timestamp and level of the line, as the pieces of
// a record do that a frontend splits at newlines. Two records of the same microsecond do too.
func (n *lastLine) isSameStamp(l *format.Line) bool {
	return l.HasUptime && n.hasUptime && l.Uptime == n.uptime && l.Level == n.level
}

// isSameRecord reports whether l may be a further piece of the line's record.
func (n *lastLine) isSameRecord(l *format.Line) bool { return l.Continues || n.isSameStamp(l) }

func (n lastLine) clone() lastLine {
	n.text, n.stamp, n.host = bytes.Clone(n.text), bytes.Clone(n.stamp), bytes.Clone(n.host)
	return n
}

// size is the memory that is kept of the line.
func (n *lastLine) size() int { return cap(n.text) + cap(n.stamp) + cap(n.host) }
