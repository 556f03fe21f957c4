// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"

	"github.com/oomtrail/oomtrail/parser/report"
)

// readRecords reads what read(2) from /dev/kmsg gives: docs/formats.md, section A.1.
func readRecords(s *stream, raw []byte) {
	if len(raw) == 0 || raw[0] == ' ' { // a line of the dictionary: " SUBSYSTEM=acpi"
		return
	}
	if !s.readRecord(raw) {
		s.begin(report.Kmsg)
		s.line.Text = trimEnd(raw)
	}
	s.send()
}

var _ = register(report.Kmsg, func() reader { return statelessReader(readRecords) })

// readRecord reads one record, "6,352,4274134,-,caller=T42;text", into the current line and reports
// whether raw is one. Linux 3.5 has no flag field; fields after the flag may follow in any number.
func (s *stream) readRecord(raw []byte) bool {
	priority, sequence, micros, end := readKmsgHead(raw)
	if end == 0 {
		return false
	}
	plain := len(raw)-end > len(plainTail) && binary.LittleEndian.Uint32(raw[end:end+4])<<8 == plainBits
	fields := len(plainTail) - len(";")
	if !plain {
		if fields = kmsgFields(raw[end:]); fields < 0 {
			return false
		}
	}
	start := end + fields + len(";") // of the text
	s.begin(report.Kmsg)
	l := &s.line
	l.setPriority(int(priority))
	l.judgeFacility()
	l.Sequence, l.HasSequence = sequence, true
	l.Uptime, l.HasUptime = int64(micros), true
	if !plain {
		l.setKmsgFields(raw[end : end+fields])
	}
	text := raw[start:]
	if s.newlines { // a whole read(2): what follows the first is the dictionary
		text, _, _ = bytes.Cut(text, []byte{'\n'})
	}
	if text = trimEnd(text); bytes.IndexByte(text, '\\') >= 0 {
		text = s.unescape(text, isEscaped)
	}
	l.Text = text
	l.markTruncated()
	if !s.times.dating.Boot.IsZero() {
		s.times.setBoot(l)
	}
	return true
}

// plainTail is what stands between the time and the text of a record that is whole. plainBits are
// its bytes after a zero, the first one lowest.
const plainTail, plainBits = ",-;", ','<<8 | '-'<<16 | ';'<<24

// readKmsgHead reads "6,352,4274134", the numbers that a record begins with. n is its length, 0
// when b does not begin with one.
func readKmsgHead(b []byte) (priority, sequence, micros uint64, n int) {
	if len(b) > 1 && b[1] == ',' && isDigit(b[0]) { // the kernel's own records have no longer priority
		priority, n = uint64(b[0]-'0'), 1
	} else if priority, n = digits(b, longestPriority); n == 0 || n == len(b) || b[n] != ',' {
		return 0, 0, 0, 0
	}
	at := n + len(",")
	if n = 8; len(b) >= at+8 {
		sequence, n = upTo8(b[at : at+8])
	}
	if n == 8 {
		sequence, n = digits(b[at:], longestNumber)
	}
	if n == 0 || at+n == len(b) || b[at+n] != ',' {
		return 0, 0, 0, 0
	}
	at += n + len(",")
	if micros, n = number(b[at:], longestTime); n == 0 {
		return 0, 0, 0, 0
	}
	return priority, sequence, micros, at + n
}

// The most digits that the numbers of a record have.
const longestPriority, longestNumber, longestTime = 5, 20, 18

// kmsgFields returns the length of the fields between a record's time and the ; before its text, -1
// when b does not begin with such.
func kmsgFields(b []byte) int {
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
	return len(b) > 0 && b[0] == ' ' && isAssignment(b[1:])
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
