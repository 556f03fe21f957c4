// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// dmesg reads the output of dmesg(1), /proc/kmsg, syslog(2) or a serial console.
type dmesg struct{ jsonText }

var _ = register(report.Dmesg, func() reader { return new(dmesg) })

func (d *dmesg) read(s *stream, raw []byte) {
	if (d.open() || jsonStart(raw)) && d.take(s, raw) {
		return
	}
	readText(s, raw)
}

func (d *dmesg) clone() reader { return &dmesg{d.jsonText.copied()} }

// kernelPrefix takes off what the kernel or dmesg put before the text: a loss
// marker, a priority, the names of facility and level, a timestamp, a caller.
func kernelPrefix(s *stream, b []byte) (text []byte, ok bool) {
	l := &s.line
	if lost, n := lossMarker(b); n > 0 {
		l.Lost, b, ok = lost, b[n:], true
	}
	if prio, n := priority(b); n > 0 {
		usec, c := s.stats.stampAfterTag(b[n:], s.number)
		switch {
		case c > 0:
			s.verbatim = true
			s.setPriority(prio)
			l.Uptime, l.HasUptime = usec, true
			return afterStamp(s, b[n+c:], &s.stats.stamped), true
		case s.stats.unprefixed.accept(formPriority, formBare, s.number) == formPriority:
			s.verbatim = true
			s.setPriority(prio)
			return b[n:], true
		}
		s.doubted = true
		return b, ok
	}
	prio, named := levelNames(b)
	if text, stamped := dmesgStamp(s, b[named:]); stamped {
		if named > 0 {
			s.setPriority(prio)
		}
		return text, true
	}
	if named > 0 {
		if s.stats.unprefixed.accept(formNames, formBare, s.number) == formNames {
			s.setPriority(prio)
			return b[named:], true
		}
		s.doubted = true
	}
	return b, ok
}

// dmesgStamp takes off any timestamp that dmesg or the console writes.
func dmesgStamp(s *stream, b []byte) (text []byte, ok bool) {
	if usec, n := kernelStamp(b); n >= fullStamp { // nearly always
		s.times.setBracket(&s.line, &bracket{uptime: usec, hasUptime: true})
		return afterStamp(s, b[n:], &s.stats.stamped), true
	}
	if stamp, n := parseBracket(b); n > 0 {
		if stamp.hasUptime && n < fullStamp && s.stats.unprefixed.accept(formShort, formBare, s.number) != formShort {
			s.doubted = true
			return b, false
		}
		s.times.setBracket(&s.line, &stamp)
		return afterStamp(s, b[n:], &s.stats.stamped), true
	}
	if w, n := isoTime(b); n > 0 && n < len(b) && b[n] == ' ' && b[19] == ',' { // --time-format iso
		s.times.wall, s.line.Stamp = w, b[:n]
		return afterStamp(s, b[n:], &s.stats.stamped), true
	}
	return b, false
}

// callerBytes are the bytes that a caller after a timestamp begins with: see [vendorCaller].
var callerBytes = setOf(" [(-.cDEFGHIJKLMNOPQRSTUVW")

// afterStamp takes off the one space after a timestamp, and a caller. u remembers what
// follows the timestamps of the stream.
func afterStamp(s *stream, b []byte, u *formVote) []byte {
	if len(b) > 0 && b[0] == '[' { // the kernel's own form, no space between, and a maker's
		if caller, n := callerStamp(b); n > 0 {
			s.line.Caller = caller
			return skipSpace(b[n:])
		}
		if n := huaweiCaller(b); n > 0 {
			return b[n:]
		}
	}
	b = skipSpace(b)
	f := formStamp
	var caller []byte
	n := 0
	if len(b) > 0 && callerBytes[b[0]] {
		if caller, n = callerStamp(b); n >= len("[ T4242]") {
			f = formCaller
		} else if n = vendorCaller(b); n > 0 {
			f = formVendor
		}
	}
	if s.doubted {
		return b
	}
	switch u.accept(f, formStamp, s.number) {
	case formCaller:
		s.line.Caller = caller
		return skipSpace(b[n:])
	case formVendor:
		return b[n:]
	}
	return b
}

// priority reads "<4>" and returns its length, 0 when b does not start with one.
func priority(b []byte) (prio, n int) {
	if len(b) < 3 || b[0] != '<' {
		return 0, 0
	}
	v, n := digits(b[1:], 5)
	if n == 0 || n+1 >= len(b) || b[n+1] != '>' {
		return 0, 0
	}
	return int(v), n + 2
}

// levelNames reads the "kern  :warn  : " of dmesg -x and returns its length, 0 when b does not
// start with one.
func levelNames(b []byte) (prio, n int) {
	if len(b) == 0 || b[0] < 'a' || b[0] > 'z' {
		return 0, 0
	}
	colon := bytes.IndexByte(b[:min(len(b), 12)], ':')
	if colon < 3 {
		return 0, 0
	}
	rest := b[colon+1:]
	end := bytes.IndexByte(rest[:min(len(rest), 10)], ':')
	if end < 0 || end+1 >= len(rest) || rest[end+1] != ' ' {
		return 0, 0
	}
	facility, level := facilityNumber(bytes.TrimRight(b[:colon], " ")), levelNumber(bytes.TrimRight(rest[:end], " "))
	if facility < 0 || level < 0 {
		return 0, 0
	}
	return facility<<3 | level, colon + 1 + end + 2
}

var facilityNames = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"}

var levelNamesList = [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

func facilityNumber(name []byte) int {
	for i, n := range facilityNames {
		if string(name) == n {
			return i
		}
	}
	if len(name) == 6 && string(name[:5]) == "local" && name[5] >= '0' && name[5] <= '7' {
		return 16 + int(name[5]-'0')
	}
	return -1
}

// levelNumber knows dmesg's and syslog's names and the long forms that Talos prints.
func levelNumber(name []byte) int {
	switch string(name) {
	case "warning":
		return 4
	case "error":
		return 3
	case "emergency", "panic":
		return 0
	case "critical":
		return 2
	}
	for i, n := range levelNamesList {
		if string(name) == n {
			return i
		}
	}
	return -1
}

// lossMarker reads the console's "** 12 printk messages dropped **" and the space
// after it. Up to 4.14 the next line follows at once, since 5.4 it stands alone.
func lossMarker(b []byte) (lost uint64, n int) {
	const head, tail = "** ", " printk messages dropped **"
	if !hasPrefix(b, head) {
		return 0, 0
	}
	lost, c := digits(b[len(head):], 19)
	n = len(head) + c
	if c == 0 || !bytes.HasPrefix(b[n:], []byte(tail)) {
		return 0, 0
	}
	n += len(tail)
	return lost, n + spaces(b[n:])
}

// isControl reports whether dmesg(1) prints a byte as \xNN. The backslash is not
// among them, so that the \x2d of a systemd unit's name stays; \x5c is taken for the
// escape of a program that copied /dev/kmsg without undoing it.
func isControl(c byte) bool { return c < ' ' || c >= 0x7f || c == '\\' }
