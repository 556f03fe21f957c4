// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"time"
)

// clockTime reads "12:00:00" with an optional fraction after a point or comma.
func clockTime(b []byte) (t time.Duration, n int) {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0, 0
	}
	h, m, s := twoDigits(b), twoDigits(b[3:]), twoDigits(b[6:])
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60 {
		return 0, 0
	}
	t = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	n = 8
	if len(b) > 9 && (b[8] == '.' || b[8] == ',') && isDigit(b[9]) {
		n = 9
		for unit := 100 * time.Millisecond; n < len(b) && isDigit(b[n]); n++ {
			t += time.Duration(b[n]-'0') * unit
			unit /= 10
		}
	}
	return t, n
}

// zone reads "Z", "+01:00", "+0100" or "+01", with a space before it or without.
func zone(b []byte) (east, n int) {
	if len(b) > 0 && b[0] == ' ' {
		n = 1
	}
	if len(b) <= n {
		return 0, 0
	}
	sign := 1
	switch b[n] {
	case 'Z':
		return 0, n + 1
	case '+':
	case '-':
		sign = -1
	default:
		return 0, 0
	}
	h := twoDigits(b[n+1:])
	if h < 0 {
		return 0, 0
	}
	n += 3
	rest := b[n:]
	colon := 0
	if len(rest) > 0 && rest[0] == ':' {
		colon = 1
	}
	m := twoDigits(rest[colon:])
	if m < 0 {
		m = 0
	} else {
		n += colon + 2
	}
	return sign * (h*3600 + m*60), n
}

// isoTime reads "2023-05-01T12:00:00.123456+00:00", also with a space for the T.
func isoTime(b []byte) (w wallTime, n int) {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || b[10] != 'T' && b[10] != ' ' {
		return w, 0
	}
	year, month, day := fixed(b, 4), twoDigits(b[5:]), twoDigits(b[8:])
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 31 {
		return w, 0
	}
	t, c := clockTime(b[11:])
	if c == 0 {
		return wallTime{}, 0
	}
	w.year, w.month, w.day, w.sinceMidnight = int16(year), int8(month), int8(day), t
	n = 11 + c
	if east, z := zone(b[n:]); z > 0 {
		w.east, w.zoned = int32(east), true
		n += z
	}
	return w, n
}

// unixTime reads journalctl's short-unix timestamp, "1682942400.123456".
func unixTime(b []byte) (w wallTime, n int) {
	sec, n := digits(b, 10)
	if n < 9 || len(b) < n+7 || b[n] != '.' {
		return w, 0
	}
	frac := fixed(b[n+1:], 6)
	if frac < 0 || sec > longestUptime/1e6 {
		return w, 0
	}
	w.unix = time.Duration(sec)*time.Second + time.Duration(frac)*time.Microsecond
	w.hasUnix = true
	return w, n + 7
}

// namedTime reads the timestamps that spell the month or the weekday: "May  1 12:00:00.123456",
// "May  1 2023 12:00:00", "Mon May  1 12:00:00 2023" and "Mon 2023-05-01 12:00:00 UTC". Names may
// be in any language.
func namedTime(b []byte) (w wallTime, n int) {
	name, n := nameWord(b)
	if n == 0 {
		return w, 0
	}
	if iso, c := isoTime(b[n:]); c > 0 {
		return fullTime(b, iso, n+c)
	}
	day, c := dayOfMonth(b[n:])
	weekday := c == 0
	if weekday {
		var m int
		name, m = nameWord(b[n:])
		if m == 0 {
			return w, 0
		}
		n += m
		if day, c = dayOfMonth(b[n:]); c == 0 {
			return w, 0
		}
	}
	n += c
	w.month, w.day = int8(monthNumber(name)), int8(day)
	if y := fixed(b[n:], 4); y > 0 && len(b) > n+4 && b[n+4] == ' ' {
		w.year = int16(y)
		n += 5
	}
	t, c := clockTime(b[n:])
	if c == 0 {
		return wallTime{}, 0
	}
	w.sinceMidnight = t
	n += c
	if weekday && len(b) >= n+5 && b[n] == ' ' {
		if y := fixed(b[n+1:], 4); y > 0 && (len(b) == n+5 || b[n+5] == ' ') {
			w.year = int16(y)
			n += 5
		}
	}
	return w, n
}

