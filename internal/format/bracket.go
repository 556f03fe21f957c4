// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// longestBracket bounds the search for the end of a date in brackets.
const longestBracket = 80

// bracket is what a timestamp in brackets at the start of a line says.
type bracket struct {
	uptime    int64
	hasUptime bool
	// delta is the time since the line before, in microseconds, of dmesg's --time-format reltime
	// and delta.
	delta    int64
	hasDelta bool
	wall     wallTime
	// stamp is the wall timestamp as printed, nil when there is none.
	stamp []byte
}

// kernelStamp reads printk's "[ 5678.901234]" and returns its length, 0 when b
// does not start with one. Six digits after the point are what distinguishes it from a
// task row, a frame of a call trace and most crafted names.
func kernelStamp(b []byte) (usec int64, n int) {
	if len(b) < 10 || b[0] != '[' {
		return 0, 0
	}
	n = 1 + spaces(b[1:])
	usec, c := seconds(b[n:])
	n += c
	if c == 0 || n >= len(b) {
		return 0, 0
	}
	if b[n] != ']' {
		if c = vendorStamp(b[n:]); c == 0 {
			return 0, 0
		}
		n += c
	}
	return usec, n + 1
}

// seconds reads "5678.901234" as microseconds.
func seconds(b []byte) (usec int64, n int) {
	sec, n := digits(b, 11)
	if n == 0 || len(b) < n+7 || b[n] != '.' {
		return 0, 0
	}
	frac := fixed(b[n+1:], 6)
	if frac < 0 || len(b) > n+7 && isDigit(b[n+7]) {
		return 0, 0
	}
	return int64(sec)*1e6 + int64(frac), n + 7
}

// signed reads "+0.000012", "-0.000012" or "0.000012": timestamps can come out of order.
func signed(b []byte) (usec int64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	sign := 0
	if b[0] == '+' || b[0] == '-' {
		sign = 1
	}
	usec, n = seconds(b[sign:])
	if n == 0 {
		return 0, 0
	}
	if b[0] == '-' {
		usec = -usec
	}
	return usec, n + sign
}

// deltaStamp reads the "<    0.000012>" of dmesg -d; journalctl's has a space before the >.
func deltaStamp(b []byte) (usec int64, n int) {
	if len(b) == 0 || b[0] != '<' {
		return 0, 0
	}
	n = 1 + spaces(b[1:])
	usec, c := signed(b[n:])
	if c == 0 {
		return 0, 0
	}
	n += c
	n += spaces(b[n:])
	if n >= len(b) || b[n] != '>' {
		return 0, 0
	}
	return usec, n + 1
}

// parseBracket reads any timestamp in brackets that dmesg, journalctl, the console or a
// serial logger writes, and returns its length, 0 when b starts with none.
func parseBracket(b []byte) (s bracket, n int) {
	if len(b) < 3 || b[0] != '[' {
		return s, 0
	}
	if s.uptime, n = kernelStamp(b); n > 0 {
		s.hasUptime = true
		return s, n
	}
	i := 1 + spaces(b[1:])
	if i == len(b) {
		return s, 0
	}
	switch {
	case b[i] == '<':
		usec, c := deltaStamp(b[i:])
		s.delta, s.hasDelta = usec, true
		return closed(s, b, i, c)
	case b[i] == '+' || b[i] == '-':
		usec, c := signed(b[i:])
		s.delta, s.hasDelta = usec, true
		return closed(s, b, i, c)
	case isDigit(b[i]):
		if usec, c := seconds(b[i:]); c > 0 {
			s.uptime, s.hasUptime = usec, true
			i += c
			blanks := spaces(b[i:])
			if _, c = deltaStamp(b[i+blanks:]); c == 0 { // the first line of journalctl's short-delta
				return closed(s, b, i, blanks)
			}
			return closed(s, b, i+blanks, c)
		}
	}
	return dateBracket(b)
}

// closed ends a bracket whose last part starts at i and is c long.
func closed(s bracket, b []byte, i, c int) (bracket, int) {
	if c == 0 || i+c >= len(b) || b[i+c] != ']' {
		return bracket{}, 0
	}
	return s, i + c + 1
}

func dateBracket(b []byte) (s bracket, n int) {
	end := bytes.IndexByte(b[:min(len(b), longestBracket)], ']')
	if end < 0 {
		return s, 0
	}
	inner := b[1:end]
	if lt := bytes.LastIndexByte(inner, '<'); lt > 0 && inner[lt-1] == ' ' {
		if _, c := deltaStamp(inner[lt:]); lt+c == len(inner) {
			inner = inner[:lt-1]
		}
	}
	wall, ok := bracketTime(inner)
	if !ok {
		return s, 0
	}
	s.wall, s.stamp = wall, inner
	return s, end + 1
}

// callerStamp reads printk's "[ T4242]" or "[    C0]" and returns its length.
func callerStamp(b []byte) (caller []byte, n int) {
	if len(b) < 4 || b[0] != '[' {
		return nil, 0
	}
	start := 1 + spaces(b[1:])
	if start == len(b) || b[start] != 'T' && b[start] != 'C' {
		return nil, 0
	}
	_, c := digits(b[start+1:], 10)
	end := start + 1 + c
	if c == 0 || end == len(b) || b[end] != ']' {
		return nil, 0
	}
	return b[start:end], end + 1
}
