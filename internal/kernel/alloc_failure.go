// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var allocFailureForm = form{
	words:  []string{"page all", "vmalloc:", "vmalloc ", "SLUB: Un", "how Memo"},
	read:   parses(ParseAllocFailure),
	pieces: []continuation{{begins: func(line string) (string, bool) { return line, true }, joins: joinsAllocFailure}},
}

// joinsAllocFailure continues the head of an allocation failure (4.9+).
func joinsAllocFailure(head, piece string) bool {
	if comm, ok := strings.CutSuffix(head, ": "); ok {
		return commFits(comm) && isAllocFailure(piece)
	}
	if v, ok := ParseAllocFailure(head); !ok || v.Comm == "" && !strings.Contains(head, "order:") {
		return false
	}
	if strings.HasSuffix(head, markCpuset) {
		return startsCpusetName(piece, markMems)
	}
	return strings.HasPrefix(piece, ", mode:") || strings.HasPrefix(piece, markCpuset) || strings.HasPrefix(piece, markMems)
}

// AllocFailure is the head of a page-allocation failure (docs/formats.md section 8.5), whose
// Mem-Info is not an OOM's.
type AllocFailure struct {
	// Comm is the failing task.
	Comm string
	// Order is the allocation's order.
	Order report.Int
}

// ParseAllocFailure reads the heads of docs/formats.md section 8.5: page allocation failure and
// stall, vmalloc, SLUB, and sysrq-m's "Show Memory".
func ParseAllocFailure(s string) (v AllocFailure, ok bool) {
	if rest, ok := cutSysrq(s); ok {
		return v, trimEnd(rest) == "Show Memory"
	}
	if strings.HasPrefix(s, "SLUB: Unable to allocate memory on node") {
		return v, true
	}
	for i := strings.Index(s, ": "); i >= 0 && commFits(s[:i]); i = nextIndex(s, ": ", i+1) {
		rest := s[i+len(": "):]
		if !isAllocFailure(rest) {
			continue
		}
		v.Comm = s[:i]
		if _, rest, ok := strings.Cut(rest, "order:"); ok {
			if n, _, ok := wholeInt(rest); ok {
				v.Order = Some(n)
			}
		}
		return v, true
	}
	return v, false
}

// isAllocFailure reports whether s starts with the words of a failure, which follow the comm.
func isAllocFailure(s string) bool {
	return strings.HasPrefix(s, "page allocation failure") || strings.HasPrefix(s, "page allocation stalls for ") ||
		strings.HasPrefix(s, "vmalloc error: size ") || strings.HasPrefix(s, "vmalloc: allocation failure")
}
