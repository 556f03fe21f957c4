// SPDX-License-Identifier: Apache-2.0

package years

import (
	"strings"
	"testing"
)

// TestMonthsThatChangeTooOften: memory for the months of a file is bounded.
func TestMonthsThatChangeTooOften(t *testing.T) {
	text := strings.Repeat("Feb  1 00:00:00 n kernel: a\nJan  1 00:00:00 n kernel: a\n", maxRuns)
	if runs := monthRuns(strings.NewReader(text)); runs != nil {
		t.Errorf("%d runs", len(runs))
	}
	if runs := monthRuns(strings.NewReader(strings.Repeat("no stamp\n", 1000) + text)); runs != nil {
		t.Errorf("a file without stamps is read on: %d runs", len(runs))
	}
}
