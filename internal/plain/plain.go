// SPDX-License-Identifier: Apache-2.0

// Package plain writes names, sizes and counts for people.
package plain

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// AppendPrintable appends s with every byte that is no part of a printable UTF-8 character written
// \xNN.
func AppendPrintable(dst []byte, s string) []byte {
	for {
		n := plainLen(s)
		dst = append(dst, s[:n]...)
		if s = s[n:]; s == "" {
			return dst
		}
		r, n := utf8.DecodeRuneInString(s)
		if r != utf8.RuneError && unicode.IsPrint(r) {
			dst = append(dst, s[:n]...)
		} else {
			for i := range n {
				dst = appendEscaped(dst, s[i])
			}
		}
		s = s[n:]
	}
}

// Printable is [AppendPrintable] for a text of its own.
func Printable(s string) string { return string(AppendPrintable(nil, s)) }

// IsPrintable reports whether [AppendPrintable] leaves s as it is.
func IsPrintable(s string) bool { return Printable(s) == s }

// EscapeJSON returns a JSON text in which no string holds a character that is not printable: those
// that JSON leaves as they are, such as U+009B and U+202E, are escaped as \u has it. What the text
// means stays the same.
func EscapeJSON(text []byte) []byte {
	ascii := asciiLen(text)
	odd := bytes.IndexFunc(text[ascii:], isOdd)
	if odd < 0 {
		return text
	}
	odd += ascii
	escaped := append(make([]byte, 0, len(text)+64), text[:odd]...)
	for _, r := range string(text[odd:]) {
		if !isOdd(r) {
			escaped = utf8.AppendRune(escaped, r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		if high == utf8.RuneError {
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		} else {
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, high, low)
		}
	}
	return escaped
}

// asciiLen returns how many bytes at the start of text are ASCII and not its last character, DEL:
// of eight bytes all or none.
func asciiLen(text []byte) int {
	const high = 0x80 * swar.Each
	i := 0
	for ; i+8 <= len(text); i += 8 {
		if x := binary.LittleEndian.Uint64(text[i:]); (x|(x+swar.Each))&high != 0 {
			break
		}
	}
	return i
}

// isOdd reports whether a character that JSON allows in a string is not printable.
func isOdd(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }

// plainLen returns how many bytes at the start of s are printable ASCII.
func plainLen(s string) int {
	i := 0
	for i+8 <= len(s) && isPlain(s[i:i+8]) {
		i += 8
	}
	if i > len(s)-8 && i > 0 && isPlain(s[len(s)-8:]) {
		return len(s)
	}
	for i < len(s) && s[i] >= ' ' && s[i] < 0x7f {
		i++
	}
	return i
}

// isPlain reports whether eight bytes are printable ASCII, all at once.
func isPlain(b string) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	x := swar.Load(b)
	// The high bit of a byte is set where it was, where a blank is more than the byte, or where it
	// is the last of ASCII.
	return (x|(x-each*' ')|(x+each))&high == 0
}

func appendEscaped(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'x', digits[c>>4], digits[c&15])
}

// kernelWords are words that a search for the kernel's lines looks for. A name may hold them on
// purpose.
var kernelWords = [...]string{"ill process", "illed process", "illed as", "invoked oom", "oom-kill", "oom_kill", "oom_reaper", "f memory", "f Memory"}

// AppendName writes a name so that no search for the kernel's words finds it: blanks, colons,
// hyphens and underscores of a name that holds such words are escaped, and the words fall apart.
func AppendName(dst []byte, name string) []byte {
	start := len(dst)
	dst = AppendPrintable(dst, name)
	if !suspicious(name) {
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

// ellipsis stands where a part of a name was left out.
const ellipsis = "…"

// AppendShort is [AppendName] for a name of which at most room bytes are to be written, and that
// many where it is longer: its two ends, whole characters and whole escapes only.
func AppendShort(dst []byte, name string, room int) []byte {
	if most := 2 * room; len(name) > 2*most {
		name = name[:most] + name[len(name)-most:] // more than is written of either end
	}
	return CutMiddle(AppendName(dst, name), len(dst), room)
}

// CutMiddle leaves out the middle of dst[start:], a printable text, where it is longer than room
// bytes: whole characters and whole escapes only.
func CutMiddle(dst []byte, start, room int) []byte {
	text := dst[start:]
	if len(text) <= room {
		return dst
	}
	half := max(0, room-len(ellipsis)) / 2
	head, tail := half, len(text)-half
	for head > 0 && splits(text, head) {
		head--
	}
	for tail < len(text) && splits(text, tail) {
		tail++
	}
	n := start + head + len(ellipsis)
	copy(dst[n:], text[tail:])
	copy(dst[start+head:], ellipsis)
	return dst[:n+len(text)-tail]
}

// splits reports whether a cut before text[at] is inside a character or an escape.
func splits(text []byte, at int) bool {
	if !utf8.RuneStart(text[at]) {
		return true
	}
	for i := max(0, at-3); i < at; i++ {
		if text[i] == '\\' && i+1 < len(text) && text[i+1] == 'x' {
			return true
		}
	}
	return false
}

// suspicious reports whether a name holds words of the kernel. All of those have a blank or "oom"
// in them, most names neither.
func suspicious(name string) bool {
	if strings.IndexByte(name, ' ') < 0 && !strings.Contains(name, "oom") {
		return false
	}
	for _, w := range kernelWords {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// AppendSize writes a size for a person: three digits and a binary unit. n is not negative.
func AppendSize(dst []byte, n int64) []byte {
	const units = "KMGTPE"
	if n < 1024 {
		return append(strconv.AppendInt(dst, n, 10), " B"...)
	}
	unit := (bits.Len64(uint64(n)) - 1) / 10
	// In tenths of the unit below 100, else in whole ones; a half goes to the even digit, as it
	// does where floats are printed.
	scale := uint64(10)
	if n>>(10*unit) >= 100 {
		scale = 1
	}
	whole := uint64(n) >> (10 * unit) * scale
	rest := uint64(n) & (1<<(10*unit) - 1) * scale
	whole += rest >> (10 * unit)
	rest &= 1<<(10*unit) - 1
	if half := uint64(1) << (10*unit - 1); rest > half || rest == half && whole&1 == 1 {
		whole++
	}
	dst = strconv.AppendUint(dst, whole/scale, 10)
	if tenth := whole % scale; tenth > 0 {
		dst = append(dst, '.', '0'+byte(tenth))
	}
	return append(dst, ' ', units[unit-1], 'i', 'B')
}

// AppendSizeOf writes "24.4 of 512 MiB": a unit that both sizes have is written once.
func AppendSizeOf(dst []byte, part, whole int64) []byte {
	var buf [16]byte
	size := AppendSize(buf[:0], whole)
	dst = AppendSize(dst, part)
	dst = bytes.TrimSuffix(dst, size[bytes.IndexByte(size, ' '):])
	return append(append(dst, " of "...), size...)
}
