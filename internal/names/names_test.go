// SPDX-License-Identifier: Apache-2.0

package names

import (
	"strings"
	"testing"
)

func TestIndex(t *testing.T) {
	list := []string{"anon", "file", "", "slab_reclaimable", "rss", strings.Repeat("x", 500), "active_file", "inactive_file", "a"}
	table := New(list...)
	for i, name := range list {
		if got := table.Index(name); name != "" && got != i {
			t.Errorf("%q is %d, want %d", name, got, i)
		}
	}
	for _, name := range []string{"", "b", "axon", "anom", "bnon", "fil", "filee", "slab_reclaimablf", strings.Repeat("x", 501)} {
		if got := table.Index(name); got != -1 {
			t.Errorf("%q is %d", name, got)
		}
	}
	for c := range 256 {
		if name := string([]byte{byte(c)}); name != "a" && table.Index(name) != -1 {
			t.Errorf("%q is %d", name, table.Index(name))
		}
	}
}
