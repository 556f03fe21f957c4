// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestForgetLetsGo: of a line that may be a piece of a foreign record nothing is held after Forget,
// since its text may be a part of a large input.
func TestForgetLetsGo(t *testing.T) {
	a := New(Options{})
	for _, text := range []string{"systemd[1]: a foreign line", kill} {
		a.Line(&format.Line{
			Text: []byte(text), Format: report.Dmesg, Origin: report.OriginKernel, Level: -1, Uptime: 1e6, HasUptime: true,
		})
	}
	if e := a.Events(); len(e) != 1 || !e[0].Report.Doubtful || !e[0].Report.Unverified {
		t.Fatalf("events %+v", e)
	}
	if a.unproven.Text == nil {
		t.Fatal("the line was not judged")
	}
	if a.Forget(); a.unproven.Text != nil {
		t.Error("the line is held")
	}
}
