// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var allocProfileForm = form{starts: []string{"Memory allocations"}, read: is(IsAllocationsHead)}

// IsAllocationsHead reports whether s is "Memory allocations:" or its 6.18 form.
func IsAllocationsHead(s string) bool {
	switch trimEnd(s) {
	case "Memory allocations:", "Memory allocations (profiling is currently turned on):",
		"Memory allocations (profiling is currently turned off):":
		return true
	}
	return false
}

// ParseAllocation reads one row. Only meaningful after the head.
func ParseAllocation(s string) (v report.Allocation, ok bool) {
	if v.Bytes, s, ok = cutSize(skipSpaces(trimEnd(s))); !ok {
		return report.Allocation{}, false
	}
	if v.Calls, s, ok = takeInt(skipSpaces(s)); !ok {
		return report.Allocation{}, false
	}
	if s, ok = strings.CutPrefix(s, " "); !ok {
		return report.Allocation{}, false
	}
	if v.Site, s, ok = strings.Cut(s, " "); !ok || !isSite(v.Site) {
		return report.Allocation{}, false
	}
	if strings.HasPrefix(s, "[") {
		if v.Module, s, ok = strings.Cut(s[1:], "] "); !ok {
			return report.Allocation{}, false
		}
	}
	v.Func, ok = strings.CutPrefix(s, "func:")
	if !ok || v.Func == "" || strings.Contains(v.Func, " ") {
		return report.Allocation{}, false
	}
	return v, true
}

// isSite reports whether s is "file:line".
func isSite(s string) bool {
	colon := strings.LastIndexByte(s, ':')
	if colon <= 0 {
		return false
	}
	_, tail, ok := takeUint(s[colon+1:])
	return ok && tail == ""
}

// cutSize cuts "16777216 " or "16.0 MiB " from the start of s, as bytes. What follows the space is
// left.
func cutSize(s string) (bytes int64, tail string, ok bool) {
	whole, tail, ok := takeInt(s)
	if !ok {
		return 0, s, false
	}
	fraction, scale := int64(0), int64(1)
	if strings.HasPrefix(tail, ".") {
		digits := tail[1:]
		if fraction, tail, ok = takeUint(digits); !ok || len(digits)-len(tail) > 3 {
			return 0, s, false
		}
		for range len(digits) - len(tail) {
			scale *= 10
		}
	}
	if tail, ok = strings.CutPrefix(tail, " "); !ok {
		return 0, s, false
	}
	unit, rest, found := strings.Cut(tail, " ")
	if shift, ok := unitShift(unit); found && ok {
		if whole > maxSizeWhole>>shift || whole < 0 {
			return 0, s, false
		}
		return whole<<shift + fraction<<shift/scale, rest, true
	}
	return whole, tail, scale == 1
}

// maxSizeWhole bounds a size so that its thousandths still fit an int64.
const maxSizeWhole = 1<<62 - 1

// unitShift returns the power of two of a unit of lib/string_helpers.c:string_get_size.
func unitShift(unit string) (shift uint, ok bool) {
	switch unit {
	case "B":
		return 0, true
	case "KiB":
		return 10, true
	case "MiB":
		return 20, true
	case "GiB":
		return 30, true
	case "TiB":
		return 40, true
	case "PiB":
		return 50, true
	}
	return 0, false
}
