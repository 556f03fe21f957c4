// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestCounters: a counter is found by its name, and the first of two counts.
func TestCounters(t *testing.T) {
	var f Facts
	f.Counters[CounterShmem] = report.Some(1) // of another report
	r := report.Report{MemInfo: report.MemInfo{Counters: []report.Pair{
		{Name: "active_anon", Value: 1}, {Name: "isolated_anon", Value: 2}, {Name: "inactive_anon", Value: 3}, {Name: "active_anon", Value: 4},
		{Name: "mapped", Value: 5}, {Name: "sec_pagetables", Value: 6}, {Name: "pagetables", Value: 7},
	}}}
	f.Read(&r, nil)
	var want [NumCounters]report.Int
	for c, v := range map[Counter]int64{
		CounterActiveAnon: 1, CounterIsolatedAnon: 2, CounterInactiveAnon: 3, CounterSecPageTables: 6, CounterPageTables: 7,
	} {
		want[c] = report.Some(v)
	}
	if f.Counters != want {
		t.Errorf("%v, want %v", f.Counters, want)
	}
}
