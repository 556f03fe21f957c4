// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestMarks: marks of lists and backticks go, names that look like them stay.
func TestMarks(t *testing.T) {
	const text = "Out of memory: Killed process 1 (`a`) total-vm:1kB"
	for _, in := range []string{
		"`[599691.745183] " + text + "`", "* `[599691.745183] " + text + "`", "- [599691.745183] " + text, "  12. [599691.745183] " + text,
		"• `Jun 10 09:15:24 n kernel: " + text + "`", "3) <3>[599691.745183] " + text, "`" + text + "`", "- `" + text + "`",
		`"` + text + `"`, `"[599691.745183] ` + text + `"`, "\u201c" + text + "\u201d", "\u201e" + text + "\u201c", "\u00abJun 10 09:15:24 n kernel: " + text + "\u00bb", "* \u201c" + text + "\u201d",
	} {
		if got := decodeAll(report.Auto, in); len(got) != 1 || string(got[0].Text) != text {
			t.Errorf("%q: %q", in, texts(got))
		}
	}
	for _, in := range []string{
		"- x invoked oom-killer: gfp_mask=0x0, order=0", "`x invoked oom-killer: gfp_mask=0x0, order=0", "* [9.000001] x invoked oom-killer: order=0",
		"`[9.000001] x cpuset=/ mems_allowed=0", "1. x cpuset=/a mems_allowed=0", "Out of memory: Killed process 1 (`x`)", "[ 12] 0 12 `x`", "--", "`", "- ", "1.5 x",
		"** 9 printk", `"x invoked oom-killer: gfp_mask=0x0, order=0`, `"x" cpuset=/ mems_allowed=0`, `"`, `""`, "\u201c", `"x" said "y`,
		"-- Boot 1 --",
	} {
		if got := decodeAll(report.Auto, in); len(got) != 1 || string(got[0].Text) != in {
			t.Errorf("%q is changed to %q", in, texts(got))
		}
	}
}
