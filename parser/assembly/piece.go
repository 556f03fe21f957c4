package assembly

import (
	"bytes"
	"strings"

	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// Formats that make a line of each line of a record (syslog(2), /proc/kmsg, the console, rsyslog's imklog) do not show where a record
// ends. Any user can have the kernel print a newline, in a path that it complains of for one, and behind it what looks like a line of
// a report. All that gives such a line away is the line before: it has the same stamp and level, and is no line of a report.

// longestRecord is more text than one record of printk holds, in bytes.
const longestRecord = 1024

// neighbour is what must be known of the newest line to see whether the next one may be a piece of the same record.
type neighbour struct {
	// seen is false at the beginning of the stream and where lines were left out.
	seen bool
	// record counts the bytes of the lines that may be one record and end with the newest, indented those that are one where the
	// format indents what continues a record.
	record, indented int
	// foreign is set while a line that is no report's stands so close before that it may be the head of the record; size counts
	// the bytes from there on.
	foreign bool
	size    int

	whole       bool // it is a record, and nothing continues it
	uptime      int64
	hasUptime   bool
	level       int8
	facility    int16
	program     bool // the line names another program than the kernel
	stamp, host []byte
}

// piece is what stands before a line says of it.
type piece struct {
	// doubtful is set for one that may be a piece of a record that is none of a report, or of one that nobody has seen.
	doubtful bool
	// named is set for one that goes on with the name of a task, behind a newline in it.
	named bool
}

// splits reports whether a format makes a line of each line of a record, as far as anybody knows.
func splits(f transport.Format) bool {
	return f == transport.Dmesg || f == transport.Syslog || f == transport.None
}

// judge tells what a line is by what stands before it.
func (n *neighbour) judge(l *transport.Line) (p piece) {
	if !splits(l.Format) {
		return p
	}
	if !n.seen {
		return piece{doubtful: true}
	}
	if (n.foreign || l.Continues) && n.mayHold(l) {
		size := n.record
		if l.Continues {
			size = n.indented
		}
		p.named = size <= maxComm && size+nameEnd(view(l.Text)) <= maxComm
		p.doubtful = n.foreign && !p.named && n.size+len(l.Text) <= longestRecord
	}
	return p
}

// mayHold reports whether the newest line and l may be pieces of one record.
func (n *neighbour) mayHold(l *transport.Line) bool {
	switch {
	case l.Continues || l.Wrapped || !l.HasUptime && l.Stamp == nil && l.Level < 0: // nothing of its own stands before it
		return true
	case n.whole || l.Level != n.level || l.Facility != n.facility:
		return false
	case l.HasUptime:
		return n.hasUptime && l.Uptime == n.uptime
	case l.Tag != nil && !n.hasUptime && n.program:
		return false
	case l.Stamp != nil:
		return !n.hasUptime && bytes.Equal(l.Stamp, n.stamp) && bytes.Equal(l.Host, n.host)
	}
	return true
}

// nameEnd returns the length of the task's name that a line begins with, more than any name for other lines.
func nameEnd(text string) int {
	for _, behind := range [...]string{" invoked oom-killer", " cpuset=", ": page allocation failure"} {
		if i := strings.Index(text[:min(len(text), maxComm+len(behind))], behind); i >= 0 {
			return i
		}
	}
	return maxComm + 1
}

// isForeign reports whether a line of that kind is no report's. An empty line inside a report says nothing.
func (a *Assembler) isForeign(l *transport.Line, kind grammar.Kind) bool {
	switch kind {
	case grammar.Other:
		return len(l.Text) > 0 || len(a.open) == 0
	case grammar.Userspace, grammar.AllocFailureLine:
		return true
	}
	return false
}

// passBy remembers a line, of which it is known now whether it is foreign.
func (n *neighbour) passBy(l *transport.Line, foreign bool) {
	if n.whole = !splits(l.Format); n.whole {
		n.seen, n.foreign, n.size, n.record, n.indented = true, foreign, 0, longestRecord, longestRecord
		return
	}
	held, size := n.mayHold(l), len(l.Text)+len("\n")
	switch {
	case !n.seen:
		n.record = longestRecord // nobody knows what stands before
	case !held:
		n.record = 0
	}
	if foreign {
		n.size = 0
	}
	n.foreign = foreign || n.foreign && held
	if !l.Continues {
		n.indented = 0
	}
	n.indented = min(n.indented+size, 2*longestRecord)
	n.record, n.size = min(n.record+size, 2*longestRecord), min(n.size+size, 2*longestRecord)
	n.seen = true
	n.uptime, n.hasUptime, n.level, n.facility = l.Uptime, l.HasUptime, l.Level, l.Facility
	if !l.HasUptime {
		n.program = l.Tag != nil && string(l.Tag) != "kernel"
		n.stamp, n.host = append(n.stamp[:0], l.Stamp...), append(n.host[:0], l.Host...)
	}
}

func (n neighbour) clone() neighbour {
	n.stamp, n.host = bytes.Clone(n.stamp), bytes.Clone(n.host)
	return n
}
