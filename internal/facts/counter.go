// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"github.com/oomtrail/oomtrail/internal/names"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Counter is a global counter of Mem-Info that somebody here asks for.
type Counter uint8

// The counters, in pages.
const (
	CounterFree Counter = iota
	CounterFreePCP
	CounterActiveAnon
	CounterInactiveAnon
	CounterIsolatedAnon
	CounterActiveFile
	CounterInactiveFile
	CounterIsolatedFile
	CounterUnevictable
	CounterDirty
	CounterWriteback
	CounterSlabReclaimable
	CounterSlabUnreclaimable
	CounterShmem
	CounterPageTables
	CounterSecPageTables
	NumCounters
)

// counterNames are the names by which kernels print them.
var counterNames = names.New([]string{
	CounterFree: "free", CounterFreePCP: "free_pcp", CounterActiveAnon: "active_anon",
	CounterInactiveAnon: "inactive_anon", CounterIsolatedAnon: "isolated_anon", CounterActiveFile: "active_file",
	CounterInactiveFile: "inactive_file", CounterIsolatedFile: "isolated_file", CounterUnevictable: "unevictable", CounterDirty: "dirty",
	CounterWriteback: "writeback", CounterSlabReclaimable: "slab_reclaimable", CounterSlabUnreclaimable: "slab_unreclaimable",
	CounterShmem: "shmem", CounterPageTables: "pagetables", CounterSecPageTables: "sec_pagetables",
}...)

// readCounters picks them out of the kernel's list in one pass; of a name that stands twice the
// first counts. What fell below zero is absent.
func (f *Facts) readCounters() {
	clear(f.Counters[:])
	counters := f.Report.MemInfo.Counters
	for i := range counters {
		if which := counterNames.Index(counters[i].Name); which >= 0 && !f.Counters[which].OK && counters[i].Value >= 0 {
			f.Counters[which] = report.Some(counters[i].Value)
		}
	}
}
