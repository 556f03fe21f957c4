// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// pastedPrefix takes off what is left of a syslog header in pasted text, and the
// headers that only some tools print. Auto only.
func (d *Decoder) pastedPrefix(b []byte) (text []byte, ok bool) {
	first, behind := word(b)
	if text, ok = d.talos(b, first, behind); ok {
		return text, true
	}
	rest := bytes.TrimPrefix(b, []byte("... "))
	if text, ok = bytes.CutPrefix(rest, []byte("kernel: ")); ok {
		if _, n := kernelStamp(text); n == 0 && d.habit.bare.accept(formTag, formBare, d.number) != formTag {
			d.doubted = true
			return b, false
		}
		d.setTag(rest[:len("kernel")], false)
		return text, true
	}
	if text, ok = d.grepPrefix(b, first); ok {
		return text, true
	}
	if text, ok = bytes.CutPrefix(behind, []byte("kernel: ")); ok && len(first) > 0 && len(first) <= longestHost {
		if _, n := kernelStamp(text); n > 0 {
			d.line.Host = first
			d.setTag(behind[:len("kernel")], false)
			return text, true
		}
	}
	return b, false
}

// grepPrefix takes off the file name or line number that grep puts before a line:
// "/var/log/syslog.1:May  1 12:00:00 host kernel: text". name is its first word.
func (d *Decoder) grepPrefix(b, name []byte) (text []byte, ok bool) {
	for colon := bytes.IndexByte(name, ':'); colon > 0 && colon < longestHost; {
		rest := b[colon+1:]
		if usec, n := kernelStamp(rest); n > 0 {
			if d.habit.bare.accept(formGrep, formBare, d.number) != formGrep {
				d.doubted = true
				return b, false
			}
			d.line.Format = Dmesg
			d.line.Uptime, d.line.HasUptime = usec, true
			return d.afterStamp(rest[n:], &d.habit.stamped), true
		}
		if text, ok = d.rfc3164(rest, true); ok {
			return text, true
		}
		next := bytes.IndexByte(name[min(colon+1, len(name)):], ':') // a file name, then a line number
		if next < 0 {
			break
		}
		colon += 1 + next
	}
	return b, false
}

// talos reads "172.20.0.2: kern: warning: [2023-05-01T12:00:00.1Z]: text" of talosctl
// dmesg, with the node in front or without. first is its first word, rest what follows that.
func (d *Decoder) talos(b, first, rest []byte) (text []byte, ok bool) {
	facility, n := nameColon(first)
	if n == 0 {
		return b, false
	}
	var host []byte
	if facilityNumber(facility) < 0 {
		host = facility
		first, rest = word(rest)
		if facility, n = nameColon(first); n == 0 || facilityNumber(facility) < 0 {
			return b, false
		}
	}
	first, rest = word(rest[spaces(rest):])
	level, n := nameColon(first)
	if n == 0 || levelNumber(level) < 0 {
		return b, false
	}
	stamp, n := parseBracket(rest)
	if n == 0 || !bytes.HasPrefix(rest[n:], []byte(":")) {
		return b, false
	}
	d.setPRI(facilityNumber(facility)<<3 | levelNumber(level))
	d.setBracket(&stamp)
	d.line.Host = host
	d.line.Format = Dmesg
	return skipSpace(rest[n+1:]), true
}

// nameColon reads "kern:" and returns the name and its length with the colon.
func nameColon(b []byte) (name []byte, n int) {
	if len(b) < 2 || len(b) > longestHost || b[len(b)-1] != ':' {
		return nil, 0
	}
	return b[:len(b)-1], len(b)
}
