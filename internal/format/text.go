// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/parser/report"
)

// prevLine is what the line before says about one that continues it.
type prevLine struct {
	// seen is set when a line stood right before, without an empty line between.
	seen bool
	// prefixed is set when some line of the stream had a prefix.
	prefixed bool
	// width is the length of the last prefix in bytes, columns in characters.
	width, columns int
	// margin is the indent of a log without prefixes that was pasted as a block, -1 before its
	// first line.
	margin int
	// line is the line before; its texts are copies.
	line                Line
	host, tag, stampBuf []byte
}

func (p *prevLine) remember(l *Line) {
	p.seen = true
	p.host = append(p.host[:0], l.Host...)
	p.tag = append(p.tag[:0], l.Tag...)
	p.stampBuf = append(p.stampBuf[:0], l.Stamp...)
	p.line = *l
	p.line.Text, p.line.Caller, p.line.Fields = nil, nil, nil
	p.point()
}

// rememberKmsg remembers a record of /dev/kmsg. No line goes on from one by its indent, so nothing
// but its kind is needed.
func (p *prevLine) rememberKmsg(l *Line) {
	p.seen, p.prefixed, p.width = true, true, 0
	p.host = p.host[:0]
	p.line.Format, p.line.Origin = report.Kmsg, l.Origin
}

// point makes the remembered line's texts the copies.
func (p *prevLine) point() {
	p.line.Host, p.line.Tag, p.line.Stamp = orNil(p.host), orNil(p.tag), orNil(p.stampBuf)
}

func (p prevLine) clone() prevLine {
	p.host, p.tag, p.stampBuf = bytes.Clone(p.host), bytes.Clone(p.tag), bytes.Clone(p.stampBuf)
	p.point()
	return p
}

