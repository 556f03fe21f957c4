// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestParseTotal(t *testing.T) {
	for _, c := range []struct {
		line  string
		name  TotalName
		value int64
		kind  Kind
	}{
		{"2905 total pagecache pages", TotalPagecache, 2905, Pagecache},
		{"-3 total pagecache pages", TotalPagecache, -3, Pagecache},
		{"2905 pagecache pages", TotalPagecache, 2905, Pagecache},
		{"7 pages in swap cache", TotalSwapCache, 7, Swap},
		{"7 pages swap cached", TotalSwapCache, 7, Swap},
		{"Swap cache stats: add 1, delete 2, find 3/4", TotalSwapStats, 0, Swap},
		{"Swap cache: add 1, delete 2, find 3/4, race 5+6", TotalSwapStats, 0, Swap},
		{"Free swap  = 123kB", TotalSwapFree, 123, Swap},
		{"Free swap  = 0kB\r", TotalSwapFree, 0, Swap},
		{"Free swap:       1048kB", TotalSwapFree, 1048, Swap},
		{"Total swap = 1048572kB", TotalSwap, 1048572, Swap},
		{"482173 pages RAM", TotalRAM, 482173, Pages},
		{"482173 pages of RAM", TotalRAM, 482173, Pages},
		{"0 pages HighMem/MovableOnly", TotalHighMem, 0, Pages},
		{"229376 pages HighMem", TotalHighMem, 229376, Pages},
		{"229376 pages of HIGHMEM", TotalHighMem, 229376, Pages},
		{"16913 pages reserved", TotalReserved, 16913, Pages},
		{"5 reserved pages", TotalReserved, 5, Pages},
		{"5 pages shared", TotalShared, 5, Pages},
		{"6 pages non-shared", TotalNonShared, 6, Pages},
		{"0 pages cma reserved", TotalCMA, 0, Pages},
		{"9 pages in pagetable cache", TotalPagetableCache, 9, Pages},
		{"0 pages hwpoisoned", TotalHWPoisoned, 0, Pages},
		{"12 free pages", TotalFreePages, 12, Pages},
		{"13 slab pages", TotalSlabPages, 13, Pages},
		{"13 pages slab", TotalSlabPages, 13, Pages},
		{"14 pages dirty", TotalOther, 14, Pages},
		{"14 pages pagetables", TotalOther, 14, Pages},
	} {
		figure, ok := ParseTotal(c.line)
		name, value := figure.Name, figure.Value
		if !ok || name != c.name || value != c.value || kindOfTotal(name) != c.kind {
			t.Errorf("ParseTotal(%q) = %v, %d, %v of kind %v, want %v, %d of kind %v", c.line, name, value, ok, kindOfTotal(name), c.name, c.value, c.kind)
		}
	}
	for _, line := range []string{"", "x", "12", "12 ", "12 pages", "12 pages RA", "12 pages RAMs", " 12 pages RAM", "12  pages RAM", "pages RAM", "Free swap  = 12",
		"Free swap  = 12k", "Free swap = 12kB", "Total swap = ", "Total swap = 99999999999999999999kB", "Swap cache", "99999999999999999999 pages RAM", "Free pages: 1kB"} {
		if v, ok := ParseTotal(line); ok {
			t.Errorf("ParseTotal(%q) = %v, want no", line, v)
		}
	}
}
