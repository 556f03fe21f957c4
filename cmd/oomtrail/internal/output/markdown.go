// SPDX-License-Identifier: Apache-2.0

package output

import "strings"

// EscapeMarkdown writes a text so that Markdown shows it as it is: no emphasis, code, link or HTML
// comes of it. A vertical bar stays, which only a table has to escape.
func EscapeMarkdown(s string) string {
	if !strings.ContainsAny(s, "\\`*_[]<>&~#@$!") && !strings.Contains(s, "://") && !strings.Contains(s, "www.") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '_': // inside a word it is no emphasis, and names stay readable
			if i == 0 || i == len(s)-1 || !isWord(s[i-1]) || !isWord(s[i+1]) {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case '@', '#': // a mention or the number of an issue, where one begins
			if i+1 < len(s) && isWord(s[i+1]) && (i == 0 || !isWord(s[i-1])) {
				b.WriteString(map[byte]string{'@': "&#64;", '#': "&#35;"}[c])
				continue
			}
			b.WriteByte(c)
		case '\\':
			if i+1 == len(s) || !isWord(s[i+1]) { // else it escapes nothing
				b.WriteByte(c)
			}
			b.WriteByte(c)
		case ':', '.': // of an address, which becomes a link
			if c == ':' && strings.HasPrefix(s[i:], "://") || c == '.' && strings.HasSuffix(s[:i], "www") {
				b.WriteString(map[byte]string{':': "&#58;", '.': "&#46;"}[c])
				continue
			}
			b.WriteByte(c)
		case '`', '*', '[', ']', '~', '$', '!':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isWord reports whether a byte is a letter or a digit, or part of a character beyond ASCII.
func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
