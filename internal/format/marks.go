// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// cutMarks takes off the marks of a list ("* ", "- ", "2. ") and the backticks around a line, as
// Markdown has them, and the quotation marks around a line that somebody quotes in a mail or a
// chat. A task may be called "- x" or "`x": where a mark may be a name's, only backticks or
// quotation marks at both ends decide, since no line of the kernel that begins with a name ends
// with one.
func cutMarks(_ *pasted, _ *stream, b []byte) []byte {
	if len(b) < 3 || b[0] == '[' || b[0] >= 'A' && b[0] <= 'Z' { // nearly always
		return b
	}
	inner := b[spaces(b):]
	mark := listMark(inner)
	inner = inner[mark:]
	if n := len(inner); n > 2 && inner[0] == '`' && inner[1] != '`' {
		if quoted := inner[1:]; inner[n-1] == '`' {
			return quoted[:n-2]
		} else if beginsWithStamp(quoted) && !nameFirst(b) {
			return quoted
		}
		return b
	}
	if quoted, ok := cutQuotes(inner); ok {
		return quoted
	}
	if mark > 0 && beginsWithStamp(inner) && !nameFirst(b) {
		return inner
	}
	return b
}

// cutQuotes takes off the quotation marks at both ends of b, straight or typographic.
func cutQuotes(b []byte) (quoted []byte, ok bool) {
	for _, q := range [...][2]string{{`"`, `"`}, {"\u201c", "\u201d"}, {"\u201e", "\u201c"}, {"\u00ab", "\u00bb"}} {
		if len(b) > len(q[0])+len(q[1]) && hasPrefix(b, q[0]) && bytes.HasSuffix(b, []byte(q[1])) {
			quoted = b[len(q[0]) : len(b)-len(q[1])]
			return quoted, bytes.IndexByte(quoted, '"') < 0 // a row of CSV has more of them
		}
	}
	return nil, false
}

// listMark returns the length of a list's mark at the start of b with the space after it, 0 for
// none.
func listMark(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch c := b[0]; {
	case c == '*', c == '-', c == '+':
		if hasPrefix(b[1:], " ") {
			return 2
		}
	case c >= 0x80:
		if hasPrefix(b, "• ") || hasPrefix(b, "– ") {
			return len("• ")
		}
	case isDigit(c):
		if _, n := digits(b, 3); n > 0 && len(b) > n+1 && (b[n] == '.' || b[n] == ')') && b[n+1] == ' ' {
			return n + 2
		}
	}
	return 0
}

// beginsWithStamp reports whether b begins with a priority, or with a timestamp.
func beginsWithStamp(b []byte) bool { return len(b) > 0 && beginsAnew(bytes.TrimLeft(b, " ")) }
