// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"iter"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// maxComm is the most bytes that a comm can have, TASK_COMM_LEN - 1; longestComm is what they take
// where the format left each written as \xNN.
const maxComm, longestComm = 15, 4 * 15

// bytesOf returns the set of the bytes of s.
func bytesOf(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// isDigit reports whether c is a decimal digit.
func isDigit(c byte) bool { return c-'0' <= 9 }

// takeUint cuts a decimal number from the front of s. ok is false without a digit, and for a
// number that no int64 holds or that has more digits than one can have.
func takeUint(s string) (n int64, rest string, ok bool) {
	if len(s) >= 8 {
		if n, digits := swar.FirstNumber(swar.Load(s) ^ '0'*swar.Each); digits < 8 {
			return int64(n), s[digits:], digits > 0
		}
	}
	const safe = 18 // so many digits always fit
	i := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		if i == safe {
			return takeLongUint(s)
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, s[i:], i > 0
}

// takeLongUint is takeUint for a number that may not fit.
func takeLongUint(s string) (n int64, rest string, ok bool) {
	i := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		d := int64(s[i] - '0')
		if i == 20 || n > (1<<63-1-d)/10 {
			return 0, s, false
		}
		n = n*10 + d
	}
	return n, s[i:], i > 0
}

// takeInt is takeUint for a number that may be negative. The kernel prints some with a minus sign.
// Its sizes and counts it prints as unsigned numbers: one of them that fell below zero is 2^63 or
// more, and negative here.
func takeInt(s string) (n int64, rest string, ok bool) {
	if len(s) > 0 && s[0] == '-' {
		if n, rest, ok = takeUint(s[1:]); !ok {
			return 0, s, false
		}
		return -n, rest, true
	}
	if n, rest, ok = takeUint(s); !ok && len(s) > 0 && isDigit(s[0]) {
		return takeWrapped(s)
	}
	return n, rest, ok
}

// takeWrapped is takeInt for digits that no int64 holds.
func takeWrapped(s string) (n int64, rest string, ok bool) {
	i := 1
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	u, err := strconv.ParseUint(s[:i], 10, 64)
	if err != nil {
		return 0, s, false
	}
	return int64(u), s[i:], true
}

// wholeInt is takeInt for a line that may have been cut: a number that ends with the text
// may have lost digits, so it is not taken.
func wholeInt(s string) (n int64, rest string, ok bool) {
	if n, rest, ok = takeInt(s); !ok || rest == "" {
		return 0, s, false
	}
	return n, rest, true
}

// takeKB cuts an integer and its unit "kB" or "KB" from the start of s: without the unit the digits
// may be cut too, so there is no value.
func takeKB(s string) (v int64, rest string, ok bool) {
	v, rest, ok = takeInt(s)
	if rest, kb := cutKB(rest); ok && kb {
		return v, rest, true
	}
	return 0, s, false
}

// cutKB cuts the unit "kB" or "KB" from the start of s.
func cutKB(s string) (rest string, ok bool) {
	if len(s) < 2 || (s[0] != 'k' && s[0] != 'K') || s[1] != 'B' {
		return s, false
	}
	return s[2:], true
}

// trimEnd takes spaces and a carriage return off the end of s, which formats add and no kernel line
// needs.
func trimEnd(s string) string {
	for s != "" {
		switch s[len(s)-1] {
		case ' ', '\t', '\r', '\n':
			s = s[:len(s)-1]
		default:
			return s
		}
	}
	return s
}

// skipSpaces returns s without its leading spaces.
func skipSpaces(s string) string {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return s[n:]
}

// commFits reports whether s can be a comm: at most 15 bytes, where a byte that the format left
// written as \xNN counts once. kworker names may come longer.
func commFits(s string) bool {
	if len(s) <= maxComm {
		return true
	}
	if len(s) > longestComm {
		return false
	}
	if strings.HasPrefix(s, "kworker/") {
		return true
	}
	n := 0
	for i := 0; i < len(s); n++ {
		if isEscape(s[i:]) {
			i += 4
		} else {
			i++
		}
	}
	return n <= maxComm
}

// commEnds yields where a comm at the start of s may end: each parenthesis after what can be one,
// from the right.
func commEnds(s string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := strings.LastIndexByte(s[:min(len(s), longestComm+1)], ')'); i >= 0; i = strings.LastIndexByte(s[:i], ')') {
			if commFits(s[:i]) && !yield(i) {
				return
			}
		}
	}
}

// isEscape reports whether s starts with an escaped byte, \xNN.
func isEscape(s string) bool {
	return len(s) >= 4 && s[0] == '\\' && s[1] == 'x' && isHex(s[2]) && isHex(s[3])
}

// isHex reports whether c is a lower-case hexadecimal digit.
func isHex(c byte) bool { return isDigit(c) || c-'a' <= 5 }

// isNodeList reports whether s is what a list of nodes is printed as: "0-1,3", or nothing. One that
// ends with "-" or "," is cut.
func isNodeList(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) && s[i] != ',' && s[i] != '-' {
			return false
		}
	}
	return s == "" || isDigit(s[len(s)-1])
}

// isNodemask reports whether s is a list of nodes or "(null)".
func isNodemask(s string) bool { return s == "(null)" || isNodeList(s) }

// startsEither reports whether one of a and b is a prefix of the other: whether a, if cut, can be
// the beginning of b.
func startsEither(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return b[:len(a)] == a
}

// nextIndex is strings.Index from position from on.
func nextIndex(s, sep string, from int) int {
	if from > len(s) {
		return -1
	}
	if i := strings.Index(s[from:], sep); i >= 0 {
		return from + i
	}
	return -1
}
