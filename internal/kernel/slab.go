// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var slabForm = form{
	starts: []string{"Unreclaimable slab info:", "Name   ", "excessive unreclaimable slab"},
	read:   is(IsSlabHead),
}

// IsSlabHead reports whether s is "Unreclaimable slab info:", the line of column names under it, or
// "excessive unreclaimable slab but cannot dump stats".
func IsSlabHead(s string) bool {
	switch trimEnd(s) {
	case "Unreclaimable slab info:", "Name                      Used          Total",
		"excessive unreclaimable slab but cannot dump stats":
		return true
	}
	return false
}

// ParseSlabCache reads one row, from its end: a cache's name may be wider than its column, and may
// hold spaces. Only meaningful after the head.
func ParseSlabCache(s string) (v report.SlabCache, ok bool) {
	rest, ok := trimEnd(s), false
	if v.TotalKB, rest, ok = cutLastKB(rest); !ok {
		return report.SlabCache{}, false
	}
	if v.UsedKB, rest, ok = cutLastKB(rest); !ok {
		return report.SlabCache{}, false
	}
	v.Name = strings.TrimRight(rest, " ")
	if v.Name == "" {
		return report.SlabCache{}, false
	}
	return v, true
}

// cutLastKB cuts " 123KB" from the end of s.
func cutLastKB(s string) (v int64, rest string, ok bool) {
	s = strings.TrimRight(s, " ")
	blank := strings.LastIndexByte(s, ' ')
	if blank < 0 || !strings.HasSuffix(s, "KB") {
		return 0, s, false
	}
	v, tail, ok := takeKB(s[blank+1:])
	if !ok || tail != "" {
		return 0, s, false
	}
	return v, s[:blank], true
}
