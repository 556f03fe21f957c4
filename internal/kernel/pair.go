// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// freePages is the one name with a space in it (2.6.9 to 2.6.20).
const freePages = "Free pages"

// NextPair cuts the first "name:value[kB]", "name: valuekB", "name? yes" from s; leading spaces and
// commas are skipped. ok is false when s does not start with one, or ends inside it: a plain number
// that ends s is only taken for a value that ends a line in some kernel.
func NextPair(s string) (v report.Pair, tail string, ok bool) {
	start := 0
	for start < len(s) && (s[start] == ' ' || s[start] == ',' || s[start] == '\n') {
		start++
	}
	text := s[start:]
	n := pairNameLen(text)
	if n == 0 || n == len(text) {
		return report.Pair{}, s, false
	}
	v.Name = pairName(text[:n])
	switch text[n] {
	case '?':
		v.Unit = report.UnitBool
		v.Value, tail, ok = cutYesNo(text[n+1:])
	case ':':
		v.Value, v.Unit, tail, ok = cutValueUnit(skipSpaces(text[n+1:]))
	}
	if !ok || !endsPair(tail) {
		return report.Pair{}, s, false
	}
	if tail == "" && v.Unit == report.UnitPages && !mayEndLine(v.Name) {
		return report.Pair{}, s, false
	}
	return v, tail, true
}

// pairNameLen returns how many bytes at the start of s are a name: letters, digits, "_", "-", and
// one bracketed word at its end.
func pairNameLen(s string) int {
	n := 0
	for n < len(s) && nameBytes[s[n]] {
		n++
	}
	if n == len("Free") && strings.HasPrefix(s, freePages) {
		return len(freePages)
	}
	if n == 0 || n == len(s) || s[n] != '(' {
		return n
	}
	bracket := n
	for n++; n < len(s) && nameBytes[s[n]]; n++ {
	}
	if n == len(s) || s[n] != ')' {
		return bracket
	}
	return n + 1
}

// nameBytes are the bytes of the name of a value.
var nameBytes = bytesOf("-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

// pairName returns the name that later kernels print for a name of the oldest.
func pairName(printed string) string {
	switch printed {
	case "Active":
		return "active"
	case "Active_anon":
		return "active_anon"
	}
	return printed
}

// cutYesNo cuts " yes" or " no".
func cutYesNo(s string) (v int64, tail string, ok bool) {
	s = skipSpaces(s)
	if tail, ok = strings.CutPrefix(s, "yes"); ok {
		return 1, tail, true
	}
	tail, ok = strings.CutPrefix(s, "no")
	return 0, tail, ok
}

// cutValueUnit cuts a number and its unit, if it has one.
func cutValueUnit(s string) (v int64, unit report.Unit, tail string, ok bool) {
	v, tail, ok = takeInt(s)
	if rest, kb := cutKB(tail); ok && kb {
		return v, report.UnitKB, rest, true
	}
	return v, report.UnitPages, tail, ok
}

// endsPair reports whether a pair may end where tail follows.
func endsPair(tail string) bool {
	return tail == "" || tail[0] == ' ' || tail[0] == ',' || tail[0] == '\n' || tail[0] == '\r'
}
