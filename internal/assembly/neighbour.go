// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"bytes"
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Formats that make a line of each line of a record (syslog(2), /proc/kmsg, the console, rsyslog's
// imklog) do not show where a record ends. Any user can have the kernel print a newline, in a path
// that it complains of for one, and after it what looks like a line of a report. Only the line
// before shows that: it has the same timestamp and level, and is no line of a report.

// longestRecord is more text than one record of printk holds, in bytes.
const longestRecord = 1024

// neighbour is what must be known of the lines before one to see whether it may be a piece of the
// same record.
type neighbour struct {
	// seen is false at the beginning of the stream and where lines were left out.
	seen bool
	// record counts the bytes of the lines that may be one record and end with the newest, indented
	// those that are one where the format indents what continues a record.
	record, indented int
	// foreign is set while a line that is no report's stands so close before that it may be the
	// head of the record; size counts the bytes from there on.
	foreign bool
	size    int

	uptime    int64
	hasUptime bool
	level     int8
	facility  int16
	unstamped unstamped
}

// unstamped is the newest foreign line without a timestamp of the kernel's. After such a line a
// timestamp may be a part of the text, and so may a level or a header where the line has none
// either.
type unstamped struct {
	known       bool
	size        int // bytes from there on
	level       int8
	facility    int16
	stamp, host []byte
}

// piece is what stands before a line says of it.
type piece struct {
	// doubtful is set for one that may be a piece of a record that is none of a report, or of one
	// that was not seen.
	doubtful bool
	// named is set for one that goes on with the name of a task, after a newline in it.
	named bool
}

// judge says what the lines before a line of a format that splits records make of it, and returns
// the line that counts: a piece of a foreign record is the kernel's, but not on its own account.
func (a *Assembler) judge(l *format.Line) (counted *format.Line) {
	a.piece = a.neighbour.judge(l)
	if !a.piece.doubtful || l.Origin != report.OriginKernel {
		return l
	}
	a.unproven = *l
	a.unproven.Origin = report.OriginUnknown
	return &a.unproven
}

// judge says what a line of a format that splits records is by what stands before it.
func (n *neighbour) judge(l *format.Line) (p piece) {
	if !n.seen {
		return piece{doubtful: true}
	}
	newest, unstamped := n.mayHold(l), n.unstamped.mayHold(l)
	if !newest && !unstamped {
		return p
	}
	size := n.record
	if l.Continues {
		size = n.indented
	}
	p.named = size <= maxComm && size+nameEnd(view(l.Text)) <= maxComm
	p.doubtful = !p.named && (newest && n.foreign && n.size+len(l.Text) <= longestRecord || unstamped && n.unstamped.size+len(l.Text) <= longestRecord)
	return p
}

// mayHold reports whether the newest line and l may be pieces of one record, by their timestamps or
// for want of any.
func (n *neighbour) mayHold(l *format.Line) bool {
	if l.Continues || l.Wrapped || isBare(l) {
		return true
	}
	return l.HasUptime && n.hasUptime && l.Uptime == n.uptime && l.Level == n.level && l.Facility == n.facility
}

// isBare reports whether a line has nothing before its text.
func isBare(l *format.Line) bool { return !l.HasUptime && l.Stamp == nil && l.Level < 0 }

// mayHold reports whether the line and l may be pieces of one record.
func (u *unstamped) mayHold(l *format.Line) bool {
	if !u.known || u.level >= 0 && (l.Level != u.level || l.Facility != u.facility) {
		return false
	}
	return len(u.stamp) == 0 || bytes.Equal(l.Stamp, u.stamp) && bytes.Equal(l.Host, u.host)
}

// nameEnd returns the length of the task's name that a line begins with, more than any name for
// other lines.
func nameEnd(text string) int {
	for _, behind := range [...]string{" invoked oom-killer", " cpuset=", ": page allocation failure"} {
		if i := strings.Index(text[:min(len(text), maxComm+len(behind))], behind); i >= 0 {
			return i
		}
	}
	return maxComm + 1
}

// isForeign reports whether a line of that kind is no report's. An empty line inside a report says
// nothing.
func (a *Assembler) isForeign(l *format.Line, kind kernel.Kind) bool {
	if kind == kernel.Other {
		return len(l.Text) > 0 || len(a.reports.open) == 0
	}
	return kind.OfNoReport()
}

// passRecord remembers a whole record of so many bytes, which nothing but a bare line continues.
func (n *neighbour) passRecord(size int, foreign bool) {
	n.seen, n.foreign, n.size, n.record, n.indented = true, foreign, size, longestRecord, longestRecord
	n.hasUptime, n.unstamped.known = false, false
}

// passBy remembers a line of a format that splits records, of which it is known now whether it is
// foreign.
func (n *neighbour) passBy(l *format.Line, foreign bool) {
	size := len(l.Text) + len("\n")
	newest := n.mayHold(l)
	u := &n.unstamped
	unstamped := u.mayHold(l)
	switch {
	case !n.seen:
		n.record = longestRecord // what comes before is not known
	case !newest && !unstamped:
		n.record = 0
	}
	n.record = min(n.record+size, 2*longestRecord)
	if !l.Continues {
		n.indented = 0
	}
	n.indented = min(n.indented+size, 2*longestRecord)
	if foreign {
		n.size = 0
	}
	n.size = min(n.size+size, 2*longestRecord)
	n.foreign = foreign || n.foreign && newest
	n.seen = true
	n.uptime, n.hasUptime, n.level, n.facility = l.Uptime, l.HasUptime, l.Level, l.Facility
	u.size += size
	u.known = u.known && u.size <= longestRecord
	if foreign && !l.HasUptime && !isBare(l) && !l.Continues && (l.Tag == nil || string(l.Tag) == "kernel") {
		if u.size = size; !unstamped || !u.known { // else the line with less before it says less
			u.known, u.level, u.facility = true, l.Level, l.Facility
			u.stamp, u.host = append(u.stamp[:0], l.Stamp...), append(u.host[:0], l.Host...)
		}
	}
}

func (n neighbour) clone() neighbour {
	n.unstamped.stamp, n.unstamped.host = bytes.Clone(n.unstamped.stamp), bytes.Clone(n.unstamped.host)
	return n
}
