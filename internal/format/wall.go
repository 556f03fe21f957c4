// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// A syslog daemon writes an urgent message to all terminals in two lines (rsyslog's omusrmsg):
//
//	Message from syslogd@web1 at Jun 10 09:15:24 ...
//	 kernel:Out of memory: Killed process …

// wallTag is the tag of the first line, which the daemon wrote itself.
const wallTag = "syslogd"

// wallHead reads the first line, which has the host and the timestamp of the next one.
func wallHead(s *stream, b []byte) (text []byte, ok bool) {
	const head, at = "Message from " + wallTag + "@", "at "
	if !hasPrefix(b, head) {
		return b, false
	}
	host, rest := word(b[len(head):])
	if len(host) == 0 || len(host) > longestHost || !hasPrefix(rest, at) || len(rest) == len(at) {
		return b, false
	}
	rest = rest[len(at):]
	w, n := wallStamp(rest)
	if n == 0 || string(bytes.TrimSpace(rest[n:])) != "..." {
		return b, false
	}
	s.times.wall, s.line.Stamp, s.line.Host, s.line.Tag = w, rest[:n], host, []byte(wallTag)
	return rest[n:], true
}

// wallText reads the second line.
func wallText(s *stream, b []byte) (text []byte, ok bool) {
	const tag = "kernel:"
	p := &s.prev
	if !hasPrefix(b, tag) || !p.seen || p.line.Number != s.number-1 || string(p.line.Tag) != wallTag {
		return b, false
	}
	s.line.Stamp, s.line.Host = p.line.Stamp, p.line.Host
	s.times.wall, _ = wallStamp(p.line.Stamp)
	s.setTag(b[:len(tag)-1], nil)
	return skipSpace(b[len(tag):]), true
}
