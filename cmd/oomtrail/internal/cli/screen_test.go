// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
)

// TestCutToScreen: the first lines of a page stay in sight, also where lines are wrapped, and what
// is missing is said.
func TestCutToScreen(t *testing.T) {
	page := strings.Repeat("line\n", 10)
	for _, c := range []struct {
		page          string
		width, height int
		kept          int // lines of the page, -1 for all
	}{
		{page, 80, 0, -1}, {page, 0, 5, -1}, {page, 80, 11, -1}, {page, 80, 10, 8}, {page, 80, 3, 1}, {page, 80, 2, 0}, {page, 80, 1, 0},
		{"", 80, 24, -1}, {"\n\n\n", 80, 4, -1}, {"\n\n\n", 80, 3, 1},
		{page, 2, 21, -1}, {page, 2, 20, 9}, {page, 2, 10, 4},
		{"\x1b[1mbold\x1b[0m\n", 4, 2, -1}, {"ääää\n", 4, 2, -1},
	} {
		got := string(cutToScreen([]byte(c.page), c.width, c.height))
		lines := strings.SplitAfter(c.page, "\n")
		want := c.page
		if c.kept >= 0 {
			want = strings.Join(lines[:c.kept], "")
		}
		rest, cut := strings.CutPrefix(got, want)
		if !cut || (c.kept < 0) != (rest == "") || c.kept >= 0 && !strings.Contains(rest, "more lines: a taller terminal shows them\n") {
			t.Errorf("%d x %d of %q: %q", c.width, c.height, c.page, got)
		}
	}
}
