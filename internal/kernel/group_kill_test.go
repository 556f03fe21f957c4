// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseGroupKill(t *testing.T) {
	const words = " are going to be killed due to memory.oom.group set"
	for _, path := range []string{"/", "/kubepods/pod1", "/a b/x" + words, "(name too long)"} {
		if got, ok := ParseGroupKill("Tasks in " + path + words); !ok || got != path {
			t.Errorf("%q: got %q %v", path, got, ok)
		}
	}
	for _, line := range []string{"", "Tasks in ", "Tasks in /a", "Tasks in x" + words, "Tasks in /a" + words + " now", "All Tasks in /a" + words} {
		if got, ok := ParseGroupKill(line); ok {
			t.Errorf("%q: got %q", line, got)
		}
	}
}
