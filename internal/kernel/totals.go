// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// totalForm is the form of three kinds, by the total.
var totalForm = form{
	starts: append(numberStarts, "Swap cache", "Total swap = ", "Free swap"),
	read: func(r *Reading, s string) (ok bool) {
		r.Total, ok = ParseTotal(s)
		r.Kind = kindOfTotal(r.Total.Name)
		return ok
	},
}

// numberStarts are the bytes with which a number may start.
var numberStarts = []string{"-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// Total is a value of the tail of Mem-Info, in the unit of its name.
type Total struct {
	Name  TotalName
	Value int64
}

// ParseTotal reads one line of the tail of Mem-Info in any kernel's form.
func ParseTotal(s string) (v Total, ok bool) {
	if s = trimEnd(s); s == "" {
		return Total{}, false
	}
	switch s[0] {
	case 'F', 'S', 'T':
		return parseSwapTotal(s)
	}
	value, words, ok := takeInt(s)
	if !ok {
		return Total{}, false
	}
	name, ok := totalName(words)
	if !ok {
		return Total{}, false
	}
	return Total{name, value}, true
}

// parseSwapTotal reads the lines about swap, which begin with their words.
func parseSwapTotal(s string) (v Total, ok bool) {
	if strings.HasPrefix(s, "Swap cache stats: add ") || strings.HasPrefix(s, "Swap cache: add ") {
		return Total{Name: TotalSwapStats}, true
	}
	size, ok := strings.CutPrefix(s, "Total swap = ")
	name := TotalSwap
	if !ok {
		name = TotalSwapFree
		if size, ok = strings.CutPrefix(s, "Free swap  = "); !ok {
			if size, ok = strings.CutPrefix(s, "Free swap:"); !ok {
				return Total{}, false
			}
		}
	}
	value, tail, ok := takeKB(skipSpaces(size))
	if !ok || tail != "" {
		return Total{}, false
	}
	return Total{name, value}, true
}

// totalName returns the name of a value by the words that follow it.
func totalName(words string) (TotalName, bool) {
	switch words {
	case " total pagecache pages", " pagecache pages":
		return TotalPagecache, true
	case " pages in swap cache", " pages swap cached":
		return TotalSwapCache, true
	case " pages RAM", " pages of RAM":
		return TotalRAM, true
	case " pages HighMem/MovableOnly", " pages HighMem", " pages of HIGHMEM":
		return TotalHighMem, true
	case " pages reserved", " reserved pages":
		return TotalReserved, true
	case " pages shared":
		return TotalShared, true
	case " pages non-shared":
		return TotalNonShared, true
	case " pages cma reserved":
		return TotalCMA, true
	case " pages in pagetable cache":
		return TotalPagetableCache, true
	case " pages hwpoisoned":
		return TotalHWPoisoned, true
	case " free pages":
		return TotalFreePages, true
	case " slab pages", " pages slab":
		return TotalSlabPages, true
	case " pages dirty", " pages writeback", " pages mapped", " pages pagetables":
		return TotalOther, true
	}
	return 0, false
}

// kindOfTotal returns Pagecache, Swap or Pages: the kind of the line that holds the value.
func kindOfTotal(t TotalName) Kind {
	switch t {
	case TotalPagecache:
		return Pagecache
	case TotalSwapCache, TotalSwapStats, TotalSwapFree, TotalSwap:
		return Swap
	}
	return Pages
}
