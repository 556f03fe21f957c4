// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"fmt"
	"strings"
	"testing"
)

// pairsOf renders the figures at the start of s as "name=value" with the unit's letter, and the
// tail behind them.
func pairsOf(s string) (pairs, tail string) {
	var b strings.Builder
	for {
		v, next, ok := NextPair(s)
		if !ok {
			return strings.TrimSpace(b.String()), s
		}
		fmt.Fprintf(&b, "%s=%d%c ", v.Name, v.Value, "pkb"[v.Unit])
		s = next
	}
}

func TestNextPair(t *testing.T) {
	// A number at the very end of a text may have lost digits unless its figure ends a line in some
	// kernel.
	for _, s := range []string{"unevictable:76", "free:1", "active_file:31", "mapped:12", "free_pcp:1",
		"x:12k", "all_unreclaimable? ye", "all_unreclaimable? n", "all_unreclaimable?", "all_unreclaimable", "x", "x:", "x: ", "", " ",
		"x:1kBy", "x:1y", "x:99999999999999999999kB", "x:-", "=1", "(a):1", ":1", "? no"} {
		if v, tail, ok := NextPair(s); ok || tail != s {
			t.Errorf("NextPair(%q) = %+v, %q, %v, want no and the tail untouched", s, v, tail, ok)
		}
	}
	for s, want := range map[string]string{
		"all_unreclaimable? no Balloon:0kB":       "all_unreclaimable=0b Balloon=0k",
		", unevictable:7 dirty:1":                 "unevictable=7p",
		"shmem_thp: 2048kB anon_thp: 0kB":         "shmem_thp=2048k anon_thp=0k",
		"reserved_highatomic:2048KB boost:0kB":    "reserved_highatomic=2048k boost=0k",
		"isolated(file):0kB present:15992kB":      "isolated(file)=0k present=15992k",
		"free:-4kB pages_scanned:7 free_cma:-1kB": "free=-4k pages_scanned=7p free_cma=-1k",
	} {
		if got, _ := pairsOf(s); got != want {
			t.Errorf("figures of %q: got %s, want %s", s, got, want)
		}
	}
}
