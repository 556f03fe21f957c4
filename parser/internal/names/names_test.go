package names

import (
	"strings"
	"testing"
)

func TestIndex(t *testing.T) {
	list := []string{"anon", "file", "", "slab_reclaimable", "rss", strings.Repeat("x", longest)}
	table := New(list...)
	for i, name := range list {
		if got := table.Index(name); name != "" && got != i {
			t.Errorf("%q is %d, want %d", name, got, i)
		}
	}
	for _, name := range []string{"", "a", "anom", "bnon", "fil", "filee", "slab_reclaimablf", strings.Repeat("x", longest+1)} {
		if got := table.Index(name); got != -1 {
			t.Errorf("%q is %d", name, got)
		}
	}
}
