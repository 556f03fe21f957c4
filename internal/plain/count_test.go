// SPDX-License-Identifier: Apache-2.0

package plain

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 kills", 1: "1 kill", 2: "2 kills", 999: "999 kills", 1000: "1,000 kills", 12345: "12,345 kills", 1234567: "1,234,567 kills"} {
		if got := Count(n, "kill"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
		if got := Count(int64(n), "kill"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
