// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strconv"
	"strings"
	"testing"
)

// TestTakeUint: a number is read to its last digit, whatever stands behind it and however long it
// is.
func TestTakeUint(t *testing.T) {
	for digits := range 23 {
		for _, tail := range []string{"", " ", "kB", ", limit 18014398509481983kB", "\x00\xff", ":/", "a23456789"} {
			number := strings.Repeat("9", digits)
			if digits == 19 {
				number = "9223372036854775807"
			}
			want, err := strconv.ParseInt(number, 10, 64)
			n, rest, ok := takeUint(number + tail)
			switch {
			case err != nil && (ok || rest != number+tail):
				t.Errorf("%q: %d, rest %q", number+tail, n, rest)
			case err == nil && (!ok || n != want || rest != tail):
				t.Errorf("%q: %d, rest %q, %v, want %d", number+tail, n, rest, ok, want)
			}
		}
	}
}
