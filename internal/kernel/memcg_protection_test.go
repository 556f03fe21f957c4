// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseProtection(t *testing.T) {
	got, ok := ParseProtection("Memory cgroup min protection 1024kB -- low protection 0kB")
	if want := (report.Protection{MinKB: 1024}); !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	for _, line := range []string{"Memory cgroup min protection 1024kB -- low protection 0k", "Memory cgroup min protection 1024",
		"Memory cgroup min protection kB -- low protection 0kB", ""} {
		if got, ok := ParseProtection(line); ok {
			t.Errorf("ParseProtection(%q) = %+v, want no", line, got)
		}
	}
}
