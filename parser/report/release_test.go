// SPDX-License-Identifier: Apache-2.0

package report

import "testing"

func TestParseRelease(t *testing.T) {
	for s, want := range map[string]Release{
		"6.12.107+deb13-cloud-amd64": {Major: 6, Minor: 12, Patch: 107}, "2.6.32-431.el6.x86_64": {Major: 2, Minor: 6, Patch: 32}, "4.20.0+": {Major: 4, Minor: 20, Patch: 0}, "7.3-rc7": {Major: 7, Minor: 3, Patch: 0}, "3.10.0-1160.el7": {Major: 3, Minor: 10, Patch: 0},
	} {
		if got, ok := ParseRelease(s); !ok || got != want {
			t.Errorf("%q: %v %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "x", "6", "-1.2", "linux-6.1"} {
		if got, ok := ParseRelease(s); ok {
			t.Errorf("%q: %v", s, got)
		}
	}
}
