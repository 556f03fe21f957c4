// SPDX-License-Identifier: Apache-2.0

package ids

import (
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	const uuid = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
	id := strings.Repeat("4f2a9be0", 8)
	for _, c := range []struct {
		name      string
		is        func(string) bool
		yes, noes []string
	}{
		{"IsHex", IsHex, []string{"0", "af09"}, []string{"", "AF", "0x1", "g", "a ", "é"}},
		{"IsContainerID", IsContainerID, []string{id}, []string{"", id[1:], id + "0", strings.ToUpper(id)}},
		{"IsUUID", func(s string) bool { return IsUUID(s, '-') }, []string{uuid},
			[]string{"", uuid[1:], uuid + "0", strings.ReplaceAll(uuid, "-", "_"), strings.ToUpper(uuid), strings.Replace(uuid, "0", "-", 1)}},
		{"IsPodUID", IsPodUID, []string{uuid, id[:32]}, []string{"", id, id[:31], uuid[:35]}},
	} {
		for _, s := range c.yes {
			if !c.is(s) {
				t.Errorf("%s denies %q", c.name, s)
			}
		}
		for _, s := range c.noes {
			if c.is(s) {
				t.Errorf("%s takes %q", c.name, s)
			}
		}
	}
	if !IsUUID(strings.ReplaceAll(uuid, "-", "_"), '_') {
		t.Error("another separator is denied")
	}
}
