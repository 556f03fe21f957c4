// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var memcgCounterForm = form{
	starts: counterWords[:],
	read: func(r *Reading, s string) (ok bool) {
		r.Counter, ok = ParseCounter(s)
		return ok
	},
}

// counterWords are the words that a counter line begins with.
var counterWords = [report.NumMemcgCounters]string{"memory", "memory+swap", "kmem", "swap"}

// ParseCounter reads "memory: usage 1kB, limit 2kB, failcnt 3" and its three sisters
// (docs/formats.md section 3.2). A limit from 2^53 kB - 64 on, or any other kernel's "unlimited",
// is absent. A cut line gives the values that it holds whole.
func ParseCounter(s string) (v report.Counter, ok bool) {
	v.Name, s, ok = cutCounterName(trimEnd(s))
	if !ok {
		return v, false
	}
	usage, s, ok := takeKB(s)
	if !ok {
		return report.Counter{}, false
	}
	v.UsageKB = valueOf(usage)
	s, ok = strings.CutPrefix(s, ", limit ")
	if !ok {
		return v, true
	}
	limit, s, ok := takeKB(s)
	if !ok {
		return v, true
	}
	if !isUnlimitedKB(limit) {
		v.LimitKB = valueOf(limit)
	}
	if s, ok = strings.CutPrefix(s, ", failcnt "); !ok {
		return v, true
	}
	if failcnt, tail, ok := takeInt(s); ok && tail == "" {
		v.Failcnt = valueOf(failcnt)
	}
	return v, true
}

// cutCounterName cuts "memory: usage " or its like off the front of s.
func cutCounterName(s string) (name report.MemcgCounterName, rest string, ok bool) {
	for name, word := range counterWords {
		if rest, ok := strings.CutPrefix(s, word); ok {
			if rest, ok = strings.CutPrefix(rest, ": usage "); ok {
				return report.MemcgCounterName(name), rest, true
			}
		}
	}
	return 0, s, false
}

// isUnlimitedKB reports whether a limit in KiB is a kernel's largest number, and so none. On 64
// bits that is 2^53 less up to a page (3.19+), 2^53 - 1 (to 3.12) or 2^54 - 1 (3.13 to 3.18); on 32
// bits, from 3.19 on, 2^31 - 1 pages of 4, 16 or 64 KiB.
func isUnlimitedKB(kb int64) bool {
	const maxPages32 = 1<<31 - 1
	switch kb {
	case maxPages32 * 4, maxPages32 * 16, maxPages32 * 64:
		return true
	}
	return kb >= 1<<53-64
}
