// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestColour: a text that is coloured as a whole loses its colours, a name keeps its own.
func TestColour(t *testing.T) {
	const text = "Out of memory: Killed process 1 (a) total-vm:1kB"
	for _, in := range []string{
		"[63651.068572] \x1b[31m" + text + "\x1b[0m", "[63651.068572] \x1b[1m\x1b[31m" + text + "\x1b[m", "\x1b[32m[63651.068572] \x1b[0m\x1b[31m" + text + "\x1b[0m",
		"Jun 10 09:15:24 host kernel: \x1b[0;1;31m\x1b[0;1;39m\x1b[0;1;31m" + text + "\x1b[0m", "\x1b[31m" + text + "\x1b[0m",
		"<3>[63651.068572] \x1b[31m" + text + "\x1b[0m",
	} {
		if got := decodeAll(report.Auto, in); len(got) != 1 || string(got[0].Text) != text {
			t.Errorf("%q: %q", in, texts(got))
		}
	}
	for _, text := range []string{
		"\x1b[31mx invoked oom-killer: gfp_mask=0x0, order=0", "[  123]  0  123 1 1 1 0 \x1b[0m", "Killed process 1 (\x1b[31m\x1b[0m) total-vm:1kB", "Comm: \x1b[0m",
	} {
		if got := decodeAll(report.Auto, "[63651.068572] "+text); len(got) != 1 || string(got[0].Text) != text {
			t.Errorf("%q is changed to %q", text, texts(got))
		}
	}
}
