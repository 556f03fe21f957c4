// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"time"
)

// decodeDmesg decodes the output of dmesg(1), /proc/kmsg, syslog(2) or a serial console.
func (d *Decoder) decodeDmesg(raw []byte, emit func(*Line)) {
	if d.json.open() || jsonStart(raw) {
		if d.jsonLine(raw, emit) {
			return
		}
	}
	d.decodeText(raw, emit)
}

// kernelPrefix takes off what the kernel or dmesg put before the text: a loss
// marker, a priority, the names of facility and level, a stamp, a caller.
func (d *Decoder) kernelPrefix(b []byte) (text []byte, ok bool) {
	l := &d.line
	if lost, n := lossMarker(b); n > 0 {
		l.Lost, b, ok = lost, b[n:], true
	}
	if prio, n := priority(b); n > 0 {
		usec, c := d.habit.stampBehind(b[n:], d.number)
		switch {
		case c > 0:
			d.raw = true
			d.setPRI(prio)
			l.Uptime, l.HasUptime = usec, true
			return d.afterStamp(b[n+c:], &d.habit.stamped), true
		case d.habit.bare.accept(formPriority, formBare, d.number) == formPriority:
			d.raw = true
			d.setPRI(prio)
			return b[n:], true
		}
		d.doubted = true
		return b, ok
	}
	prio, named := levelNames(b)
	if text, stamped := d.dmesgStamp(b[named:]); stamped {
		if named > 0 {
			d.setPRI(prio)
		}
		return text, true
	}
	if named > 0 {
		if d.habit.bare.accept(formNames, formBare, d.number) == formNames {
			d.setPRI(prio)
			return b[named:], true
		}
		d.doubted = true
	}
	return b, ok
}

// dmesgStamp takes off any stamp that dmesg or the console writes.
func (d *Decoder) dmesgStamp(b []byte) (text []byte, ok bool) {
	if usec, n := kernelStamp(b); n >= fullStamp { // nearly always
		d.setBracket(&bracket{uptime: usec, hasUptime: true})
		return d.afterStamp(b[n:], &d.habit.stamped), true
	}
	if stamp, n := parseBracket(b); n > 0 {
		if stamp.hasUptime && n < fullStamp && d.habit.bare.accept(formShort, formBare, d.number) != formShort {
			d.doubted = true
			return b, false
		}
		d.setBracket(&stamp)
		return d.afterStamp(b[n:], &d.habit.stamped), true
	}
	if w, n := isoTime(b); n > 0 && n < len(b) && b[n] == ' ' && b[19] == ',' { // --time-format iso
		d.stamp, d.line.Stamp = w, b[:n]
		return d.afterStamp(b[n:], &d.habit.stamped), true
	}
	return b, false
}

// afterStamp takes off the one space behind a stamp, and a caller. u remembers what
// follows the stamps of the stream.
func (d *Decoder) afterStamp(b []byte, u *usage) []byte {
	if caller, n := callerStamp(b); n > 0 { // the kernel's own form, no space between
		d.line.Caller = caller
		return skipSpace(b[n:])
	}
	b = skipSpace(b)
	f := formStamp
	caller, n := callerStamp(b)
	if n >= len("[ T4242]") {
		f = formCaller
	}
	if !d.doubted && u.accept(f, formStamp, d.number) == formCaller {
		d.line.Caller = caller
		return skipSpace(b[n:])
	}
	return b
}

// setBracket takes over what a stamp in brackets says.
func (d *Decoder) setBracket(s *bracket) {
	l := &d.line
	l.Uptime, l.HasUptime = s.uptime, s.hasUptime
	d.stamp, l.Stamp = s.wall, s.stamp
	if base, ok := s.wall.order(); ok {
		d.elapsed = base.Microseconds()
	}
	if s.hasDelta {
		d.stepped, d.steps.line = true, true
		d.elapsed += s.delta
		l.setOrder(time.Duration(d.elapsed)*time.Microsecond, true)
	}
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

// setPRI takes over a priority and what it says about the origin.
func (d *Decoder) setPRI(prio int) {
	d.line.setPriority(prio)
	d.line.judgeFacility()
}

// judgeFacility sets the origin by the facility: 0 is the kernel's alone.
func (l *Line) judgeFacility() {
	if l.Facility == 0 {
		l.Origin = OriginKernel
	} else {
		l.Origin = OriginUser
	}
}

// levelNames reads the "kern  :warn  : " of dmesg -x and returns its length, 0 when b does not start with one.
func levelNames(b []byte) (prio, n int) {
	if len(b) == 0 || b[0] < 'a' || b[0] > 'z' {
		return 0, 0
	}
	colon := bytes.IndexByte(b[:min(len(b), 12)], ':')
	if colon < 3 {
		return 0, 0
	}
	facility := facilityNumber(bytes.TrimRight(b[:colon], " "))
	if facility < 0 {
		return 0, 0
	}
	rest := b[colon+1:]
	end := bytes.IndexByte(rest[:min(len(rest), 10)], ':')
	if end < 0 || end+1 >= len(rest) || rest[end+1] != ' ' {
		return 0, 0
	}
	level := levelNumber(bytes.TrimRight(rest[:end], " "))
	if level < 0 {
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
// behind it. Up to 4.14 the next line follows at once, since 5.4 it stands alone.
func lossMarker(b []byte) (lost uint64, n int) {
	const head, tail = "** ", " printk messages dropped **"
	if !bytes.HasPrefix(b, []byte(head)) {
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
// escape of whoever copied /dev/kmsg without undoing it.
func isControl(c byte) bool { return c < ' ' || c >= 0x7f || c == '\\' }
