// SPDX-License-Identifier: Apache-2.0

package kernel

// String returns the column's name as the kernel prints it.
func (c Column) String() string {
	if columnNames[c] == "" {
		return "unknown"
	}
	return columnNames[c]
}

// String returns memory, memsw, kmem or swap.
func (c MemcgCounterName) String() string { return [...]string{"memory", "memsw", "kmem", "swap"}[c] }

// String returns the words that the kernel prints.
func (m Message) String() string {
	return [...]string{"", "Out of memory", "Memory cgroup out of memory", "Out of memory (oom_kill_allocating_task)",
		"No available memory (MPOL_BIND)", "No available memory in cpuset"}[m]
}

var totalNames = [NumTotals]string{
	TotalPagecache: "pagecache_pages", TotalSwapCache: "swap_cache_pages", TotalSwapStats: "swap_cache_stats", TotalSwapFree: "free_swap_kb",
	TotalSwap: "total_swap_kb", TotalRAM: "ram_pages", TotalHighMem: "highmem_pages", TotalReserved: "reserved_pages",
	TotalShared: "shared_pages", TotalNonShared: "non_shared_pages", TotalCMA: "cma_pages", TotalPagetableCache: "pagetable_cache_pages",
	TotalHWPoisoned: "hwpoisoned_pages", TotalFreePages: "free_pages", TotalSlabPages: "slab_pages", TotalOther: "other",
}

// String returns a name for the figure that tells its unit.
func (t TotalName) String() string { return totalNames[t] }

var unitNames = [...]string{UnitPages: "pages", UnitKB: "kB", UnitBool: "bool"}

// String returns pages, kB or bool.
func (u Unit) String() string { return unitNames[u] }
