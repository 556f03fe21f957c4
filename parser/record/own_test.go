// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"
)

func TestCanBeRecord(t *testing.T) {
	const uid = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		name, event, uid, version string
		want                      bool
	}{
		{"a kill", "oom.kill", uid, Version, true},
		{"the last event of the list", eventNames[len(eventNames)-1], uid, Version, true},
		{"an event that is not in the list", "oom.party", uid, Version, false},
		{"another event", "browser.click", uid, Version, false},
		{"no event", "", uid, Version, false},
		{"no id", "oom.kill", "", Version, false},
		{"a short id", "oom.kill", uid[1:], Version, false},
		{"a long id", "oom.kill", uid + "0", Version, false},
		{"an id in capitals", "oom.kill", strings.ToUpper(uid), Version, false},
		{"an id with a blank", "oom.kill", uid[1:] + " ", Version, false},
		{"no version", "oom.kill", uid, "", false},
		{"a version of later", "oom.kill", uid, "1000", false},
	} {
		if got := CanBeRecord(c.event, c.uid, c.version); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
