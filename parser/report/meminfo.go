// SPDX-License-Identifier: Apache-2.0

package report

import "github.com/oomtrail/oomtrail/internal/enum"

// MemInfo is the Mem-Info block of a report.
type MemInfo struct {
	// Counters are the global counters, in pages.
	Counters []Pair
	// Nodes are the per-node lines (4.8+), Zones the per-zone lines.
	Nodes []Node
	Zones []Zone
	// Hugepages are the hugetlb lines (3.10+).
	Hugepages []Hugepages
	// Totals are the values after the free lists, by name.
	Totals [NumTotals]Int
}

// Counter returns a global counter in pages. ok is false where it was not printed, or fell below
// zero.
func (m *MemInfo) Counter(name string) (pages int64, ok bool) { return find(m.Counters, name) }

// Pair is one "name:value" of the Mem-Info block.
type Pair struct {
	// Name is the name as printed: "active_anon", "isolated(anon)", "all_unreclaimable". Only
	// "Active" and "Active_anon" of kernels to 2.6.31 are in lower case, as later kernels print
	// them.
	Name string
	// Value is the number as printed, negative where it fell below zero.
	Value int64
	// Unit is the unit as printed.
	Unit Unit
}

// Unit is the unit of a value in the Mem-Info block.
type Unit uint8

// The units.
const (
	UnitPages Unit = iota // a plain number: pages, or a count
	UnitKB                // KiB
	UnitBool              // "all_unreclaimable? yes": 1 or 0
)

var unitNames = enum.New[Unit]("unit", "pages", "kB", "bool")

// String returns pages, kB or bool.
func (u Unit) String() string { return unitNames.String(u) }

// Node is one per-node line.
type Node struct {
	// ID is the node's number.
	ID int64
	// Pairs are its values.
	Pairs []Pair
}

// Value returns a value of the node in its printed unit. ok is false where it was not printed, or
// fell below zero.
func (n *Node) Value(name string) (v int64, ok bool) { return find(n.Pairs, name) }

// Zone is one per-zone line, with its reserve and its free list.
type Zone struct {
	// Node is the zone's node, absent without CONFIG_NUMA.
	Node Int
	// Name is DMA, DMA32, Normal, HighMem, Movable or Device.
	Name string
	// Pairs are its values; sizes are in KiB.
	Pairs []Pair
	// LowmemReserve is the pages kept from allocations that may use a higher zone, by zone.
	LowmemReserve []int64
	// Buddy is the free list by order. BuddyTotalKB is its sum in KiB.
	Buddy        []BuddyItem
	BuddyTotalKB Int
}

// Value returns a value of the zone in its printed unit. ok is false where it was not printed, or
// fell below zero.
func (z *Zone) Value(name string) (v int64, ok bool) { return find(z.Pairs, name) }

// find returns the value of the pair with that name, unless it fell below zero.
func find(pairs []Pair, name string) (int64, bool) {
	for i := range pairs {
		if pairs[i].Name == name {
			return pairs[i].Value, pairs[i].Value >= 0
		}
	}
	return 0, false
}

// BuddyItem is one "3*64kB (UME)" of a free list.
type BuddyItem struct {
	// Count is the number of free blocks, negative where it fell below zero.
	Count int64
	// SizeKB is the size of one block in KiB. That of the first item is the page size.
	SizeKB int64
	// Types are the migrate types as printed, "UME" (3.8+), or "".
	Types string
}

// Hugepages is one line about huge pages (3.10+).
type Hugepages struct {
	// Node is the node's number.
	Node int64
	// Total, Free and Surplus are numbers of huge pages, negative where one fell below zero.
	Total, Free, Surplus int64
	// SizeKB is the size of one huge page in KiB.
	SizeKB int64
}

// TotalName names a value after the free lists of Mem-Info.
type TotalName uint8

// The values after the free lists.
const (
	TotalPagecache      TotalName = iota // pages
	TotalSwapCache                       // pages in swap cache
	TotalSwapStats                       // "Swap cache stats: …": no value is kept
	TotalSwapFree                        // KiB
	TotalSwap                            // KiB
	TotalRAM                             // pages
	TotalHighMem                         // pages
	TotalReserved                        // pages
	TotalShared                          // pages
	TotalNonShared                       // pages
	TotalCMA                             // pages
	TotalPagetableCache                  // pages
	TotalHWPoisoned                      // pages
	TotalFreePages                       // pages (old ARM, i386)
	TotalSlabPages                       // pages (old ARM, i386)
	TotalOther                           // another old line: no value is kept
	NumTotals
)

var totalNames = enum.New[TotalName]("total", "pagecache_pages", "swap_cache_pages", "swap_cache_stats", "free_swap_kb",
	"total_swap_kb", "ram_pages", "highmem_pages", "reserved_pages", "shared_pages", "non_shared_pages", "cma_pages",
	"pagetable_cache_pages", "hwpoisoned_pages", "free_pages", "slab_pages", "other")

// String returns a name that ends in the unit: ram_pages, total_swap_kb.
func (t TotalName) String() string { return totalNames.String(t) }

// Allocation is one row of the memory allocation profile (6.10+).
type Allocation struct {
	// Bytes is exact on 6.10 and 6.11. Later kernels print a rounded size, "16.0 MiB".
	Bytes int64
	// Calls is the number of allocations.
	Calls int64
	// Site is "file:line", Module the kernel module or "", Func the allocating function.
	Site, Module, Func string
}

// SlabCache is one row of the table of unreclaimable slab caches (4.15+).
type SlabCache struct {
	// Name is the cache's name.
	Name string
	// UsedKB and TotalKB are in KiB, negative where one fell below zero.
	UsedKB, TotalKB int64
}
