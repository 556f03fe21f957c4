// SPDX-License-Identifier: Apache-2.0

// Package ids knows the forms of the ids that container runtimes and Kubernetes give.
package ids

// IsHex reports whether s is lower-case hexadecimal digits, one or more.
func IsHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// IsHexOf reports whether s is n lower-case hexadecimal digits.
func IsHexOf(s string, n int) bool { return len(s) == n && IsHex(s) }

// IsContainerID reports whether s is the id of a container: 64 hexadecimal digits.
func IsContainerID(s string) bool { return IsHexOf(s, 64) }

// IsUUID reports whether s is 8-4-4-4-12 hexadecimal digits with sep between them.
func IsUUID(s string, sep byte) bool {
	return len(s) == 36 && s[8] == sep && s[13] == sep && s[18] == sep && s[23] == sep &&
		IsHex(s[:8]) && IsHex(s[9:13]) && IsHex(s[14:18]) && IsHex(s[19:23]) && IsHex(s[24:])
}

// IsPodUID reports whether s is the uid of a pod: a UUID, or the hash of a static pod, 32
// hexadecimal digits.
func IsPodUID(s string) bool { return IsUUID(s, '-') || IsHexOf(s, 32) }
