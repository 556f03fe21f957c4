// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// headerForm is one header that a syslog daemon, journalctl or a tool puts before a line of the
// kernel.
type headerForm struct {
	// name says what writes the header.
	name string
	// at is which lines may have it.
	at ends
	// read takes the header off b and puts what it says into the current line. Where b may have the
	// header and the stream's other lines speak against it, read sets doubted and returns false.
	read func(s *stream, b []byte) (text []byte, ok bool)
	// alone is set for a header that never has a priority before it.
	alone bool
	// guessed is set for a header that is read only where the format of the input is not said
	// (Auto). Such rows come last, and the header is alone.
	guessed bool
}

// headerForms are tried in this order. A new header is one row here and one file.
var headerForms = [...]headerForm{
	{name: "RFC 5424", at: begins("1"), read: rfc5424},
	{name: "RFC 3164", at: beginsOtherwise("["), read: rfc3164},
	{name: "journalctl -o short-monotonic", at: begins("["), read: shortMonotonic, alone: true},
	{name: "talosctl dmesg", at: beginsOtherwise("[").afterWord(":"), read: talos, guessed: true},
	{name: "message to all terminals, first line", at: begins("M"), read: wallHead, guessed: true},
	{name: "message to all terminals, second line", at: begins("k"), read: wallText, guessed: true},
	{name: "the tag alone", at: begins("k."), read: tagAlone, guessed: true},
	{name: "grep", at: beginsOtherwise("["), read: grepPrefix, guessed: true},
	{name: "host and tag", at: beginsOtherwise("[").beforeWord("k"), read: hostAndTagAlone, guessed: true},
}

// headersAt finds the rows that are not guessed, guessedAt the others.
var (
	headersAt = lookupOf(headerForms[:], func(f *headerForm) ends { return f.at.unless(f.guessed) })
	guessedAt = lookupOf(headerForms[:], func(f *headerForm) ends { return f.at.unless(!f.guessed) })
)

// takeHeader takes off the first header form that b has.
func takeHeader(s *stream, b []byte, prioritized bool) (text []byte, ok bool) {
	if text, ok = readHeader(s, b, headersAt.byEnds(b), prioritized); ok || s.doubted || prioritized || s.format != report.Auto {
		return text, ok
	}
	return readHeader(s, b, guessedAt.rows(b), prioritized)
}

// readHeader takes off the first header form of some rows that b has.
func readHeader(s *stream, b []byte, todo rowSet, prioritized bool) (text []byte, ok bool) {
	for ; todo != 0; todo = todo.after(todo.first()) {
		form := &headerForms[todo.first()]
		if form.alone && prioritized {
			continue
		}
		if text, ok = form.read(s, b); ok || s.doubted {
			return text, ok
		}
	}
	return b, false
}

// tagAlone reads "kernel: text", what is left of a header in pasted text; some cut it with "... ".
func tagAlone(s *stream, b []byte) (text []byte, ok bool) {
	rest := bytes.TrimPrefix(b, []byte("... "))
	if text, ok = bytes.CutPrefix(rest, []byte("kernel: ")); !ok {
		return b, false
	}
	if _, n := kernelStamp(text); n == 0 && s.stats.unprefixed.accept(formTag, formBare, s.number) != formTag && nameFirst(b) {
		s.doubted = true // a task may be called "kernel: x"
		return b, false
	}
	s.setTag(rest[:len("kernel")], nil)
	return text, true
}

// hostAndTagAlone reads "host kernel: text", a header whose timestamp was cut off.
func hostAndTagAlone(s *stream, b []byte) (text []byte, ok bool) {
	host, rest := word(b)
	if text, ok = bytes.CutPrefix(rest, []byte("kernel: ")); !ok || len(host) == 0 || len(host) > longestHost {
		return b, false
	}
	if _, n := kernelStamp(text); n == 0 {
		named := nameFirst(b) && !s.stats.unprefixed.settled(formHostTag, s.number) // a task may be called "a kernel: x"
		if named || !isHost(host) || s.stats.unprefixed.accept(formHostTag, formBare, s.number) != formHostTag {
			s.doubted = true
			return b, false
		}
	}
	s.line.Host = host
	s.setTag(rest[:len("kernel")], nil)
	return text, true
}

// grepPrefix takes off the file name or line number that grep puts before a line:
// "/var/log/syslog.1:May  1 12:00:00 host kernel: text".
func grepPrefix(s *stream, b []byte) (text []byte, ok bool) {
	if i := bytes.IndexByte(b, ':'); i < 0 || i+1 < len(b) && b[i+1] == ' ' {
		return b, false // nearly always: no word before it has a colon
	}
	name, _ := word(b)
	for colon := bytes.IndexByte(name, ':'); colon > 0 && colon < longestHost; {
		rest := b[colon+1:]
		if usec, n := kernelStamp(rest); n > 0 {
			if s.stats.unprefixed.accept(formGrep, formBare, s.number) != formGrep {
				s.doubted = true
				return b, false
			}
			s.line.Format = report.Dmesg
			s.line.Uptime, s.line.HasUptime = usec, true
			return afterStamp(s, rest[n:], &s.stats.stamped), true
		}
		if text, ok = rfc3164(s, rest); ok {
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
// dmesg, with the node in front or without.
func talos(s *stream, b []byte) (text []byte, ok bool) {
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
	s.setPriority(facilityNumber(facility)<<3 | levelNumber(level))
	s.times.setBracket(&s.line, &stamp)
	s.line.Host = host
	s.line.Format = report.Dmesg
	return skipSpace(rest[n+1:]), true
}

// nameColon reads "kern:" and returns the name and its length with the colon.
func nameColon(b []byte) (name []byte, n int) {
	if len(b) < 2 || len(b) > longestHost || b[len(b)-1] != ':' {
		return nil, 0
	}
	return b[:len(b)-1], len(b)
}
