// SPDX-License-Identifier: Apache-2.0

package output

import (
	"strings"
	"testing"
)

// TestHugeCell: a name of a megabyte is cut in one pass.
func TestHugeCell(t *testing.T) {
	got := rendered(t, Table, Options{Width: 40}, row{"head-" + strings.Repeat("é", 1<<19) + "-end", 1, true})
	if !strings.Contains(got, "head-é") || !strings.Contains(got, "é-end") || len(got) > 200 {
		t.Error(len(got))
	}
}
