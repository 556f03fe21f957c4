// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// longestHost bounds what is taken for the name of a host.
const longestHost = 255

// syslogPrefix takes off the header of a syslog line: a priority or none, a stamp,
// a host, a tag, and the kernel's own stamp behind the tag.
func (d *Decoder) syslogPrefix(b []byte) (text []byte, ok bool) {
	prio, n := priority(b)
	d.tags.worded = false
	rest := b[n:]
	if text, ok = d.rfc5424(rest); !ok {
		text, ok = d.rfc3164(rest, n > 0)
	}
	if !ok && n == 0 && d.format == Auto {
		text, ok = d.pastedPrefix(b)
	}
	if !ok {
		return b, false
	}
	if n > 0 {
		d.line.setPriority(prio)
		d.tags.worded = false
	}
	d.judgeTag()
	d.line.Lost = missedIn(d.line.Tag, text)
	if d.line.Origin != OriginUser {
		text = d.ownStamp(text)
	}
	return text, true
}

// rfc3164 reads "May  1 12:00:00 host kernel: text" with any stamp that syslog
// daemons and journalctl write.
func (d *Decoder) rfc3164(b []byte, prioritized bool) (text []byte, ok bool) {
	if len(b) == 0 {
		return b, false
	}
	if b[0] == '[' {
		if prioritized {
			return b, false
		}
		return d.shortMonotonic(b)
	}
	w, n := wallStamp(b)
	if n == 0 || n >= len(b) || b[n] != ' ' || n < longestComm && nameFirst(b) || n == longestComm && beginsBehindName(b[n:]) {
		return b, false
	}
	if b[0] <= '9' && len(b) > 19 && b[19] == ',' { // a comma is dmesg's
		return b, false
	}
	d.stamp, d.line.Stamp = w, b[:n]
	return d.hostAndTag(b[n+1:]), true
}

// wallStamp reads a stamp that is not in brackets.
func wallStamp(b []byte) (w wallTime, n int) {
	if isDigit(b[0]) {
		if w, n = isoTime(b); n > 0 {
			return w, n
		}
		if w, n = unixTime(b); n > 0 {
			return w, n
		}
	}
	return namedTime(b)
}

// shortMonotonic reads journalctl's "[ 5678.901234] host kernel: text".
func (d *Decoder) shortMonotonic(b []byte) (text []byte, ok bool) {
	if i := 1 + spaces(b[1:]); i == len(b) || !isDigit(b[i]) {
		return b, false
	}
	stamp, n := parseBracket(b)
	if n == 0 || !stamp.hasUptime || n >= len(b) || b[n] != ' ' {
		return b, false
	}
	host, rest := word(b[n+1:])
	if k := len(host); k > 0 && host[k-1] == ':' && d.tagged(host, &stamp) {
		return rest, true
	}
	first, text := word(rest)
	name, pid, c := tagName(first)
	if len(host) == 0 || len(host) > longestHost {
		return b, false
	}
	switch {
	case pid && nameFirst(b[n+1:]):
		return b, false
	case c > 0 && (pid || string(name) == "kernel"):
		if d.habit.stamped.accept(formHost, formStamp, d.number) != formHost {
			d.doubted = true
			return b, false
		}
		d.setTag(name, pid)
	case !d.habit.stamped.settled(formHost, d.number) || !bytes.Equal(host, d.before.host):
		return b, false
	case c > 0:
		d.setTag(name, pid)
	default: // a tag with blanks
		text = rest
	}
	d.setBracket(&stamp)
	d.raw = true
	d.line.Host = host
	return text, true
}

// tagged takes the tag behind a stamp that --no-hostname leaves there. The kernel's is known; those of others are, where the
// stream has such lines.
func (d *Decoder) tagged(word []byte, stamp *bracket) bool {
	name, pid, n := tagName(word)
	if n == 0 || (pid || string(name) != "kernel") && !d.habit.stamped.settled(formTagged, d.number) {
		return false
	}
	if d.habit.stamped.accept(formTagged, formStamp, d.number) != formTagged {
		d.doubted = true
		return false
	}
	d.setTag(name, pid)
	d.setBracket(stamp)
	d.raw = true
	return true
}

// hostAndTag reads what follows the stamp. The forms without a host or without
// a tag are those of OpenWrt, busybox and metalog.
func (d *Decoder) hostAndTag(b []byte) []byte {
	if _, n := kernelStamp(b); n > 0 { // a stamp put before dmesg's by ts(1), kubectl or a serial logger
		d.line.Format = Dmesg
		return b
	}
	first, rest := word(b)
	if d.levelToken(first) {
		return d.tagAndText(rest)
	}
	if name, ok := bracketTag(first); ok {
		d.setTag(name, false)
		return rest
	}
	if name, pid, n := tagName(first); n > 0 { // journalctl --no-hostname
		d.setTag(name, pid)
		return rest
	}
	if len(first) > longestHost {
		return b
	}
	d.line.Host = first
	if second, after := word(rest); d.levelToken(second) {
		rest = after
	}
	return d.tagAndText(rest)
}

// bracketTag reads metalog's "[kernel]". A number in brackets is a task's.
func bracketTag(b []byte) (name []byte, ok bool) {
	if len(b) < 3 || b[0] != '[' || b[len(b)-1] != ']' || isDigit(b[1]) {
		return nil, false
	}
	return b[1 : len(b)-1], true
}

// tagAndText reads "kernel: text".
func (d *Decoder) tagAndText(b []byte) []byte {
	if text, ok := bytes.CutPrefix(b, []byte("kernel:")); ok {
		d.setTag(b[:len("kernel")], false)
		return skipSpace(text)
	}
	first, rest := word(b)
	name, pid, n := tagName(first)
	if n == 0 || n < len(first) {
		return b
	}
	if !pid && d.tags.absent && !d.tags.present {
		return b
	}
	d.setTag(name, pid)
	return rest
}

// tagName reads "kernel:" or "systemd[1]:" and returns how long it is, 0 when b is no tag.
func tagName(b []byte) (name []byte, pid bool, n int) {
	const longest = 128
	if len(b) > longest || len(b) < 2 || b[len(b)-1] != ':' {
		return nil, false, 0
	}
	name = b[:len(b)-1]
	if len(name) > 2 && name[len(name)-1] == ']' {
		if open := bytes.LastIndexByte(name, '['); open > 0 {
			return name[:open], true, len(b)
		}
	}
	return name, false, len(b)
}

// levelToken reads the "kern.warn" of OpenWrt's logread and busybox's syslogd.
func (d *Decoder) levelToken(b []byte) bool {
	dot := bytes.IndexByte(b, '.')
	if dot < 3 || len(b) > 20 {
		return false
	}
	facility, level := facilityNumber(b[:dot]), levelNumber(b[dot+1:])
	if facility < 0 || level < 0 {
		return false
	}
	d.line.setPriority(facility<<3 | level)
	d.tags.worded = true
	return true
}
