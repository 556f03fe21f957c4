// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// tagStats remembers whether the syslog lines of a stream name their programs. Where they do, a
// line without a tag is not the kernel's: it may be a tag with spaces.
type tagStats struct{ present, absent bool }

// judgeTag decides who wrote a syslog line.
func (s *stream) judgeTag() {
	l := &s.line
	kernel := string(l.Tag) == "kernel" && !s.processTag
	switch {
	case l.Format == report.Dmesg || l.Origin != report.OriginUnknown: // decided
	case l.Facility > 0:
		l.Origin = report.OriginUser
	case l.Tag != nil && !kernel:
		l.Origin = report.OriginUser
	case l.Facility == 0 && !s.wordedFacility:
		l.Origin = report.OriginKernel
	case l.Tag == nil && s.tags.present:
		l.Origin = report.OriginUser
	}
	switch {
	case l.Tag == nil:
		s.tags.absent = true
	case kernel || s.processTag:
		s.tags.present = true
	}
}

// ownStamp takes off the kernel's timestamp that imklog leaves after the tag, some
// with the kernel's priority in front.
func ownStamp(s *stream, text []byte) []byte {
	b := text[spaces(text):]
	prio, p := priority(b)
	usec, n := s.stats.stampAfterTag(b[p:], s.number)
	if n == 0 {
		return text
	}
	if p > 0 && s.line.Level < 0 {
		s.line.setPriority(prio)
		if s.line.Facility > 0 {
			s.line.Origin = report.OriginUser
		}
	}
	b = b[p:]
	s.line.Uptime, s.line.HasUptime = usec, true
	s.verbatim = true
	return afterStamp(s, b[n:], &s.stats.caller)
}

// AppendOctal appends text to dst with rsyslog's #ooo escapes of control bytes undone. rsyslog
// escapes what it receives, but not what it reads from the kernel itself, nor the # of a name:
// after a kernel timestamp only the words around them say which they are.
func AppendOctal(dst, text []byte) []byte {
	for i := nextOctal(text); i >= 0; i = nextOctal(text) {
		dst = append(dst, text[:i]...)
		dst = append(dst, octal(text[i:]))
		text = text[i+len("#012"):]
	}
	return append(dst, text...)
}

// nextOctal finds the next escape of a control byte in b, -1 when there is none.
func nextOctal(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '#')
		if i < 0 {
			return -1
		}
		at += i
		if c := octal(b[at:]); c < ' ' || c == 0x7f {
			return at
		}
		at++
	}
}

// octal reads "#012"; it returns a space, which is never escaped, for anything else.
func octal(b []byte) byte {
	if len(b) < 4 || b[1] != '0' && b[1] != '1' {
		return ' '
	}
	v := 0
	for _, c := range b[1:4] {
		if c < '0' || c > '7' {
			return ' '
		}
		v = v*8 + int(c-'0')
	}
	return byte(v)
}

// missedIn reads the count of a journal's or rsyslog's own note that it lost messages.
func missedIn(tag, text []byte) uint64 {
	switch string(tag) {
	case "systemd-journald", "systemd-journal": // cut to 15 bytes where the name is a comm
		return between(text, "Missed ", " kernel messages")
	case "rsyslogd", "rsyslogd-2177":
		return between(text, "imjournal: ", " messages lost due to rate-limiting")
	}
	return 0
}

// between reads the number between head and tail at the start of b, 0 when it is not so.
func between(b []byte, head, tail string) uint64 {
	b, ok := bytes.CutPrefix(b, []byte(head))
	if !ok {
		return 0
	}
	v, n := digits(b, 19)
	if !bytes.HasPrefix(b[n:], []byte(tail)) {
		return 0
	}
	return v
}
