// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Odd are names with bytes that some formats cannot carry: half a character, control bytes.
var Odd = []Names{
	{"half characters", "\xd0\xbc\xd0\xb8\xd1", "\xe6\x97\xa5\xe6", "/a\xff", "/a\xff/\xd0", "\xd0"},
	{"control bytes", "a\x1b[31mb", "\x01b\x7f", "/a\x07b", "/a\x07b/\tc", "\tc"},
}

// TestOddNames parses reports with such names from the formats that keep the bytes, or write them
// as \xNN.
func TestOddNames(t *testing.T) {
	for i, name := range []string{"2.6.32", "3.10", "4.14", "5.0", "5.4", "6.1", "6.12", "7.3"} {
		for j, s := range Scenarios {
			for n, format := range []string{"kmsg", "journalctl export", "syslog(2)", "console", "dmesg -r"} {
				check(t, KernelNamed(name), s, int64(i+j+n), Odd[(i+j+n)%2], FormatNamed(format))
			}
			check(t, KernelNamed(name), s, int64(i+j), Odd[0], FormatNamed("journalctl json"))
		}
	}
}

// TestNewlineInName parses reports of tasks with a newline in their names, where records end
// otherwise than at newlines or where each line of a record carries the record's own stamp. A line
// that stands alone is not put together there.
func TestNewlineInName(t *testing.T) {
	newline := Names{"newline", "a\nb", "c\nKilled x", "/a", "/a/b", "b"}
	for i, name := range []string{"2.6.32", "3.10", "4.14", "5.0", "5.4", "6.1", "6.12", "7.3"} {
		for j, s := range Scenarios {
			for n, format := range []string{"kmsg", "journalctl export", "journalctl json", "dmesg -J", "dmesg", "syslog(2)"} {
				if n >= 4 && (s.Bare || s.ReapFailed) {
					continue
				}
				check(t, KernelNamed(name), s, int64(i+j), newline, FormatNamed(format))
			}
		}
	}
}

// printable is the form in which a record carries a text: what is not printable UTF-8 is written
// \xNN.
func printable(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			for _, c := range []byte(text[:n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		} else {
			b.WriteRune(r)
		}
		text = text[n:]
	}
	return b.String()
}
