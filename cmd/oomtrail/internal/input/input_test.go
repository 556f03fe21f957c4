// SPDX-License-Identifier: Apache-2.0

package input

import (
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// TestBooted: the log of the running kernel is dated by its clock.
func TestBooted(t *testing.T) {
	at := booted()
	if at.IsZero() {
		t.Skip("not Linux")
	}
	if up := time.Since(at); up < 0 || booted().Sub(at).Abs() > time.Minute {
		t.Errorf("booted at %v", at)
	}
	in := Input{Dating: format.Dating{Boot: at}, set: new(Set)}
	in.remember(nil)
	if in.Apply(parser.Options{}).Boot != at {
		t.Error("the boot does not reach the parser")
	}
}

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
