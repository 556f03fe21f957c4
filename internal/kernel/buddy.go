// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// ParseBuddy reads a buddy list (docs/formats.md section 4.6), appending its items to dst. totalKB
// is absent on a cut line, and where the kernel printed "empty" for the list (to 2.6.18).
func ParseBuddy(s string, dst []report.BuddyItem) (head NodeOrZone, items []report.BuddyItem, totalKB report.Int, ok bool) {
	head, rest := cutNodeAndZone(trimEnd(s))
	if head.Zone == "" {
		return NodeOrZone{}, dst, report.Int{}, false
	}
	rest, ok = strings.CutPrefix(rest, ":")
	if !ok {
		return NodeOrZone{}, dst, report.Int{}, false
	}
	if rest == " empty" {
		return head, dst, report.Int{}, true
	}
	items = dst
	for {
		item, tail, ok := cutBuddyItem(skipSpaces(rest))
		if !ok {
			break
		}
		items, rest = append(items, item), tail
	}
	if len(items) == len(dst) {
		return NodeOrZone{}, dst, report.Int{}, false
	}
	if sum, found := strings.CutPrefix(skipSpaces(rest), "= "); found {
		if kb, tail, ok := takeKB(sum); ok && tail == "" {
			totalKB = valueOf(kb)
		}
	}
	return head, items, totalKB, true
}

// isBuddy reports whether what follows a zone's name makes the line a buddy list.
func isBuddy(rest string) bool {
	if rest == "" || rest[0] != ':' {
		return false
	}
	rest = trimEnd(rest[len(":"):])
	_, _, ok := cutBuddyItem(skipSpaces(rest))
	return ok || rest == " empty"
}

// cutBuddyItem cuts "3*64kB (UME) " from the start of s. The letters of an item that is cut short
// are absent.
func cutBuddyItem(s string) (v report.BuddyItem, tail string, ok bool) {
	if v.Count, tail, ok = takeInt(s); !ok || !strings.HasPrefix(tail, "*") {
		return report.BuddyItem{}, s, false
	}
	if v.SizeKB, tail, ok = takeKB(tail[1:]); !ok || v.SizeKB < 0 {
		return report.BuddyItem{}, s, false
	}
	letters, found := strings.CutPrefix(tail, " (")
	if !found {
		return v, tail, true
	}
	if end := strings.IndexByte(letters, ')'); end >= 0 {
		v.Types, tail = letters[:end], letters[end+1:]
	}
	return v, tail, true
}
