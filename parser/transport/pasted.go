package transport

import "bytes"

// pastedPrefix takes off what is left of a syslog header in pasted text, and the
// headers that only some tools print. Auto only.
func (d *Decoder) pastedPrefix(b []byte) (text []byte, ok bool) {
	if text, ok = d.talos(b); ok {
		return text, true
	}
	rest := bytes.TrimPrefix(b, []byte("... "))
	if text, ok = bytes.CutPrefix(rest, []byte("kernel: ")); ok {
		if _, n := kernelStamp(text); n == 0 && d.habit.bare.accept(formTag, formBare) != formTag {
			d.doubted = true
			return b, false
		}
		d.setTag(rest[:len("kernel")], false)
		return text, true
	}
	host, rest := word(b)
	if text, ok = bytes.CutPrefix(rest, []byte("kernel: ")); ok && len(host) > 0 && len(host) <= longestHost {
		if _, n := kernelStamp(text); n > 0 {
			d.line.Host = host
			d.setTag(rest[:len("kernel")], false)
			return text, true
		}
	}
	return b, false
}

// talos reads "172.20.0.2: kern: warning: [2023-05-01T12:00:00.1Z]: text" of talosctl
// dmesg, with the node in front or without.
func (d *Decoder) talos(b []byte) (text []byte, ok bool) {
	first, rest := word(b)
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
	d.setBracket(stamp)
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
