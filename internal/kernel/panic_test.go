// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParsePanic(t *testing.T) {
	for _, reason := range []string{
		"Out of memory and no killable processes...", "System is deadlocked on memory", "Out of memory: compulsory panic_on_oom is enabled",
		"Out of memory: system-wide panic_on_oom is enabled", "out of memory. panic_on_oom is selected", "out of memory. Compulsory panic_on_oom is selected.",
		"out of memory from page fault. panic_on_oom is selected.", "out of memory(memcg). panic_on_oom is selected.",
	} {
		line := "Kernel panic - not syncing: " + reason
		if got, ok := ParsePanic(line); !ok || got != reason {
			t.Errorf("%q: got %q %v", line, got, ok)
		}
		for _, end := range []string{"---[ end " + line, "---[ end " + line + " ]---"} { // 3.16, 4.18
			if _, ok := ParsePanic(end); ok || !IsPanicEnd(end) {
				t.Errorf("%q is a panic, not its end", end)
			}
		}
		for _, line := range []string{line, line + "\r", "---[ end " + line + " ]---"} {
			if kind := Classify(line); kind != PanicLine {
				t.Errorf("%q is %v", line, kind)
			}
		}
	}
	for _, line := range []string{"", "Kernel panic - not syncing: Fatal exception", "Kernel panic - not syncing: ", "Out of memory: compulsory panic_on_oom is enabled",
		"---[ end Kernel panic - not syncing: Fatal exception ]---"} {
		if v, ok := ParsePanic(line); ok {
			t.Errorf("%q: got %q", line, v)
		}
		if kind := Classify(line); kind != Other {
			t.Errorf("%q is %v", line, kind)
		}
	}
	if !IsNoVictim("Out of memory and no killable processes...") || IsNoVictim("Out of memory and no killable processes") {
		t.Error("no victim")
	}
}
