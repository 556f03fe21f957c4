// SPDX-License-Identifier: Apache-2.0

package setting

import (
	"strings"
	"testing"
)

// TestErrors: an error names the key, the value and what would be right.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{OneOf("emit", "oom", "oom", "all"), ""},
		{OneOf("start_at", "", "", "beginning", "end"), ""},
		{OneOf("start_at", "middle", "", "beginning", "end"), `start_at: "middle": use beginning, end`},
		{Location("location", ""), ""},
		{Location("location", "Europe/Berlin"), ""},
		{Location("location", "Mars/Olympus"), `location: "Mars/Olympus": unknown time zone Mars/Olympus; use a name such as Europe/Berlin or UTC`},
		{TrustedSource("trusted_source", "kmsg"), ""},
		{TrustedSource("trusted_source", ""), ""},
		{TrustedSource("trusted_source", "kern.log"), `trusted_source: unknown trusted source "kern.log": use kmsg, journald or syslog, or leave it out`},
		{HostName("host_name", strings.Repeat("n", 253)), ""},
		{HostName("host_name", strings.Repeat("n", 254)), `host_name: "` + strings.Repeat("n", 40) + `"…: has 254 bytes: use a name of 253 at most`},
		{TasksTop("tasks_top", 0), ""},
		{TasksTop("tasks_top", 50), ""},
		{TasksTop("tasks_top", 51), "tasks_top: 51: use 0 (none) to 50"},
	} {
		got := ""
		if test.err != nil {
			got = test.err.Error()
		}
		if got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestSwitch(t *testing.T) {
	for value, want := range map[string][2]bool{"On": {true, true}, "1": {true, true}, "FALSE": {false, true}, "no": {false, true}, "": {false, false}, "x": {false, false}} {
		if on, ok := Switch(value); on != want[0] || ok != want[1] {
			t.Errorf("%q: %t, %t", value, on, ok)
		}
	}
}
