// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// detect decodes a line whose carrier nobody named. Carriers that only programs
// write come first, then text as people paste it.
func (d *Decoder) detect(raw []byte, emit func(*Line)) {
	switch {
	case len(raw) > 0 && isDigit(raw[0]) && !d.export.active && d.ownRecord(raw):
		d.before.rememberKmsg(&d.line)
		d.send(emit)
		return
	case d.export.active && d.export.goesOn(raw), hasPrefix(raw, "__CURSOR=") && bytes.IndexByte(raw, ' ') < 0:
		d.decodeExport(raw, emit)
		return
	case d.export.active: // the entry breaks off, or none began
		d.flushEntry(emit)
		d.export.reset()
		d.detect(raw, emit)
		return
	case d.before.seen && d.before.line.Format == Kmsg && dictionaryLine(raw):
		return
	case d.json.open() || jsonStart(raw):
		if d.jsonLine(bareJSON(raw), emit) {
			return
		}
	}
	d.decodePasted(raw, emit)
}

// MayBeInEntry reports whether the line that b begins with may stand inside an entry of several lines whose beginning is further up: a
// journal entry in export form, or JSON over several lines.
func MayBeInEntry(b []byte) bool {
	if len(b) == 0 || hasPrefix(b, "__CURSOR=") {
		return false
	}
	inner := b[spaces(b):]
	for len(inner) > 0 && inner[0] == '\t' {
		inner = inner[1:]
	}
	if len(inner) == 0 {
		return false
	}
	switch inner[0] {
	case '"', '}', ']', ',':
		return true
	case '{':
		return len(inner) < len(b)
	}
	for i, c := range b {
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

// containerLine takes off the "2023-05-01T12:00:00.123456789Z stdout F " of a container runtime's log.
func containerLine(b []byte) (stamp, text []byte, partial, ok bool) {
	if len(b) < 30 || b[4] != '-' || b[10] != 'T' {
		return nil, nil, false, false
	}
	stamp, rest := word(b)
	if w, n := isoTime(stamp); n != len(stamp) || !w.zoned {
		return nil, nil, false, false
	}
	stream, rest := word(rest)
	if s := string(stream); s != "stdout" && s != "stderr" {
		return nil, nil, false, false
	}
	mark, text := word(rest)
	if s := string(mark); s != "F" && s != "P" {
		return nil, nil, false, false
	}
	return stamp, text, mark[0] == 'P', true
}
