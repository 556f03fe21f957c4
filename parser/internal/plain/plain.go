// Package plain writes names and sizes for people.
package plain

import (
	"strconv"
	"strings"
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

// kernelWords are words that a search for the kernel's lines looks for. A name may hold them on purpose.
var kernelWords = [...]string{"ill process", "illed process", "illed as", "invoked oom", "oom-kill", "oom_kill", "oom_reaper", "f memory", "f Memory"}

// AppendName writes a name so that no search for the kernel's words finds it: blanks, colons, hyphens and
// underscores of a name that holds such words are escaped, and the words fall apart.
func AppendName(dst []byte, name string) []byte {
	suspicious := false
	for _, w := range kernelWords {
		suspicious = suspicious || strings.Contains(name, w)
	}
	start := len(dst)
	dst = AppendPrintable(dst, name)
	if !suspicious {
		return dst
	}
	clean := string(dst[start:])
	dst = dst[:start]
	for i := 0; i < len(clean); i++ {
		switch c := clean[i]; c {
		case ' ', ':', '-', '_':
			dst = appendEscaped(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendSize writes a size for a person: three digits and a binary unit. n is not negative.
func AppendSize(dst []byte, n int64) []byte {
	units := [...]string{" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"}
	u, v := 0, float64(n)
	for v >= 1024 && u < len(units)-1 {
		v /= 1024
		u++
	}
	digits := 0
	if u > 0 && v < 100 {
		digits = 1
	}
	at := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', digits, 64)
	if n := len(dst); n-at > 2 && dst[n-2] == '.' && dst[n-1] == '0' {
		dst = dst[:n-2]
	}
	return append(dst, units[u]...)
}
