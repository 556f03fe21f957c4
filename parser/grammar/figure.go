package grammar

// takeKB cuts an integer and its unit "kB" or "KB" from the start of s: without the unit the digits may be
// cut too, so there is no value.
func takeKB(s string) (v int64, rest string, ok bool) {
	v, rest, ok = takeInt(s)
	if !ok || len(rest) < 2 || (rest[0] != 'k' && rest[0] != 'K') || rest[1] != 'B' {
		return 0, s, false
	}
	return v, rest[2:], true
}

// skipBlanks returns s without its leading blanks.
func skipBlanks(s string) string {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return s[n:]
}
