// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseTotal(t *testing.T) {
	for _, c := range []struct {
		line  string
		name  report.TotalName
		value int64
		kind  Kind
	}{
		{"2905 total pagecache pages", report.TotalPagecache, 2905, Pagecache},
		{"-3 total pagecache pages", report.TotalPagecache, -3, Pagecache},
		{"2905 pagecache pages", report.TotalPagecache, 2905, Pagecache},
		{"7 pages in swap cache", report.TotalSwapCache, 7, Swap},
		{"7 pages swap cached", report.TotalSwapCache, 7, Swap},
		{"Swap cache stats: add 1, delete 2, find 3/4", report.TotalSwapStats, 0, Swap},
		{"Swap cache: add 1, delete 2, find 3/4, race 5+6", report.TotalSwapStats, 0, Swap},
		{"Free swap  = 123kB", report.TotalSwapFree, 123, Swap},
		{"Free swap  = 0kB\r", report.TotalSwapFree, 0, Swap},
		{"Free swap:       1048kB", report.TotalSwapFree, 1048, Swap},
		{"Total swap = 1048572kB", report.TotalSwap, 1048572, Swap},
		{"482173 pages RAM", report.TotalRAM, 482173, Pages},
		{"482173 pages of RAM", report.TotalRAM, 482173, Pages},
		{"0 pages HighMem/MovableOnly", report.TotalHighMem, 0, Pages},
		{"229376 pages HighMem", report.TotalHighMem, 229376, Pages},
		{"229376 pages of HIGHMEM", report.TotalHighMem, 229376, Pages},
		{"16913 pages reserved", report.TotalReserved, 16913, Pages},
		{"5 reserved pages", report.TotalReserved, 5, Pages},
		{"5 pages shared", report.TotalShared, 5, Pages},
		{"6 pages non-shared", report.TotalNonShared, 6, Pages},
		{"0 pages cma reserved", report.TotalCMA, 0, Pages},
		{"9 pages in pagetable cache", report.TotalPagetableCache, 9, Pages},
		{"0 pages hwpoisoned", report.TotalHWPoisoned, 0, Pages},
		{"12 free pages", report.TotalFreePages, 12, Pages},
		{"13 slab pages", report.TotalSlabPages, 13, Pages},
		{"13 pages slab", report.TotalSlabPages, 13, Pages},
		{"14 pages dirty", report.TotalOther, 14, Pages},
		{"14 pages pagetables", report.TotalOther, 14, Pages},
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