func orNil(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// textCleaner undoes one thing that was done to a text.
type textCleaner struct {
	// name says what was done.
	name string
	// at is where it may have been done.
	at ends
	// clean returns the text without it, the text itself where it was not done.
	clean func(s *stream, text []byte) []byte
}

// textCleaners undo what was done to a text whose prefix is off, where the format of the input is
// not said (Auto). They work in this order. A new one is one row here and one file.
var textCleaners = [...]textCleaner{
	{"colours", begins("\x1b"), uncolour},
	{"tabs in a table", begins("["), untab},
	{"spaces at the end", beginsOrEnds("", " "), cutPadding},
	{"dropped spaces", begins("F"), restoreBlanks},
}

var textCleanersAt = lookupOf(textCleaners[:], func(c *textCleaner) ends { return c.at })

// cleanText cleans the text of the current line.
func cleanText(s *stream) {
	if s.format != report.Auto {
		return
	}
	l := &s.line
	for todo := textCleanersAt.byEnds(l.Text); todo != 0; {
		i := todo.first()
		l.Text = textCleaners[i].clean(s, l.Text)
		todo = textCleanersAt.byEnds(l.Text).after(i)
	}
}

// readText reads a line of a format that is text itself: dmesg, the console, syslog.
func readText(s *stream, raw []byte) {
	b := trimEnd(raw)
	if continues(s, b) {
		cleanText(s)
		s.send()
		return
	}
	s.begin(s.format)
	l := &s.line
	text, ok := takePrefix(s, b)
	if !ok && s.format == report.Auto {
		text, ok = indentedPrefix(s, b)
	}
	if !ok {
		takeUnprefixed(s, b)
		cleanText(s)
		s.send()
		return
	}
	s.prev.prefixed = true
	s.prev.setWidth(b[:len(b)-len(text)])
	if l.Origin != report.OriginUser {
		text = s.unescapeText(text)
	}
	l.Text = text
	cleanText(s)
	l.markTruncated()
	s.times.set(l)
	s.prev.remember(l)
	s.send()
}

// takePrefix takes off any prefix that the format allows.
func takePrefix(s *stream, b []byte) (text []byte, ok bool) {
	if s.format != report.Dmesg {
		if text, ok = syslogPrefix(s, b); ok {
			if s.line.Format == report.Auto {
				s.line.Format = report.Syslog
			}
			return text, true
		}
	}
	text, ok = kernelPrefix(s, b)
	if ok {
		s.line.Format = report.Dmesg
	}
	return text, ok
}

// indentedPrefix takes off a prefix after spaces, as pasted text has it.
func indentedPrefix(s *stream, b []byte) (text []byte, ok bool) {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	if n == 0 {
		return b, false
	}
	return takePrefix(s, b[n:])
}

// takeUnprefixed makes the current line one without a prefix.
func takeUnprefixed(s *stream, b []byte) {
	l := &s.line
	if s.format == report.Auto {
		l.Format = report.None
	}
	l.Text = b
	if len(b) == 0 || hasPrefix(b, "-- ") { // what follows is another paragraph or, behind journalctl's "-- Boot … --", another log
		s.prev.seen = false
		s.prev.margin = -1
		s.stats.unprefixed = formVote{}
		return
	}
	if !s.doubted {
		s.stats.unprefixed.accept(formBare, formBare, s.number)
	}
	if s.format == report.Auto && !s.prev.prefixed {
		l.Text = s.prev.cutMargin(b)
	}
	if s.prev.seen && s.prev.prefixed {
		l.Wrapped = s.format == report.Auto
		if s.prev.line.Origin == report.OriginUser { // the rest of a user's line is the user's
			l.Origin = report.OriginUser
		}
	}
	l.markTruncated()
	s.prev.remember(l)
}

// continues reports whether b is a further line of the record before, and makes it
// the current line: dmesg and journalctl indent it to where the text of the first line began.
func continues(s *stream, b []byte) bool {
	p := &s.prev
	if !p.seen || p.width == 0 || len(b) == 0 || b[0] != ' ' {
		return false
	}
	indent := spaces(b)
	switch {
	case indent >= p.width:
		indent = p.width
	case indent >= p.columns:
		indent = p.columns
	default:
		return false
	}
	s.line = p.line
	s.verbatim = false
	l := &s.line
	l.Number, l.Continues, l.Lost, l.Truncated, l.Wrapped = s.number, true, 0, false, false
	l.Text = b[indent:]
	if l.Origin != report.OriginUser {
		l.Text = s.unescapeText(l.Text)
	}
	l.markTruncated()
	return true
}

// continuesEmpty reports whether b is an empty further line of the record before: nothing but the
// indent of such a line.
func (p *prevLine) continuesEmpty(b []byte) bool {
	return p.seen && (len(b) == p.width || len(b) == p.columns) && spaces(b) == len(b)
}

// cutMargin takes off the spaces that the first line of a paragraph began with.
func (p *prevLine) cutMargin(b []byte) []byte {
	if p.margin < 0 {
		if indentedByKernel(b) {
			return b
		}
		p.margin = spaces(b)
	}
	return b[min(p.margin, spaces(b)):]
}

// indentedByKernel reports whether a line has spaces of the kernel's own: the lines of a call
// trace.
func indentedByKernel(b []byte) bool {
	t := b[spaces(b):]
	return len(t) > 0 && len(t) < len(b) && (bytes.Contains(t, []byte("+0x")) || bytes.HasPrefix(t, []byte("[<")) || t[0] == '<')
}

func (p *prevLine) setWidth(prefix []byte) {
	p.width, p.columns = len(prefix), len(prefix)
	if !isASCII(prefix) {
		p.columns = utf8.RuneCount(prefix)
	}
}

var _ = register(report.None, func() reader { return statelessReader(readUnprefixed) })

// readUnprefixed reads a line of kernel text with nothing around it.
func readUnprefixed(s *stream, raw []byte) {
	s.begin(report.None)
	s.line.Text = trimEnd(raw)
	s.send()
}
