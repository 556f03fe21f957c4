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
	*e = expected{
		number: number, word: binary.LittleEndian.Uint64(room[:]), mask: ^uint64(0) >> (8 * (len(room) - len(text))),
		shift: uint(8 * (len(text) - 2)), size: len(text),
	}
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

// expect readies the decoder for the record behind the current line, if that is one like most: whole, and with no names.
func (d *Decoder) expect() {
	if l := &d.line; l.Caller == nil && !l.Fragment && !l.Truncated {
		d.expected.set(l.Sequence + 1)
	}
}

// next reads the record that is expected into the current line, which holds the record before it. It writes only what differs between
// two such records, and it takes only what [Decoder.kmsgRecord] would make the same of.
func (d *Decoder) next(raw []byte) bool {
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
	micros, digits := number(raw[n:], longestTime)
	n += digits
	if digits == 0 || micros > longestUptime || !hasPrefix(raw[n:], plainFields+";") {
		return false
	}
	text := raw[n+len(plainFields+";"):]
	if len(text) == 0 || text[len(text)-1] <= '\r' || text[len(text)-1] == '>' || !d.plain && !isPlain(text) {
		return false
	}
	l := &d.line
	l.setPriority(priority)
	l.judgeFacility()
	l.Number, l.Text, l.Sequence = d.number, text, e.number
	l.Uptime, l.LogTime = int64(micros), time.Duration(micros)*time.Microsecond
	e.step()
	return true
}

// isPlain reports what [Decoder.DecodePlain] is told.
func isPlain(text []byte) bool {
	return bytes.IndexByte(text, '\\') < 0 && bytes.IndexByte(text, '\n') < 0
}
