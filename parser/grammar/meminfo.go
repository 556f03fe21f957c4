package grammar

// Unit is the unit of a figure in the Mem-Info block.
type Unit uint8

// The units of Mem-Info figures.
const (
	UnitPages Unit = iota // a plain number: pages (or a count)
	UnitKB                // KiB
	UnitBool              // "all_unreclaimable? yes": 1 or 0
)

// Pair is one "name:value" of the Mem-Info block.
type Pair struct {
	// Name is the name as printed: "active_anon", "isolated(anon)", "all_unreclaimable".
	Name string
	// Value is the number as printed.
	Value int64
	// Unit is the unit as printed.
	Unit Unit
}

// NextPair cuts the first "name:value[kB]", "name: valuekB", "name? yes" from s; leading blanks and commas are
// skipped. ok is false when s does not start with one.
func NextPair(s string) (v Pair, tail string, ok bool) { return }

// NodeOrZone is the head of a per-node or per-zone line; figures follow in rest: see [NextPair].
type NodeOrZone struct {
	// Node is the node's number, absent without CONFIG_NUMA.
	Node Int
	// Zone is the zone's name, "" for a per-node line (4.8+).
	Zone string
}

// ParseNodeOrZone reads the head of "Node 0 active_anon:…" and "Node 0 DMA free:…"
// (sections 4.4 and 4.5; 2.6.9 to 7.3).
func ParseNodeOrZone(s string) (v NodeOrZone, rest string, ok bool) { return }

// IsMemInfoHead reports whether s is "Mem-Info:" or "Mem-info:".
func IsMemInfoHead(s string) bool { return s == "Mem-Info:" || s == "Mem-info:" }

// IsCounters reports whether s is one line of the global counters of section 4.3, in any
// kernel's form; its figures are read with [NextPair].
func IsCounters(s string) bool { return false }

// IsPageset reports whether s is a per-cpu pageset line of section 4.2 (to 4.0).
func IsPageset(s string) bool { return false }

// ParseLowmemReserve reads "lowmem_reserve[]: 0 1 2" and "protections[]: 0 1 2", appending the numbers
// (pages) to dst.
func ParseLowmemReserve(s string, dst []int64) (values []int64, ok bool) { return dst, false }

// BuddyItem is one "3*64kB (UME)" of a buddy list.
type BuddyItem struct {
	// Count is the number of free blocks.
	Count int64
	// SizeKB is the size of one block in KiB. That of the first item is the page size.
	SizeKB int64
	// Types is the migrate types as printed, "UME" (3.8+), or "".
	Types string
}

// ParseBuddy reads a buddy list of section 4.6, appending its items to dst. totalKB is absent on a cut line.
func ParseBuddy(s string, dst []BuddyItem) (head NodeOrZone, items []BuddyItem, totalKB Int, ok bool) {
	return head, dst, totalKB, false
}

// Hugepages is one line of the hugetlb section 4.7 (3.10+).
type Hugepages struct {
	// Node is the node's number.
	Node int64
	// Total, Free and Surplus are numbers of huge pages.
	Total, Free, Surplus int64
	// SizeKB is the size of one in KiB.
	SizeKB int64
}

// ParseHugepages reads "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB".
func ParseHugepages(s string) (v Hugepages, ok bool) { return }

// TotalName says which figure of the tail of Mem-Info (section 4.8) a line holds.
type TotalName uint8

// The figures of the tail of Mem-Info.
const (
	TotalPagecache      TotalName = iota // pages
	TotalSwapCache                       // pages in swap cache
	TotalSwapStats                       // "Swap cache stats: …": no figure kept but the line known
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
	TotalOther                           // a known old line whose figure is not kept
	NumTotals
)

// ParseTotal reads one line of the tail of Mem-Info in any kernel's form.
func ParseTotal(s string) (name TotalName, value int64, ok bool) { return }

// Kind returns Pagecache, Swap or Pages: the kind of the line that holds the figure.
func (t TotalName) Kind() Kind {
	switch t {
	case TotalPagecache:
		return Pagecache
	case TotalSwapCache, TotalSwapStats, TotalSwapFree, TotalSwap:
		return Swap
	}
	return Pages
}

// Allocation is one row of memory allocation profiling (6.10+, section 4.8b).
type Allocation struct {
	// Bytes is exact on 6.10 and 6.11; from 6.12 on it is read back from a rounded figure such as "16.0 MiB".
	Bytes int64
	// Calls is the number of allocations.
	Calls int64
	// Site is "file:line"; Module is the kernel module or ""; Func is the allocating function.
	Site, Module, Func string
}

// IsAllocationsHead reports whether s is "Memory allocations:" or its 6.18 form.
func IsAllocationsHead(s string) bool { return false }

// ParseAllocation reads one row. Only meaningful after the head.
func ParseAllocation(s string) (v Allocation, ok bool) { return }

// SlabCache is one row of the unreclaimable slab table (4.15+, section 4.9).
type SlabCache struct {
	// Name is the cache's name.
	Name string
	// UsedKB and TotalKB are in KiB.
	UsedKB, TotalKB int64
}

// IsSlabHead reports whether s is "Unreclaimable slab info:", the line of column names under it, or
// "excessive unreclaimable slab but cannot dump stats".
func IsSlabHead(s string) bool { return false }

// ParseSlabCache reads one row. Only meaningful after the head.
func ParseSlabCache(s string) (v SlabCache, ok bool) { return }
