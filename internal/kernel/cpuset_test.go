// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseCpuset(t *testing.T) {
	for _, c := range []struct {
		line, comm string
		want       report.Cpuset
	}{
		{"java cpuset=/ mems_allowed=0", "", report.Cpuset{Comm: "java", Cpuset: "/", MemsAllowed: "0"}},
		{"java cpuset=docker-4304b5.scope mems_allowed=0-1", "", report.Cpuset{Comm: "java", Cpuset: "docker-4304b5.scope", MemsAllowed: "0-1"}},
		{"CPU 0/KVM cpuset=emulator mems_allowed=0,2-3", "", report.Cpuset{Comm: "CPU 0/KVM", Cpuset: "emulator", MemsAllowed: "0,2-3"}},
		{"x cpuset=a mems_allowed=1 mems_allowed=0", "", report.Cpuset{Comm: "x", Cpuset: "a mems_allowed=1", MemsAllowed: "0"}},
		{" cpuset=x cpuset=/ mems_allowed=0", "", report.Cpuset{Comm: " cpuset=x", Cpuset: "/", MemsAllowed: "0"}},
		{"a cpuset=b cpuset=c mems_allowed=0", "a cpuset=b", report.Cpuset{Comm: "a cpuset=b", Cpuset: "c", MemsAllowed: "0"}},
		{"a cpuset=b cpuset=c mems_allowed=0", "a", report.Cpuset{Comm: "a", Cpuset: "b cpuset=c", MemsAllowed: "0"}},
		{"a cpuset=b cpuset=c mems_allowed=0", "", report.Cpuset{Comm: "", Cpuset: "", MemsAllowed: "0"}},
		{" cpuset=/ mems_allowed=", "", report.Cpuset{Comm: "", Cpuset: "/", MemsAllowed: ""}},
	} {
		if got, ok := ParseCpuset(c.line, c.comm); !ok || got != c.want {
			t.Errorf("%q: got %+v %v, want %+v", c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "java cpuset=/", "cpuset=/ mems_allowed=0", "java cpuset=/ mems_allowed=0 and so on",
		"the tool of the admin cpuset=/ mems_allowed=0"} {
		if v, ok := ParseCpuset(line, ""); ok {
			t.Errorf("%q: got %+v", line, v)
		}
	}
}
