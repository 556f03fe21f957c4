// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// TestCounters: a counter is found by its name, and the first of two counts.
func TestCounters(t *testing.T) {
	var f Facts
	f.Counters[CounterShmem] = kernel.Some(1) // of another report
	r := assembly.Report{MemInfo: assembly.MemInfo{Counters: []kernel.Pair{
		{Name: "active_anon", Value: 1}, {Name: "isolated_anon", Value: 2}, {Name: "inactive_anon", Value: 3}, {Name: "active_anon", Value: 4},
		{Name: "mapped", Value: 5}, {Name: "sec_pagetables", Value: 6}, {Name: "pagetables", Value: 7},
	}}}
	f.Read(&r, nil)
	var want [NumCounters]kernel.Int
	for c, v := range map[Counter]int64{
		CounterActiveAnon: 1, CounterIsolatedAnon: 2, CounterInactiveAnon: 3, CounterSecPageTables: 6, CounterPageTables: 7,
	} {
		want[c] = kernel.Some(v)
	}
	if f.Counters != want {
		t.Errorf("%v, want %v", f.Counters, want)
	}
}
