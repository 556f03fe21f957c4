// SPDX-License-Identifier: Apache-2.0

package workload

import "strings"

// maxName bounds a name that has no rule of its own, in bytes.
const maxName = 255

// maxImage bounds an image's name, in bytes.
const maxImage = 512

// isLabel reports whether s is a DNS-1123 label, the rule for namespaces and containers
// (k8s.io/apimachinery, pkg/util/validation).
func isLabel(s string) bool { return len(s) <= 63 && isSubdomain(s) && strings.IndexByte(s, '.') < 0 }

// isSubdomain reports whether s is a DNS-1123 subdomain, the rule for pods
// (k8s.io/apimachinery, pkg/util/validation).
func isSubdomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	edge := true // the next character begins a part
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			edge = false
		case c == '-' && !edge:
		case c == '.' && !edge && s[i-1] != '-':
			edge = true
		default:
			return false
		}
	}
	return !edge && s[len(s)-1] != '-'
}

// isName reports whether s is a name as Docker, Podman, LXC, compose and Nomad have them: letters,
// digits and a few signs, the first one no sign.
func isName(s string) bool { return len(s) <= maxName && isWord(s, "_.-") }

// isImage reports whether s can be the name of an image, with its tag or digest.
func isImage(s string) bool { return len(s) <= maxImage && isWord(s, "_.-/:@+") }

// isWord reports whether s is letters, digits and the given signs, and begins with no sign.
func isWord(s, signs string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && (i == 0 || strings.IndexByte(signs, c) < 0) {
			return false
		}
	}
	return s != ""
}

// only returns s where ok says that it is valid, else "".
func only(s string, ok func(string) bool) string {
	if ok(s) {
		return s
	}
	return ""
}

// isNumber reports whether s is 1 to 10 decimal digits.
func isNumber(s string) bool {
	if s == "" || len(s) > 10 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
