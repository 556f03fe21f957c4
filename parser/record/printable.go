package record

import (
	"unicode"
	"unicode/utf8"
)

// AppendPrintable appends s with every byte that is no part of a printable UTF-8 character written \xNN.
func AppendPrintable(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r != utf8.RuneError && unicode.IsPrint(r) {
			dst = append(dst, s[i:i+n]...)
		} else {
			for _, c := range []byte(s[i : i+n]) {
				dst = appendEscaped(dst, c)
			}
		}
		i += n
	}
	return dst
}

func appendEscaped(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'x', digits[c>>4], digits[c&15])
}