// fullTime ends journalctl's short-full: the zone is a name, of which only UTC and GMT say what
// they mean.
func fullTime(b []byte, w wallTime, n int) (wallTime, int) {
	if w.zoned || n >= len(b) || b[n] != ' ' {
		return w, n
	}
	name, _ := word(b[n+1:])
	if !isZoneName(name) {
		return w, n
	}
	if w.zoned = string(name) == "UTC" || string(name) == "GMT"; !w.zoned {
		copy(w.zone[:], name)
	}
	return w, n + 1 + len(name)
}

// isZoneName reports whether a word looks like the abbreviation of a time zone.
func isZoneName(b []byte) bool {
	if len(b) < 2 || len(b) > 5 {
		return false
	}
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// nameWord reads a name of at most 40 bytes and the spaces after it.
func nameWord(b []byte) (name []byte, n int) {
	const longest = 40
	letters := false
	for n < len(b) && b[n] != ' ' {
		c := b[n]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
			letters = true
		case isDigit(c), c == '.' && n > 0:
		default:
			return nil, 0
		}
		if n++; n > longest {
			return nil, 0
		}
	}
	if !letters {
		return nil, 0
	}
	name = b[:n]
	return name, n + spaces(b[n:])
}

// dayOfMonth reads one or two digits and the space after them.
func dayOfMonth(b []byte) (day, n int) {
	v, n := digits(b, 2)
	if n == 0 || v < 1 || v > 31 || n == len(b) || b[n] != ' ' {
		return 0, 0
	}
	return int(v), n + 1
}

// bracketTime reads what dmesg -T, -e and serial loggers put in brackets: any text
// that ends in "12:00:00 2023", "May  1 12:00", or an ISO timestamp.
func bracketTime(b []byte) (w wallTime, ok bool) {
	if iso, n := isoTime(b); n == len(b) && n > 0 {
		return iso, true
	}
	if i := len(b) - len(" 12:00:00 2023"); i > 0 && b[i] == ' ' && b[i+9] == ' ' {
		year := fixed(b[i+10:], 4)
		t, n := clockTime(b[i+1 : i+9])
		if n == 8 && year > 0 {
			w = wallTime{year: int16(year), sinceMidnight: t}
			w.setDate(b[:i])
			return w, true
		}
	}
	if i := len(b) - len(" 12:00"); i > 0 && b[i] == ' ' && b[i+3] == ':' {
		h, m := fixed(b[i+1:], 2), fixed(b[i+4:], 2)
		w.setDate(b[:i])
		if h >= 0 && h < 24 && m >= 0 && m < 60 && w.month > 0 {
			w.sinceMidnight = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
			return w, true
		}
	}
	return wallTime{}, false
}

// setDate reads month and day at the end of b: "Mon May  1", "May15", "dim. 19 avril".
func (w *wallTime) setDate(b []byte) {
	end := len(b)
	for end > 0 && isDigit(b[end-1]) {
		end--
	}
	name := bytes.TrimRight(b[:end], " ")
	start := bytes.LastIndexByte(name, ' ') + 1
	number := b[end:]
	if len(number) == 0 { // the day comes first
		number = bytes.TrimRight(name[:start], " ")
		number = number[bytes.LastIndexByte(number, ' ')+1:]
	}
	day, n := digits(number, 2)
	if n != len(number) || day < 1 || day > 31 {
		return
	}
	w.month, w.day = int8(monthNumber(name[start:])), int8(day)
}
