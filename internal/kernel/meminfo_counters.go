// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var memInfoCountersForm = form{
	starts: append(counterStarts, " "),
	read:   is(IsCounters),
}

// counterStarts are the first names of the lines of the global counters.
var counterStarts = []string{freePages, "Active", "Active_anon", "active_anon", "active_file", "inactive_file", "unevictable", "free",
	"slab_reclaimable", "mapped", "free_cma", "sec_pagetables", "kernel_misc_reclaimable"}

// IsCounters reports whether s is one line of the global counters (docs/formats.md section 4.3), in
// any kernel's form; its values are read with [NextPair].
func IsCounters(s string) bool {
	text := skipSpaces(s)
	n := pairNameLen(text)
	if n == 0 || n == len(text) || text[n] != ':' || !slices.Contains(counterStarts, text[:n]) {
		return false
	}
	_, unit, tail, ok := cutValueUnit(skipSpaces(text[n+1:]))
	return ok && endsPair(tail) && (unit == report.UnitKB) == (text[:n] == freePages)
}

// WholeCounters returns a line of the global counters without a last value that may have lost
// digits: one that ends the line in no kernel whose line begins as this one does.
func WholeCounters(s string) string {
	text := skipSpaces(trimEnd(s))
	first := pairNameLen(text)
	start := strings.LastIndexByte(text, ' ') + 1
	last := pairNameLen(text[start:])
	for _, line := range counterLines {
		if line.first == text[:first] && (line.last == text[start:start+last] || line.other == text[start:start+last]) {
			return text
		}
	}
	if text == "" || !isDigit(text[len(text)-1]) {
		return text
	}
	return text[:start]
}

// counterLines has the first and the last values of the lines of docs/formats.md section 4.3.
var counterLines = [...]struct{ first, last, other string }{
	{"Active", "pagetables", "unstable"},
	{"Active_anon", "inactive_anon", ""},
	{"active_anon", "isolated_anon", ""},
	{"active_file", "isolated_file", ""},
	{"inactive_file", "unstable", ""},
	{"unevictable", "unstable", "writeback"},
	{"free", "bounce", "slab_unreclaimable"},
	{"free", "free_cma", ""},
	{"slab_reclaimable", "slab_unreclaimable", ""},
	{"mapped", "bounce", "pagetables"},
	{"sec_pagetables", "bounce", ""},
	{"free_cma", "free_cma", ""},
	{"kernel_misc_reclaimable", "kernel_misc_reclaimable", ""},
}

// mayEndLine reports whether a line of global counters ends with that value in some kernel, or
// whether the value is unknown. Any other plain number at the end of a line has lost the digits
// after it, or may have.
func mayEndLine(name string) bool {
	switch name {
	case "free", "active", "inactive", "active_anon", "active_file", "inactive_file", "unevictable", "dirty", "slab", "mapped",
		"mapped-file", "mapped-anon", "slab_reclaimable", "shmem", "free_pcp", "sec_pagetables", "pages_scanned":
		return false
	}
	return true
}
