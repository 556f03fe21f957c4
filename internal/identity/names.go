// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// cut takes the first component off a path; empty components are skipped.
func cut(path string) (name, rest string) {
	for path != "" && path[0] == '/' {
		path = path[1:]
	}
	if i := strings.IndexByte(path, '/'); i >= 0 {
		name, rest = path[:i], path[i+1:]
	} else {
		name = path
	}
	for rest != "" && rest[0] == '/' {
		rest = rest[1:]
	}
	return name, rest
}

// isNumber reports whether s is decimal digits, as a uid or a job number is.
func isNumber(s string) bool {
	if s == "" || len(s) > 20 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// between returns what stands between prefix and suffix; ok is false when s is not of that form or
// nothing does.
func between(s, prefix, suffix string) (middle string, ok bool) {
	if len(s) <= len(prefix)+len(suffix) || !strings.HasPrefix(s, prefix) || !strings.HasSuffix(s, suffix) {
		return "", false
	}
	return s[len(prefix) : len(s)-len(suffix)], true
}

// unescape undoes systemd's escapes in a part of a unit name: "\x2d" stands for "-".
// What is no escape stays.
func unescape(s string) string {
	i := strings.Index(s, `\x`)
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for ; i >= 0; i = strings.Index(s, `\x`) {
		b = append(b, s[:i]...)
		if i+4 > len(s) || !ids.IsHexOf(s[i+2:i+4], 2) {
			b, s = append(b, s[i:i+2]...), s[i+2:]
			continue
		}
		b, s = append(b, digit(s[i+2])<<4|digit(s[i+3])), s[i+4:]
	}
	return string(append(b, s...))
}

func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
