// SPDX-License-Identifier: Apache-2.0

package top

import "testing"

// TestShare: what was counted is never shown as nothing, nor a part as all.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{{1, 1, "100 %"}, {1, 3, "33 %"}, {2, 476, "<1 %"}, {474, 475, ">99 %"}, {199, 200, ">99 %"}, {1, 200, "<1 %"}, {0, 5, "0 %"}} {
		if got := share(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}
