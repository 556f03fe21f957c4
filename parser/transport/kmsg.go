package transport

import "bytes"

// decodeKmsg decodes what read(2) from /dev/kmsg gives.
func (d *Decoder) decodeKmsg(raw []byte, emit func(*Line)) {
	if len(raw) == 0 || raw[0] == ' ' { // a line of the dictionary: " SUBSYSTEM=acpi"
		return
	}
	if !d.kmsgRecord(raw) {
		d.begin(Kmsg)
		d.line.Text = trimEnd(raw)
	}
	d.send(emit)
}

// kmsgRecord reads one record, "6,352,4274134,-,caller=T42;text", into the
// current line and reports whether raw is one. Linux 3.5 has no flag field;
// fields after the flag may follow in any number.
func (d *Decoder) kmsgRecord(raw []byte) bool {
	prio, i := digits(raw, longestPriority)
	if i == 0 || i == len(raw) || raw[i] != ',' {
		return false
	}
	seq, n := digits(raw[i+1:], longestNumber)
	i += 1 + n
	if n == 0 || i == len(raw) || raw[i] != ',' {
		return false
	}
	usec, n := digits(raw[i+1:], longestTime)
	i += 1 + n
	end := kmsgFields(raw[i:])
	if n == 0 || end < 0 {
		return false
	}
	fields, text := raw[i:i+end], raw[i+end+1:]

	d.begin(Kmsg)
	l := &d.line
	l.setPriority(int(prio))
	l.Sequence, l.HasSequence = seq, true
	l.Uptime, l.HasUptime = int64(usec), true
	l.setKmsgFields(fields)
	if l.Facility == 0 {
		l.Origin = OriginKernel
	} else {
		l.Origin = OriginUser
	}
	if nl := bytes.IndexByte(text, '\n'); nl >= 0 { // a whole read(2): what follows is the dictionary
		text = text[:nl]
	}
	l.Text = d.unescape(trimEnd(text), isEscaped)
	l.markTruncated()
	d.setLogTime()
	return true
}

// The most digits that the numbers of a record have.
const longestPriority, longestNumber, longestTime = 5, 20, 18

// kmsgFields returns the length of the fields between a record's time and the ; before its text, -1 when b does not begin with such.
func kmsgFields(b []byte) int {
	if len(b) > 2 && b[0] == ',' && b[1] == '-' && b[2] == ';' { // nearly always
		return 2
	}
	if len(b) == 0 || b[0] != ',' && b[0] != ';' {
		return -1
	}
	if line := bytes.IndexByte(b, '\n'); line >= 0 {
		b = b[:line]
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
	if len(fields) == 2 && fields[1] == '-' {
		return
	}
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
