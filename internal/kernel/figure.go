// SPDX-License-Identifier: Apache-2.0

package kernel

// takeKB cuts an integer and its unit "kB" or "KB" from the start of s: without the unit the digits may be
// cut too, so there is no value.
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

// skipBlanks returns s without its leading blanks.
func skipBlanks(s string) string {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return s[n:]
}
