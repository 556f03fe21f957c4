// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// stream is what the lines of one input share: its settings, what its lines have shown so far, and
// the line that is being made. The formats read and change it; what only one format needs, its type
// holds.
type stream struct {
	// format is the format that the input is said to have.
	format report.Format
	// trusted holds the formats of the source that the input is known to come from: a line can be
	// OriginKernel only in them.
	trusted formatSet
	// emit takes the Lines, valid while a call to the Decoder lasts.
	emit func(*Line)
	// number is the number of the current input line.
	number int
	// newlines is set where the current input line may hold newlines.
	newlines bool

	// shown holds the formats of the lines so far.
	shown formatSet
	// pasted is set once a line has shown that mail or a web page has changed the text.
	pasted bool
	// padded is set once a line has shown that each ends with a space more than the kernel prints.
	padded bool
	prev   prevLine
	stats  prefixStats
	tags   tagStats
	times  times

	// line is the line that is being made. The fields below say more about it.
	line Line
	// wrap is what a container runtime or a log shipper put around the line.
	wrap wrapping
	// verbatim is set when the text is as the kernel wrote it ("<4>…", imklog, journalctl), without
	// the escapes of dmesg or rsyslog.
	verbatim bool
	// doubted is set when the line may have had a prefix, but the stream's other lines spoke
	// against it.
	doubted bool
	// processTag is set when the tag has a process id. The kernel has none.
	processTag bool
	// wordedFacility is set when words give the facility: a tag with spaces looks like them, and
	// any user can write one.
	wordedFacility bool

	// escaped is the buffer of a text whose escapes are undone. It keeps nothing between two lines.
	escaped []byte
}

// begin makes the current line an empty one of format f.
func (s *stream) begin(f report.Format) {
	l := &s.line
	*l = Line{} // a literal with values would be made elsewhere and copied
	l.Number, l.Format, l.Level, l.Facility = s.number, f, -1, -1
	s.times.begin()
	s.verbatim, s.doubted = false, false
}

// send emits the current line, unless what is around it speaks against that. What its form says
// about the kernel counts only in an input that is trusted for it.
func (s *stream) send() {
	l := &s.line
	s.shown.add(l.Format)
	if l.Trusted = s.trusted.has(l.Format) && !l.Apart; l.Origin == report.OriginKernel && !l.Trusted {
		l.Origin = report.OriginUnknown
	}
	if s.wrap.set && !s.wrap.apply(l) {
		return
	}
	s.emit(l)
}

// setTag sets the tag, and the process id that it has, nil for none.
func (s *stream) setTag(name, process []byte) {
	s.line.Tag, s.line.Process = name, processID(process)
	s.processTag = process != nil
}

// processID reads a process id, 0 for what is none.
func processID(b []byte) uint32 {
	if v, n := digits(b, 9); n > 0 && n == len(b) {
		return uint32(v)
	}
	return 0
}

// setPriority takes over a priority and what it says about the origin.
func (s *stream) setPriority(prio int) {
	s.line.setPriority(prio)
	s.line.judgeFacility()
}

// unescapeText undoes the escapes that the format of the current line puts into a text.
func (s *stream) unescapeText(text []byte) []byte {
	switch {
	case s.verbatim:
		return text
	case s.line.Format == report.Syslog:
		return s.unescapeOctal(text)
	case s.line.Format == report.Dmesg:
		return s.unescape(text, isControl)
	}
	return text
}

// unescape returns text with its \xNN escapes undone, text itself when it has none.
func (s *stream) unescape(text []byte, escapes func(byte) bool) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	s.escaped = appendUnescaped(s.escaped[:0], text, escapes)
	return s.escaped
}

// unescapeOctal undoes rsyslog's #ooo escapes of control bytes: "#012" is a newline.
func (s *stream) unescapeOctal(text []byte) []byte {
	if nextOctal(text) < 0 {
		return text
	}
	s.escaped = AppendOctal(s.escaped[:0], text)
	return s.escaped
}

// clone returns an independent copy of the state between two lines.
func (s *stream) clone() stream {
	c := *s
	c.line, c.escaped, c.emit = Line{}, nil, nil
	c.prev = s.prev.clone()
	return c
}

// memory counts the bytes that the stream's buffers hold.
func (s *stream) memory() int {
	return cap(s.escaped) + cap(s.prev.host) + cap(s.prev.tag) + cap(s.prev.stampBuf)
}
