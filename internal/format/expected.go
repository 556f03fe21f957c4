// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// expected is what the head of the next record of /dev/kmsg is likely to be: records come one by one, in no time, and whole. To
// compare eight bytes costs less than to read a number.
type expected struct {
	// number is the number of the record behind the newest one, 0 where none is expected.
	number uint64
	// digits is how the number and the comma behind it are written, the first digit lowest; mask covers as many bytes, and size
	// counts them, 0 while nobody has asked. last is a one where the last digit stands.
	digits, mask, last uint64
	size               int

	// first are the first eight digits of the newest time, value is what they stand for. They are so many times power; the digits
	// behind them, one to five, are pushed up by shift; tail is the ",-;" behind those, tailMask covers it, and timeSize counts all
	// to the text. A time of fewer or more digits leaves timeSize 0.
	first, value   uint64
	power          uint64
	tail, tailMask uint64
	shift          uint
	timeSize       int
}

// mostExpected is the first number whose digits and comma are more than eight bytes.
const mostExpected = 1e7

// set makes number the one that is expected.
func (e *expected) set(number uint64) {
	if number >= mostExpected {
		e.number = 0
		return
	}
	var room [8]byte
	text := append(strconv.AppendUint(room[:0], number, 10), ',')
	e.number, e.size = number, len(text)
	e.digits, e.mask = binary.LittleEndian.Uint64(room[:]), ^uint64(0)>>(8*(len(room)-len(text)))
	e.last = 1 << (8 * (len(text) - len("0,")))
}

// step goes on to the next number.
func (e *expected) step() {
	e.number++
	if e.digits&(0xff*e.last) == '9'*e.last {
		e.carry()
		return
	}
	e.digits += e.last
}

// carry makes the digits those of the next number, where the last one is a nine.
func (e *expected) carry() {
	for one := e.last; ; one >>= 8 {
		if e.digits&(0xff*one) != '9'*one {
			e.digits += one
			return
		}
		if one == 1 { // one digit more
			e.set(e.number)
			return
		}
		e.digits -= 9 * one
	}
}

// time reads a time that is written like the one before it, and what stands between it and the text; first and rest are its first
// sixteen bytes. size is 0 for any other.
func (e *expected) time(first, rest uint64) (micros uint64, size int) {
	if (rest^e.tail)&e.tailMask != 0 {
		return 0, 0
	}
	rest = (rest ^ '0'*swar.Each) << (e.shift & 63)
	if first != e.first {
		digits := first ^ '0'*swar.Each
		if swar.NonDigits(digits) != 0 {
			return 0, 0
		}
		e.first, e.value = first, swar.JoinDigits(digits)*e.power
	}
	if swar.NonDigits(rest) != 0 {
		return 0, 0
	}
	return e.value + swar.JoinDigits(rest), e.timeSize
}

// learnTime reads a time and what stands between it and the text of a record that is whole, and learns how the next one is
// written. b has 16 bytes or more. size is 0 for anything else.
func (e *expected) learnTime(b []byte) (micros uint64, size int) {
	e.timeSize = 0
	micros, n := number(b, longestTime)
	if n == 0 || micros > longestUptime || !hasPrefix(b[n:], plainTail) {
		return 0, 0
	}
	size = n + len(plainTail)
	if more := n - 8; more > 0 && size <= 16 {
		e.power, e.timeSize = powersOf10[more], size
		e.first, e.value = binary.LittleEndian.Uint64(b), micros-micros%e.power
		e.shift, e.tailMask = uint(64-8*more), (1<<24-1)<<(8*more)
		e.tail = binary.LittleEndian.Uint64(b[8:]) & e.tailMask
	}
	return micros, size
}

// Next returns the line of the record that is expected: the one of /dev/kmsg behind the newest, which differs from that in nothing but
// its number, priority, time and text. It returns nil for any other input line, and [Decoder.Decode] is to take that: of what is
// taken here it would make the same. plain says that there is neither a backslash nor a newline in raw.
//
// It is for who leaves the lines as they are: unlike Decode it does not undo what was changed in the one before.
func (d *Decoder) Next(raw []byte, plain bool) *Line {
	const shortest = len("12,") + 8 // so much is looked at
	e := &d.expected
	if e.number == 0 || len(raw) < shortest || !isDigit(raw[0]) {
		return nil
	}
	if e.size == 0 {
		e.set(e.number)
	}
	n, priority := len("6,"), int(raw[0]-'0')
	if raw[1] != ',' {
		if n++; !isDigit(raw[1]) || raw[2] != ',' {
			return nil
		}
		priority = 10*priority + int(raw[1]-'0')
	}
	if (binary.LittleEndian.Uint64(raw[n:n+8])^e.digits)&e.mask != 0 {
		return nil
	}
	if n += e.size; n < 0 || n > len(raw)-16 {
		return nil
	}
	micros, size := e.time(binary.LittleEndian.Uint64(raw[n:n+8]), binary.LittleEndian.Uint64(raw[n+8:n+16]))
	if size == 0 {
		if micros, size = e.learnTime(raw[n:]); size == 0 {
			return nil
		}
	}
	end := raw[len(raw)-1]
	if n += size; n == len(raw) || end <= '\r' || end == '>' && bytes.HasSuffix(raw, truncatedMark) || !plain && !isPlain(raw[n:]) {
		return nil
	}
	d.number++
	l := &d.line
	l.setPriority(priority)
	l.judgeFacility()
	l.Number, l.Text, l.Sequence = d.number, raw[n:], e.number
	l.Uptime = int64(micros)
	if !d.dating.Boot.IsZero() {
		l.Wall = d.dating.Boot.Add(time.Duration(micros) * time.Microsecond)
	}
	e.step()
	if d.format == Auto {
		d.before.line.Origin = l.Origin
	}
	if l.Origin == OriginKernel && d.trusted != TrustedKmsg {
		l.Origin = OriginUnknown
	}
	return l
}

// isPlain reports what [Decoder.DecodePlain] is told.
func isPlain(text []byte) bool {
	return bytes.IndexByte(text, '\\') < 0 && bytes.IndexByte(text, '\n') < 0
}
