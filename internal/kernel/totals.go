// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

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
	Name  report.TotalName
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
		return Total{Name: report.TotalSwapStats}, true
	}
	size, ok := strings.CutPrefix(s, "Total swap = ")
	name := report.TotalSwap
	if !ok {
		name = report.TotalSwapFree
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
func totalName(words string) (report.TotalName, bool) {
	switch words {
	case " total pagecache pages", " pagecache pages":
		return report.TotalPagecache, true
	case " pages in swap cache", " pages swap cached":
		return report.TotalSwapCache, true
	case " pages RAM", " pages of RAM":
		return report.TotalRAM, true
	case " pages HighMem/MovableOnly", " pages HighMem", " pages of HIGHMEM":
		return report.TotalHighMem, true
	case " pages reserved", " reserved pages":
		return report.TotalReserved, true
	case " pages shared":
		return report.TotalShared, true
	case " pages non-shared":
		return report.TotalNonShared, true
	case " pages cma reserved":
		return report.TotalCMA, true
	case " pages in pagetable cache":
		return report.TotalPagetableCache, true
	case " pages hwpoisoned":
		return report.TotalHWPoisoned, true
	case " free pages":
		return report.TotalFreePages, true
	case " slab pages", " pages slab":
		return report.TotalSlabPages, true
	case " pages dirty", " pages writeback", " pages mapped", " pages pagetables":
		return report.TotalOther, true
	}
	return 0, false
}

// kindOfTotal returns Pagecache, Swap or Pages: the kind of the line that holds the value.
func kindOfTotal(t report.TotalName) Kind {
	switch t {
	case report.TotalPagecache:
		return Pagecache
	case report.TotalSwapCache, report.TotalSwapStats, report.TotalSwapFree, report.TotalSwap:
		return Swap
	}
	return Pages
}
