// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseSysrq(t *testing.T) {
	for line, want := range map[string]Sysrq{
		"SysRq : Manual OOM execution":                          SysrqManual, // to 3.19
		"sysrq: SysRq : Manual OOM execution":                   SysrqManual, // 4.1 to 5.0
		"sysrq: Manual OOM execution":                           SysrqManual, // 5.2+
		"sysrq: OOM request ignored because killer is disabled": SysrqDisabled,
		"sysrq: OOM request ignored. No task eligible":          SysrqNoTask,
	} {
		if got, ok := ParseSysrq(line); !ok || got != want {
			t.Errorf("%q: got %v %v", line, got, ok)
		}
		if kind := Classify(line); kind != SysrqLine {
			t.Errorf("%q is %v", line, kind)
		}
	}
	for _, line := range []string{"", "Manual OOM execution", "sysrq: Show Memory", "sysrq: Trigger a crash", "sysrq: HELP : loglevel(0-9)"} {
		if got, ok := ParseSysrq(line); ok {
			t.Errorf("%q: got %v", line, got)
		}
	}
}
