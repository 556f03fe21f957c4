// SPDX-License-Identifier: Apache-2.0

package plain

import "strconv"

// Thousands writes a number with commas.
func Thousands[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count writes a number with commas, and what it counts: "1 kill", "1,234 kills".
func Count[N int | int64](n N, what string) string {
	if n != 1 {
		what += "s"
	}
	return Thousands(n) + " " + what
}
