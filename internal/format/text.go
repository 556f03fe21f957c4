// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unicode/utf8"
)

// before is what the line before says about one that continues it.
type before struct {
	// seen is set when a line stood right before, without a blank line between.
	seen bool
	// prefixed is set when some line of the stream had a prefix.
	prefixed bool
	// width is the length of the last prefix in bytes, columns in characters,
	// stamp the part of it behind the names of dmesg -x.
	width, columns int
	// margin is the indent of a log without prefixes that was pasted as a block, -1 before its first line.
	margin int
	// line is the line before; its texts are copies.
	line                Line
	host, tag, stampBuf []byte
}

func (p *before) remember(l *Line) {
	p.seen = true
	p.host = append(p.host[:0], l.Host...)
	p.tag = append(p.tag[:0], l.Tag...)
	p.stampBuf = append(p.stampBuf[:0], l.Stamp...)
	p.line = *l
	p.line.Text, p.line.Caller = nil, nil
	p.point()
}

// rememberKmsg remembers a record of /dev/kmsg. No line goes on from one by its indent, so nothing but its kind is needed.
func (p *before) rememberKmsg(l *Line) {
	p.seen, p.prefixed, p.width = true, true, 0
	p.host = p.host[:0]
	p.line.Format, p.line.Origin = Kmsg, l.Origin
}

// point makes the remembered line's texts the copies.
func (p *before) point() {
	p.line.Host, p.line.Tag, p.line.Stamp = orNil(p.host), orNil(p.tag), orNil(p.stampBuf)
}

func (p before) clone() before {
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

// decodeText decodes a line of a carrier that is text itself: dmesg, the console, syslog.
func (d *Decoder) decodeText(raw []byte, emit func(*Line)) {
	b := trimEnd(raw)
	if d.continues(b) {
		d.send(emit)
		return
	}
	d.begin(d.format)
	l := &d.line
	text, ok := d.prefix(b)
	if !ok && d.format == Auto {
		text, ok = d.indented(b)
	}
	if !ok {
		d.bare(b)
		d.send(emit)
		return
	}
	d.before.prefixed = true
	d.before.setWidth(b[:len(b)-len(text)])
	if l.Origin != OriginUser {
		text = d.undo(text)
	}
	l.Text = text
	l.markTruncated()
	d.setTimes()
	d.before.remember(l)
	d.send(emit)
}

// prefix takes off whatever prefix the format allows.
func (d *Decoder) prefix(b []byte) (text []byte, ok bool) {
	if d.format != Dmesg {
		if text, ok = d.syslogPrefix(b); ok {
			if d.line.Format == Auto {
				d.line.Format = Syslog
			}
			return text, true
		}
	}
	text, ok = d.kernelPrefix(b)
	if ok {
		d.line.Format = Dmesg
	}
	return text, ok
}

// indented takes off a prefix behind blanks, as pasted text has it.
func (d *Decoder) indented(b []byte) (text []byte, ok bool) {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	if n == 0 {
		return b, false
	}
	return d.prefix(b[n:])
}

// bare makes the current line one without a prefix.
func (d *Decoder) bare(b []byte) {
	l := &d.line
	if d.format == Auto {
		l.Format = None
	}
	l.Text = b
	if len(b) == 0 || bytes.HasPrefix(b, []byte("-- ")) { // what follows is another paragraph or, behind journalctl's "-- Boot … --", another log
		d.before.seen = false
		d.before.margin = -1
		d.habit.bare = usage{}
		return
	}
	if !d.doubted {
		d.habit.bare.accept(formBare, formBare, d.number)
	}
	if d.format == Auto && !d.before.prefixed {
		l.Text = d.before.cutMargin(b)
	}
	if d.before.seen && d.before.prefixed {
		l.Wrapped = d.format == Auto
		if d.before.line.Origin == OriginUser { // the rest of a user's line is the user's
			l.Origin = OriginUser
		}
	}
	l.markTruncated()
	d.before.remember(l)
}

// continues reports whether b is a further line of the record before, and makes it
// the current line: dmesg and journalctl indent it to where the text of the first line began.
func (d *Decoder) continues(b []byte) bool {
	p := &d.before
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
	d.line = p.line
	d.raw = false
	l := &d.line
	l.Number, l.Continues, l.Lost, l.Truncated, l.Wrapped = d.number, true, 0, false, false
	l.Text = b[indent:]
	if l.Origin != OriginUser {
		l.Text = d.undo(l.Text)
	}
	l.markTruncated()
	return true
}

// continuesEmpty reports whether b is an empty further line of the record before: nothing but the indent of such a line.
func (p *before) continuesEmpty(b []byte) bool {
	return p.seen && (len(b) == p.width || len(b) == p.columns) && spaces(b) == len(b)
}

// cutMargin takes off the blanks that the first line of a paragraph began with.
func (p *before) cutMargin(b []byte) []byte {
	if p.margin < 0 {
		if indentedByKernel(b) {
			return b
		}
		p.margin = spaces(b)
	}
	return b[min(p.margin, spaces(b)):]
}

// indentedByKernel reports whether a line has blanks of the kernel's own: the lines of a call trace.
func indentedByKernel(b []byte) bool {
	t := b[spaces(b):]
	return len(t) > 0 && len(t) < len(b) && (bytes.Contains(t, []byte("+0x")) || bytes.HasPrefix(t, []byte("[<")) || t[0] == '<')
}

func (p *before) setWidth(prefix []byte) {
	p.width, p.columns = len(prefix), len(prefix)
	if !isASCII(prefix) {
		p.columns = utf8.RuneCount(prefix)
	}
}

// undo undoes the escapes that the carrier of the current line puts into a text.
func (d *Decoder) undo(text []byte) []byte {
	switch {
	case d.raw:
		return text
	case d.line.Format == Syslog:
		return d.undoOctal(text)
	case d.line.Format == Dmesg:
		return d.unescape(text, isControl)
	}
	return text
}
