// SPDX-License-Identifier: Apache-2.0

package format

import (
	"encoding/binary"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// nextRecord is how the head of the next record of /dev/kmsg is likely to be written: records come
// one by one and soon after each other. Comparing eight bytes takes less time than reading a
// number.
type nextRecord struct {
	// number is the sequence number after the newest one, 0 before the first.
	number uint64
	// digits is how the number and the comma after it are written, the first digit lowest. mask
	// covers as many bytes, size counts them, 0 while no number has followed on another and for
	// numbers that are too long. last is a one where the last digit stands.
	digits, mask, last uint64
	size               uint8

	// timeHi are the first eight digits of the newest time, timeHiValue is what they stand for:
	// they are so many times power. shift pushes up the digits after them, one to five. tail is the
	// ",-;" after those, tailMask covers it, and timeSize counts all up to the tail. A time of
	// fewer or more digits leaves timeSize 0.
	timeHi, timeHiValue uint64
	power               uint64
	tail, tailMask      uint64
	shift, timeSize     uint8
}

// mostExpected is the first number whose digits and comma are more than eight bytes.
const mostExpected = 1e7

// set makes number the one that is expected.
func (e *nextRecord) set(number uint64) {
	if e.number, e.size = number, 0; number >= mostExpected {
		return
	}
	var room [8]byte
	text := append(strconv.AppendUint(room[:0], number, 10), ',')
	e.size = uint8(len(text))
	e.digits, e.mask = binary.LittleEndian.Uint64(room[:]), ^uint64(0)>>(8*(len(room)-len(text)))
	e.last = 1 << (8 * (len(text) - len("0,")))
}

// step goes on to the next number.
func (e *nextRecord) step() {
	e.number++
	if e.digits&(0xff*e.last) == '9'*e.last {
		e.carry()
		return
	}
	e.digits += e.last
}

// carry makes the digits those of the next number, where the last one is a nine.
func (e *nextRecord) carry() {
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

// time reads a time that is written like the one before it, and what stands between it and the
// text; first and rest are its first sixteen bytes. size is 0 for any other.
func (e *nextRecord) time(first, rest uint64) (micros uint64, size int) {
	if (rest^e.tail)&e.tailMask != 0 {
		return 0, 0
	}
	rest = (rest ^ '0'*swar.Each) << (e.shift & 63)
	if first != e.timeHi {
		digits := first ^ '0'*swar.Each
		if swar.NonDigits(digits) != 0 {
			return 0, 0
		}
		e.timeHi, e.timeHiValue = first, swar.JoinDigits(digits)*e.power
	}
	if swar.NonDigits(rest) != 0 {
		return 0, 0
	}
	return e.timeHiValue + swar.JoinDigits(rest), int(e.timeSize)
}

// learnTime reads a time and what stands between it and the text of a record that is whole, and
// learns how the next one is written. b has 16 bytes or more. size is 0 for anything else.
func (e *nextRecord) learnTime(b []byte) (micros uint64, size int) {
	e.timeSize = 0
	micros, n := number(b, longestTime)
	if n == 0 || micros > longestUptime || !hasPrefix(b[n:], plainTail) {
		return 0, 0
	}
	size = n + len(plainTail)
	if more := n - 8; more > 0 && size <= 16 {
		e.power, e.timeSize = powersOf10[more], uint8(size)
		e.timeHi, e.timeHiValue = binary.LittleEndian.Uint64(b), micros-micros%e.power
		e.shift, e.tailMask = uint8(64-8*more), (1<<24-1)<<(8*more)
		e.tail = binary.LittleEndian.Uint64(b[8:]) & e.tailMask
	}
	return micros, size
}

// head reads the head of a record that is written like the one before it and has the next number,
// up to its fields, which are plainFields. n is its length, 0 for any other record.
func (e *nextRecord) head(raw []byte) (h kmsgHead, n int) {
	const shortest = len("12,") + 8 // so much is looked at
	if e.size == 0 || len(raw) < shortest || !isDigit(raw[0]) {
		return h, 0
	}
	h.priority, n = uint64(raw[0]-'0'), len("6,")
	if raw[1] != ',' {
		if n++; !isDigit(raw[1]) || raw[2] != ',' {
			return h, 0
		}
		h.priority = 10*h.priority + uint64(raw[1]-'0')
	}
	if (binary.LittleEndian.Uint64(raw[n:n+8])^e.digits)&e.mask != 0 {
		return h, 0
	}
	if n += int(e.size); n < 0 || n > len(raw)-16 {
		return h, 0
	}
	micros, size := e.time(binary.LittleEndian.Uint64(raw[n:n+8]), binary.LittleEndian.Uint64(raw[n+8:n+16]))
	if size == 0 {
		if micros, size = e.learnTime(raw[n:]); size == 0 {
			return h, 0
		}
	}
	h.sequence, h.micros = e.number, micros
	return h, n + size - len(plainTail)
}

// follow takes the number of the newest record. Digits are written once a number has followed on
// another.
func (e *nextRecord) follow(sequence uint64) {
	switch {
	case e.number != sequence:
		e.number, e.size = sequence+1, 0
	case e.size > 0:
		e.step()
	default:
		e.set(sequence + 1)
	}
}
