// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// longestHost bounds what is taken for the name of a host.
const longestHost = 255

var _ = register(report.Syslog, func() reader { return statelessReader(readText) })

// syslogPrefix takes off the header of a syslog line: a priority or none, a timestamp,
// a host, a tag, and the kernel's own timestamp after the tag.
func syslogPrefix(s *stream, b []byte) (text []byte, ok bool) {
	prio, n := priority(b)
	s.wordedFacility = false
	if text, ok = takeHeader(s, b[n:], n > 0); !ok {
		return b, false
	}
	if n > 0 {
		s.line.setPriority(prio)
		s.wordedFacility = false
	}
	s.judgeTag()
	s.line.Lost = missedIn(s.line.Tag, text)
	if s.line.Origin != report.OriginUser {
		text = ownStamp(s, text)
	}
	return text, true
}

// rfc3164 reads "May  1 12:00:00 host kernel: text" with any timestamp that syslog
// daemons and journalctl write.
func rfc3164(s *stream, b []byte) (text []byte, ok bool) {
	if len(b) == 0 || b[0] == '[' {
		return b, false
	}
	w, n := wallStamp(b)
	if n == 0 || n >= len(b) || b[n] != ' ' || n < longestComm && nameFirst(b) || n == longestComm && beginsBehindName(b[n:]) {
		return b, false
	}
	if b[0] <= '9' && len(b) > 19 && b[19] == ',' { // a comma is dmesg's
		return b, false
	}
	s.times.wall, s.line.Stamp = w, b[:n]
	return hostAndTag(s, b[n+1:]), true
}

// wallStamp reads a timestamp that is not in brackets.
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
func shortMonotonic(s *stream, b []byte) (text []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return b, false
	}
	end := bytes.IndexByte(b, ']')
	if end < 0 || end+1 >= len(b) || b[end+1] != ' ' {
		return b, false
	}
	stamp, named := b[:end+1], b[end+2:]
	host, rest := word(named)
	if k := len(host); k > 0 && host[k-1] == ':' && withoutHost(s, host, stamp) {
		return rest, true
	}
	first, text := word(rest)
	name, pid, c := tagName(first)
	if len(host) == 0 || len(host) > longestHost {
		return b, false
	}
	known := c > 0 && (pid != nil || string(name) == "kernel")
	if !known && (!s.stats.stamped.settled(formHost, s.number) || !bytes.Equal(host, s.prev.host)) {
		return b, false // nearly always dmesg's
	}
	if pid != nil && nameFirst(named) {
		return b, false
	}
	at, ok := uptimeStamp(stamp)
	if !ok {
		return b, false
	}
	if known && s.stats.stamped.accept(formHost, formStamp, s.number) != formHost {
		s.doubted = true
		return b, false
	}
	if c > 0 {
		s.setTag(name, pid)
	} else { // a tag with spaces
		text = rest
	}
	s.times.setBracket(&s.line, &at)
	s.verbatim = true
	s.line.Host = host
	return text, true
}

// uptimeStamp reads a timestamp that counts from boot, with its brackets and nothing else.
func uptimeStamp(b []byte) (stamp bracket, ok bool) {
	if i := 1 + spaces(b[1:]); i == len(b) || !isDigit(b[i]) {
		return stamp, false
	}
	stamp, n := parseBracket(b)
	return stamp, n == len(b) && stamp.hasUptime
}

// withoutHost takes the tag after a timestamp that --no-hostname leaves there. The kernel's is
// known; those of others are, where the stream has such lines.
func withoutHost(s *stream, word, stamp []byte) bool {
	name, pid, n := tagName(word)
	if n == 0 || (pid != nil || string(name) != "kernel") && !s.stats.stamped.settled(formTagged, s.number) {
		return false
	}
	at, ok := uptimeStamp(stamp)
	if !ok {
		return false
	}
	if s.stats.stamped.accept(formTagged, formStamp, s.number) != formTagged {
		s.doubted = true
		return false
	}
	s.setTag(name, pid)
	s.times.setBracket(&s.line, &at)
	s.verbatim = true
	return true
}

// hostAndTag reads what follows the timestamp. The forms without a host or without
// a tag are those of OpenWrt, busybox and metalog.
func hostAndTag(s *stream, b []byte) []byte {
	if _, n := kernelStamp(b); n > 0 { // a timestamp put before dmesg's by ts(1), kubectl or a serial logger
		s.line.Format = report.Dmesg
		return b
	}
	first, rest := word(b)
	if string(first) == "container" && isContainerEvent(rest) { // `docker events`
		return b
	}
	if levelToken(s, first) {
		return tagAndText(s, rest)
	}
	if name, ok := bracketTag(first); ok {
		s.setTag(name, nil)
		return rest
	}
	if name, pid, n := tagName(first); n > 0 { // journalctl --no-hostname
		s.setTag(name, pid)
		return rest
	}
	if len(first) > longestHost {
		return b
	}
	s.line.Host = first
	if second, after := word(rest); levelToken(s, second) {
		rest = after
	}
	return tagAndText(s, rest)
}

// isContainerEvent reports whether b has an action, the 64 digits of a container's id and its
// attributes: what `docker events` prints after a timestamp and the word container.
func isContainerEvent(b []byte) bool {
	_, b = word(b)
	id, attributes := word(b)
	return len(id) == 64 && len(attributes) > 0 && attributes[0] == '('
}

// bracketTag reads metalog's "[kernel]". A number in brackets is a task's.
func bracketTag(b []byte) (name []byte, ok bool) {
	if len(b) < 3 || b[0] != '[' || b[len(b)-1] != ']' || isDigit(b[1]) {
		return nil, false
	}
	return b[1 : len(b)-1], true
}

// tagAndText reads "kernel: text".
func tagAndText(s *stream, b []byte) []byte {
	if text, ok := bytes.CutPrefix(b, []byte("kernel:")); ok {
		s.setTag(b[:len("kernel")], nil)
		return skipSpace(text)
	}
	first, rest := word(b)
	name, pid, n := tagName(first)
	if n == 0 || n < len(first) {
		return b
	}
	if pid == nil && s.tags.absent && !s.tags.present {
		return b
	}
	s.setTag(name, pid)
	return rest
}

// tagName reads "kernel:" or "systemd[1]:" and returns how long it is, 0 when b is no tag. process
// is what stands in the brackets, nil without them.
func tagName(b []byte) (name, process []byte, n int) {
	const longest = 128
	if len(b) > longest || len(b) < 2 || b[len(b)-1] != ':' {
		return nil, nil, 0
	}
	name = b[:len(b)-1]
	if last := len(name) - 1; last > 1 && name[last] == ']' {
		if open := bytes.LastIndexByte(name, '['); open > 0 {
			return name[:open], name[open+1 : last], len(b)
		}
	}
	return name, nil, len(b)
}

// levelToken reads the "kern.warn" of OpenWrt's logread and busybox's syslogd.
func levelToken(s *stream, b []byte) bool {
	dot := bytes.IndexByte(b, '.')
	if dot < 3 || len(b) > 20 {
		return false
	}
	facility, level := facilityNumber(b[:dot]), levelNumber(b[dot+1:])
	if facility < 0 || level < 0 {
		return false
	}
	s.line.setPriority(facility<<3 | level)
	s.wordedFacility = true
	return true
}
