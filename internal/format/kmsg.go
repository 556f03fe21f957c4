// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unsafe"
)

// kmsg reads what read(2) from /dev/kmsg gives: docs/formats.md, section A.1.
type kmsg struct {
	// next is what the head of the next record is likely to be.
	next nextRecord
}

var _ = register(Kmsg, func() reader { return new(kmsg) })

func (k *kmsg) read(s *stream, raw []byte) {
	if len(raw) == 0 || raw[0] == ' ' { // a line of the dictionary: " SUBSYSTEM=acpi"
		return
	}
	if !k.record(s, raw) {
		s.begin(Kmsg)
		s.line.Text = trimEnd(raw)
	}
	s.send()
}

func (k *kmsg) flush(*stream) {}
func (k *kmsg) holds() bool   { return false }
func (k *kmsg) clone() reader { return new(kmsg) }
func (k *kmsg) trim()         {}
func (k *kmsg) memory() int   { return int(unsafe.Sizeof(*k)) }

// record reads one record, "6,352,4274134,-,caller=T42;text", into the current line and reports
// whether raw is one. Linux 3.5 has no flag field; fields after the flag may follow in any number.
func (k *kmsg) record(s *stream, raw []byte) bool {
	fields := len(plainFields)
	h, n := k.next.head(raw)
	if n == 0 {
		if h, n = readKmsgHead(raw); n == 0 {
			return false
		}
		if fields = kmsgFields(raw[n:]); fields < 0 {
			return false
		}
	}
	s.beginRecord()
	l := &s.line
	l.setPriority(int(h.priority))
	l.judgeFacility()
	l.Sequence, l.HasSequence = h.sequence, true
	l.Uptime, l.HasUptime = int64(h.micros), true
	if f := raw[n : n+fields]; string(f) != plainFields {
		l.setKmsgFields(f)
	}
	text := raw[n+fields+len(";"):]
	if nl := bytes.IndexByte(text, '\n'); nl >= 0 { // a whole read(2): what follows is the dictionary
		text = text[:nl]
	}
	l.Text = s.unescape(trimEnd(text), isEscaped)
	l.markTruncated()
	s.times.set(l)
	k.next.follow(h.sequence)
	return true
}

// plainFields are the fields of a record that is whole, plainTail is what stands between its time
// and its text.
const plainFields, plainTail = ",-", plainFields + ";"

// kmsgHead is the numbers that a record begins with.
type kmsgHead struct{ priority, sequence, micros uint64 }

// readKmsgHead reads "6,352,4274134" and returns its length, 0 when b does not begin with one.
func readKmsgHead(b []byte) (h kmsgHead, n int) {
	var i int
	if len(b) > 1 && b[1] == ',' && isDigit(b[0]) { // the kernel's own records have no longer priority
		h.priority, i = uint64(b[0]-'0'), 1
	} else if h.priority, i = digits(b, longestPriority); i == 0 || i == len(b) || b[i] != ',' {
		return h, 0
	}
	n = i + 1
	if h.sequence, i = number(b[n:], longestNumber); i == 0 || n+i == len(b) || b[n+i] != ',' {
		return h, 0
	}
	n += i + 1
	if h.micros, i = number(b[n:], longestTime); i == 0 {
		return h, 0
	}
	return h, n + i
}

// The most digits that the numbers of a record have.
const longestPriority, longestNumber, longestTime = 5, 20, 18

// kmsgFields returns the length of the fields between a record's time and the ; before its text, -1
// when b does not begin with such.
func kmsgFields(b []byte) int {
	if hasPrefix(b, plainTail) { // nearly always
		return len(plainFields)
	}
	if len(b) == 0 || b[0] != ',' && b[0] != ';' {
		return -1
	}
	end := bytes.IndexByte(b, ';')
	if end == 1 || end > 2 && b[2] != ',' { // the flag is one character
		return -1
	}
	return end
}

// setKmsgFields reads what stands between the time and the text: ",-,caller=T42".
// The flag is - for a whole record, c for a piece of a line and, up to 4.8, + for a further one.
func (l *Line) setKmsgFields(fields []byte) {
	for first := true; len(fields) > 0; first = false {
		fields = fields[1:]
		end := bytes.IndexByte(fields, ',')
		if end < 0 {
			end = len(fields)
		}
		f := fields[:end]
		switch {
		case first:
			l.Fragment = len(f) == 1 && (f[0] == 'c' || f[0] == '+')
		case bytes.HasPrefix(f, []byte("caller=")):
			l.Caller = f[len("caller="):]
		}
		fields = fields[end:]
	}
}

// dictionaryLine reports whether b is a further line of a /dev/kmsg record: one space, then
// KEY=value.
func dictionaryLine(b []byte) bool {
	if len(b) < 3 || b[0] != ' ' {
		return false
	}
	for i, c := range b[1:] {
		switch {
		case c == '=':
			return i > 0
		case c >= 'A' && c <= 'Z', c == '_', i > 0 && isDigit(c):
		default:
			return false
		}
	}
	return false
}

// UnescapeKmsg undoes the \xNN escapes of /dev/kmsg in text, in place where it can, and cuts
// off the dictionary (" SUBSYSTEM=…" lines) that Fluent Bit's in_kmsg leaves after the text.
// It overwrites text and returns a part of it.
func UnescapeKmsg(text []byte) []byte {
	for i := bytes.IndexByte(text, '\n'); i >= 0 && i < len(text); i++ {
		if text[i] == '\n' && dictionaryLine(text[i+1:]) {
			text = text[:i]
			break
		}
	}
	text = trimEnd(text)
	return appendUnescaped(text[:0], text, isEscaped)
}

// isEscaped reports whether /dev/kmsg escapes a byte (msg_add_ext_text in kernel/printk).
func isEscaped(c byte) bool { return c < ' ' || c >= 0x7f || c == '\\' }

// appendUnescaped appends src to dst with those \xNN undone that stand for a
// byte which the format escapes. dst may be src[:0].
func appendUnescaped(dst, src []byte, undo func(byte) bool) []byte {
	for len(src) > 0 {
		i := bytes.IndexByte(src, '\\')
		if i < 0 {
			return append(dst, src...)
		}
		dst = append(dst, src[:i]...)
		src = src[i:]
		if len(src) >= 4 && src[1] == 'x' {
			hi, lo := hexDigit(src[2]), hexDigit(src[3])
			if hi >= 0 && lo >= 0 && undo(byte(hi<<4|lo)) {
				dst = append(dst, byte(hi<<4|lo))
				src = src[4:]
				continue
			}
		}
		dst = append(dst, '\\')
		src = src[1:]
	}
	return dst
}
