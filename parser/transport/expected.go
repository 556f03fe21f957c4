package transport

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"
)

// expected is how the number of the record of /dev/kmsg behind the newest one is written. Records come one by one, and to
// compare eight bytes costs less than to read a number.
type expected struct {
	// number is the number, 0 where none is expected.
	number uint64
	// word is the number in digits, the first one lowest, and the comma behind it; mask covers as many bytes, shift is where the last
	// digit stands, and size how many bytes they are.
	word, mask uint64
	shift      uint
	size       int
	// first are the first eight digits of the newest time that has as many, 0 for none, and value is what they say.
	first, value uint64
}

// mostExpected is the first number whose digits and comma are more than eight bytes.
const mostExpected = 1e7

// set makes number the one that is expected.
func (e *expected) set(number uint64) {
	if number == 0 || number >= mostExpected {
		e.number = 0
		return
	}
	var room [8]byte
	text := append(strconv.AppendUint(room[:0], number, 10), ',')
	e.number, e.word, e.mask = number, binary.LittleEndian.Uint64(room[:]), ^uint64(0)>>(8*(len(room)-len(text)))
	e.shift, e.size = uint(8*(len(text)-2)), len(text)
}

// step goes on to the next number.
func (e *expected) step() {
	e.number++
	for shift := e.shift; ; shift -= 8 {
		if byte(e.word>>shift) != '9' {
			e.word += 1 << shift
			return
		}
		if shift == 0 { // one digit more
			e.set(e.number)
			return
		}
		e.word -= 9 << shift
	}
}

// time is [number] of a time, whose first eight digits are mostly those of the time before it.
func (e *expected) time(b []byte) (micros uint64, digits int) {
	if len(b) < 16 {
		return number(b, longestTime)
	}
	if first := binary.LittleEndian.Uint64(b); first != e.first {
		v, n := upTo8(b)
		if n < 8 {
			return v, n
		}
		e.first, e.value = first, v
	}
	rest, n := upTo8(b[8:])
	if n == 8 {
		return number(b, longestTime)
	}
	return e.value*powersOf10[n] + rest, 8 + n
}

// Next returns the line of the record that is expected: the one of /dev/kmsg behind the newest, which differs from that in nothing but
// its number, priority, time and text. It returns nil for any other input line, and [Decoder.Decode] is to take that. plain says
// that there is neither a backslash nor a newline in raw.
func (d *Decoder) Next(raw []byte, plain bool) *Line {
	if d.expected.number == 0 || !d.next(raw, plain) {
		return nil
	}
	d.number++
	l := &d.line
	l.Number = d.number
	if d.format == Auto {
		d.before.line.Origin = l.Origin
		if d.unproven && l.Origin == OriginKernel {
			l.Origin = OriginUnknown
		}
	}
	return l
}

// next reads the record that is expected into the current line. It writes only what differs from the record before it, and takes only
// what [Decoder.kmsgRecord] would make the same of.
func (d *Decoder) next(raw []byte, plain bool) bool {
	const shortest = len("6,") + 8 + len("1234567,-;") // so much can be looked at
	e := &d.expected
	if len(raw) < shortest || !isDigit(raw[0]) {
		return false
	}
	n, priority := len("6,"), int(raw[0]-'0')
	if raw[1] != ',' {
		if n++; !isDigit(raw[1]) || raw[2] != ',' {
			return false
		}
		priority = 10*priority + int(raw[1]-'0')
	}
	if (binary.LittleEndian.Uint64(raw[n:])^e.word)&e.mask != 0 {
		return false
	}
	n += e.size
	micros, digits := e.time(raw[n:])
	n += digits
	if digits == 0 || micros > longestUptime || !hasPrefix(raw[n:], plainFields+";") {
		return false
	}
	text := raw[n+len(plainFields+";"):]
	if len(text) == 0 || text[len(text)-1] <= '\r' || text[len(text)-1] == '>' && bytes.HasSuffix(text, truncatedMark) || !plain && !isPlain(text) {
		return false
	}
	l := &d.line
	l.setPriority(priority)
	l.judgeFacility()
	l.Text, l.Sequence = text, e.number
	l.Uptime, l.LogTime = int64(micros), time.Duration(micros)*time.Microsecond
	e.step()
	return true
}

// isPlain reports what [Decoder.DecodePlain] is told.
func isPlain(text []byte) bool {
	return bytes.IndexByte(text, '\\') < 0 && bytes.IndexByte(text, '\n') < 0
}
