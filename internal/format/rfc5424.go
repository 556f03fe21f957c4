// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// rfc5424 reads "1 2023-05-01T12:00:00.1+00:00 host kernel - - - text", with what
// stood before it, a priority, already taken off.
func rfc5424(s *stream, b []byte) (text []byte, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte("1 "))
	if !ok || nameFirst(b) {
		return b, false
	}
	var w wallTime
	n := 1
	if len(rest) == 0 {
		return b, false
	}
	if rest[0] != '-' {
		if w, n = isoTime(rest); n == 0 || rest[10] != 'T' {
			return b, false
		}
	}
	if n >= len(rest) || rest[n] != ' ' {
		return b, false
	}
	stamp := rest[:n]
	host, rest := word(rest[n+1:])
	app, rest := word(rest)
	process, rest := word(rest)
	_, rest = word(rest) // the message's id
	if len(host) == 0 || len(host) > longestHost || len(app) == 0 || len(app) > 48 || len(process) == 0 {
		return b, false
	}
	n = structuredData(rest)
	if n == 0 {
		return b, false
	}
	text = skipSpace(rest[n:])
	text = bytes.TrimPrefix(text, []byte("\ufeff"))

	if n := len(stamp); n > 1 {
		s.times.wall, s.line.Stamp = w, stamp
	}
	if string(host) != "-" {
		s.line.Host = host
	}
	switch named := string(process) != "-"; {
	case string(app) != "-":
		if !named {
			process = nil
		}
		s.setTag(app, process)
	case named: // the kernel has no process id
		s.line.Origin = report.OriginUser
	}
	return text, true
}

// structuredData returns the length of "-" or `[id name="value"]…` at the start of b.
func structuredData(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	if b[0] == '-' {
		return 1
	}
	n := 0
	for n < len(b) && b[n] == '[' {
		end := elementEnd(b[n:])
		if end == 0 {
			return 0
		}
		n += end
	}
	return n
}

// elementEnd returns the length of one [element]; a bracket in a quoted value does not end it.
func elementEnd(b []byte) int {
	quoted := false
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ']':
			if !quoted {
				return i + 1
			}
		}
	}
	return 0
}
