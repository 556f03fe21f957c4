// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"time"
)

// decodeKmsg decodes what read(2) from /dev/kmsg gives.
func (d *Decoder) decodeKmsg(raw []byte, emit func(*Line)) {
	if len(raw) == 0 || raw[0] == ' ' { // a line of the dictionary: " SUBSYSTEM=acpi"
		return
	}
	if !d.ownRecord(raw) {
		d.begin(Kmsg)
		d.line.Text = trimEnd(raw)
	}
	d.send(emit)
}

// ownRecord is kmsgRecord for an input line that is a record and nothing else. One like most, whole and with no names, makes the
// next one expected.
func (d *Decoder) ownRecord(raw []byte) bool {
	if !d.kmsgRecord(raw, d.plain) {
		return false
	}
	if l := &d.line; l.Caller == nil && !l.Fragment && !l.Truncated && l.Uptime <= longestUptime && l.Sequence+1 < mostExpected {
		d.expected.number, d.expected.size = l.Sequence+1, 0
	}
	return true
}

// kmsgRecord reads one record, "6,352,4274134,-,caller=T42;text", into the
// current line and reports whether raw is one. Linux 3.5 has no flag field;
// fields after the flag may follow in any number. plain says what it does for [Decoder.DecodePlain].
func (d *Decoder) kmsgRecord(raw []byte, plain bool) bool {
	h, n := readKmsgHead(raw)
	if n == 0 {
		return false
	}
	fields := kmsgFields(raw[n:])
	if fields < 0 {
		return false
	}
	d.beginRecord()
	l := &d.line
	l.setPriority(int(h.priority))
	l.judgeFacility()
	l.Sequence, l.HasSequence = h.sequence, true
	l.Uptime, l.HasUptime = int64(h.micros), true
	if f := raw[n : n+fields]; string(f) != plainFields {
		l.setKmsgFields(f)
	}
	text := raw[n+fields+1:]
	if plain {
		l.Text = trimEnd(text)
	} else {
		if nl := bytes.IndexByte(text, '\n'); nl >= 0 { // a whole read(2): what follows is the dictionary
			text = text[:nl]
		}
		l.Text = d.unescape(trimEnd(text), isEscaped)
	}
	l.markTruncated()
	d.setTimes()
	return true
}

// plainFields are the fields of a record that is whole, plainTail is what stands between its time and its text.
const plainFields, plainTail = ",-", plainFields + ";"

// beginRecord is begin(Kmsg) in the time that it takes where the line before was such a record too: the pointers that none has
// are still nil, and to write pointers costs while the garbage collector marks.
func (d *Decoder) beginRecord() {
	l := &d.line
	if l.Format != Kmsg || l.Stamp != nil || l.Host != nil || l.Tag != nil || l.BootID != nil || l.MachineID != nil || l.Cursor != nil || l.Wall != (time.Time{}) {
		d.begin(Kmsg)
		return
	}
	l.Number, l.Position, l.Level, l.Facility = d.number, 0, -1, -1
	l.Origin, l.Fragment, l.Continues, l.Wrapped, l.Truncated, l.Assumed, l.Lost = OriginUnknown, false, false, false, false, 0, 0
	l.Uptime, l.HasUptime, l.order, l.hasOrder, l.Sequence, l.HasSequence = 0, false, 0, false, 0, false
	if l.Caller != nil {
		l.Caller = nil
	}
	d.stamp, d.raw, d.doubted = wallTime{}, false, false
}

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

// kmsgFields returns the length of the fields between a record's time and the ; before its text, -1 when b does not begin with such.
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

// setPriority takes syslog's facility<<3|level apart.
func (l *Line) setPriority(prio int) {
	l.Level = int8(prio & 7)
	l.Facility = int16(prio >> 3)
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

// dictionaryLine reports whether b is a further line of a /dev/kmsg record: one space, then KEY=value.
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
// off the dictionary (" SUBSYSTEM=…" lines) that Fluent Bit's in_kmsg leaves behind the text.
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

// unescape returns text with its \xNN escapes undone, text itself when it has none.
func (d *Decoder) unescape(text []byte, undo func(byte) bool) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	d.escaped = appendUnescaped(d.escaped[:0], text, undo)
	return d.escaped
}

// isEscaped reports whether /dev/kmsg escapes a byte (msg_add_ext_text in kernel/printk).
func isEscaped(c byte) bool { return c < ' ' || c >= 0x7f || c == '\\' }

// appendUnescaped appends src to dst with those \xNN undone that stand for a
// byte which the carrier escapes. dst may be src[:0].
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
