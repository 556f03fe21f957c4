// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// hasPrefix is [bytes.HasPrefix] for a prefix that is known when the program is built: no call, no
// loop.
func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits reads a decimal number of at most limit digits at the start of b and
// returns how many bytes it took, 0 when there is none or it is longer or does not fit.
func digits(b []byte, limit int) (v uint64, n int) {
	for n < len(b) && b[n]-'0' <= 9 {
		if n >= min(limit, safeDigits) {
			return longDigits(b, limit)
		}
		v = v*10 + uint64(b[n]-'0')
		n++
	}
	return v, n
}

// safeDigits is how many digits always fit.
const safeDigits = 19

// longDigits is [digits] for a number that may not fit.
func longDigits(b []byte, limit int) (v uint64, n int) {
	for n < len(b) && isDigit(b[n]) {
		c := uint64(b[n] - '0')
		if n == limit || v > (1<<64-1-c)/10 {
			return 0, 0
		}
		v = v*10 + c
		n++
	}
	return v, n
}

// number is [digits] for a number that is long as a rule: it reads the first eight digits at once.
func number(b []byte, limit int) (v uint64, n int) {
	if len(b) < 8 || limit < 8 {
		return digits(b, limit)
	}
	if v, n = upTo8(b); n < 8 {
		return v, n
	}
	for n < len(b) && b[n]-'0' <= 9 {
		if n >= min(limit, safeDigits) {
			return longDigits(b, limit)
		}
		v = v*10 + uint64(b[n]-'0')
		n++
	}
	return v, n
}

// upTo8 reads up to eight digits of the first eight bytes of b.
func upTo8(b []byte) (v uint64, n int) {
	return swar.FirstNumber(binary.LittleEndian.Uint64(b) ^ '0'*swar.Each)
}

// isASCII reports whether b holds only ASCII.
func isASCII(b []byte) bool {
	const high = 0x8080808080808080
	if len(b) >= 8 {
		last := binary.LittleEndian.Uint64(b[len(b)-8:])
		for ; len(b) > 8; b = b[8:] {
			if binary.LittleEndian.Uint64(b)&high != 0 {
				return false
			}
		}
		return last&high == 0
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// fixed reads exactly n digits at the start of b, -1 when there are not that many.
func fixed(b []byte, n int) int {
	if len(b) < n {
		return -1
	}
	v := 0
	for _, c := range b[:n] {
		if !isDigit(c) {
			return -1
		}
		v = v*10 + int(c-'0')
	}
	return v
}

// twoDigits is [fixed] for two digits.
func twoDigits(b []byte) int {
	if len(b) < 2 {
		return -1
	}
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return -1
	}
	return int(tens)*10 + int(ones)
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// spaces counts the spaces at the start of b.
func spaces(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// word splits b at its first space.
func word(b []byte) (w, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

// skipSpace takes one space off the start of b.
func skipSpace(b []byte) []byte {
	if len(b) > 0 && b[0] == ' ' {
		return b[1:]
	}
	return b
}

// trimEnd takes off the bytes that formats leave at the end of a line. Spaces
// are the kernel's own and stay.
func trimEnd(b []byte) []byte {
	for len(b) > 0 {
		switch b[len(b)-1] {
		case '\r', '\n', 0:
			b = b[:len(b)-1]
		default:
			return b
		}
	}
	return b
}

// release gives a buffer back that one huge line has grown beyond what is worth keeping.
func release(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}

// fieldName returns how long the name is that b begins with, of a field of the journal or of
// /dev/kmsg's dictionary: capital letters, "_", and digits, of which none is first.
func fieldName(b []byte) int {
	for i, c := range b {
		if (c < 'A' || c > 'Z') && c != '_' && (i == 0 || !isDigit(c)) {
			return i
		}
	}
	return len(b)
}

// isAssignment reports whether b begins with the name of a field and "=".
func isAssignment(b []byte) bool {
	n := fieldName(b)
	return n > 0 && n < len(b) && b[n] == '='
}
