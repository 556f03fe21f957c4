// SPDX-License-Identifier: Apache-2.0

// Package format decodes the encodings of kernel log into lines: what remains of each is the
// kernel's text, and what the format says about it, a [Line]. docs/formats.md specifies the
// formats.
//
// NOTE: the layers, from the input to the Line.
//
//   - [Decoder] (decoder.go) is the front. It owns a stream and the reader of one format.
//   - stream (stream.go) is what the lines of one input share: how their prefixes look
//     (prefixstats.go), how they are dated (times.go, dates.go), the line before, and the line that
//     is being made.
//   - A reader is one format with its state: kmsg.go, dmesg.go, syslog.go, json.go (a journal in
//     JSON), export.go, text.go (no format). auto.go chooses among them line by line. report.Format
//     lists them.
//   - Under the readers stand five tables, tried row by row, where one more form is a row and a
//     file: cleaners (pasted.go) undo what was done to a line, wrapperForms (wrap.go) and
//     objectForms (object.go) take off what a program put around it, headerForms (headers.go) read
//     the header, textCleaners (text.go) undo what was done to the text. A row says by which bytes
//     a line shows that it may apply; a lookup (ends.go) finds the rows of a line at once.
package format

import (
	"bytes"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Line is one record of the kernel log, decoded.
//
// A Line that a [Decoder] hands out, and everything it points to, is valid only
// until the callback returns.
type Line struct {
	// Text is the message with the format's escapes undone. A newline inside one
	// record stays a newline.
	Text []byte
	// Number is the number of the input line on which Text starts, from 1; 0 when unknown.
	Number int
	// Position belongs to the caller that feeds the parser (a sequence number, a file offset);
	// the parser only hands it back: see parser.Parser.Pending.
	Position int64

	// Format is how the line was encoded.
	Format report.Format
	// Origin says who wrote the line.
	Origin report.Origin
	// Level is the syslog severity 0..7, or -1 when the format does not say.
	Level int8
	// Facility is the syslog facility, or -1 when the format does not say.
	Facility int16
	// Process is the process id that a header gives beside the tag, 0 for none. In an entry of the
	// journal it stands among the Fields.
	Process uint32
	// Contained is set where a container's log brought the line: every program there can write any
	// text.
	Contained bool
	// Trusted is set where the input is known to come from a source that has lines of this format:
	// what the format says of their writers is true.
	Trusted bool
	// Apart is set for a line that is no line of a kernel log whatever it says: another program's
	// line that a log store kept.
	Apart bool

	// Uptime is the kernel's own timestamp in microseconds since boot.
	Uptime int64
	// HasUptime reports whether the format gave a kernel timestamp.
	HasUptime bool
	// Wall is the wall-clock time where date, year and zone are all known, by the timestamp itself
	// or by the decoder's [Dating]; else zero.
	Wall time.Time
	// Stamp is the wall timestamp as printed, nil when there is none.
	Stamp []byte
	// Printed orders the lines of one stream by their wall timestamps alone, as printed. It is 0
	// where there is none.
	Printed time.Duration
	// order is the log time of a line whose kernel timestamp does not give it, valid when hasOrder.
	order    time.Duration
	hasOrder bool

	// Sequence is the number of the record in the kernel's ring (/dev/kmsg only).
	Sequence uint64
	// HasSequence reports whether Sequence is known.
	HasSequence bool
	// Caller is the printk caller, "T4242" or "C0" (5.1+ with CONFIG_PRINTK_CALLER), or nil.
	Caller []byte
	// Fragment is set where the format marks a piece of a longer line (kmsg flags c and +).
	Fragment bool
	// Continues is set where the format shows that this is a further line of the record
	// before it (the indented lines of dmesg and journalctl); the indent is taken off.
	Continues bool
	// Wrapped is set for a line without prefix in a stream whose other lines have one:
	// perhaps the rest of the line before it (pasted mail, a newline in a name).
	Wrapped bool
	// Truncated is set where the format shows that the record was cut.
	Truncated bool
	// Assumed says what of Wall the timestamp itself left open.
	Assumed report.Assumed
	// Lost counts messages that the format reports lost just before this line
	// ("** 12 printk messages dropped **", "Missed 12 kernel messages"). Text may be empty then.
	Lost uint64

	// Host is the host name the format gives, or nil.
	Host []byte
	// Tag is the program name of a syslog or journal line ("kernel", "systemd"), or nil.
	Tag []byte
	// Fields are the fields of a journal entry, nil for a line that is none.
	Fields Fields
	// BootID is the journal's _BOOT_ID, or nil.
	BootID []byte
	// MachineID is the journal's _MACHINE_ID, or nil.
	MachineID []byte
	// Cursor is the journal's __CURSOR, or nil.
	Cursor []byte
}

// LogTime returns the time that orders the lines of one stream: the kernel's timestamp, else the
// wall timestamp. It is false for a line with neither. A wall timestamp without a zone is read as
// UTC, one without a year as of year 0. Once a line had both timestamps, the decoder brings wall
// timestamps onto the kernel's scale.
func (l *Line) LogTime() (t time.Duration, ok bool) {
	if l.hasOrder || !l.HasUptime || l.Uptime > longestUptime {
		return l.order, l.hasOrder
	}
	return time.Duration(l.Uptime) * time.Microsecond, true
}

// setOrder sets the log time of a line whose kernel timestamp does not give it.
func (l *Line) setOrder(t time.Duration, ok bool) { l.order, l.hasOrder = t, ok }

// truncatedMark is what the kernel appends to a record that its ring had no room for (trunc_msg in
// kernel/printk).
var truncatedMark = []byte("<truncated>")

// markTruncated takes the kernel's mark of a cut record off the text. A task row
// keeps it: it ends with a name, which anybody may choose.
func (l *Line) markTruncated() {
	n := len(l.Text)
	if n > 0 && l.Text[n-1] == '>' && bytes.HasSuffix(l.Text, truncatedMark) && l.Text[0] != '[' {
		l.Text = l.Text[:n-len(truncatedMark)]
		l.Truncated = true
	}
}

// setPriority takes syslog's facility<<3|level apart.
func (l *Line) setPriority(prio int) {
	l.Level = int8(prio & 7)
	l.Facility = int16(prio >> 3)
}

// judgeFacility sets the origin by the facility: 0 is the kernel's alone.
func (l *Line) judgeFacility() {
	if l.Facility == 0 {
		l.Origin = report.OriginKernel
	} else {
		l.Origin = report.OriginUser
	}
}
