// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var sharingForm = form{starts: []string{"Kill process ", "oom killer "}, read: parses(ParseSharing)}

// ParseSharing reads "Kill process 1 (x) sharing same memory" (2.6.37 to 4.3, RHEL 6 and 7) and
// "oom killer 1 (x) has mm pinned by 2 (y)" (4.8+): the process that dies with, or keeps the memory
// of, the victim.
func ParseSharing(s string) (v report.Process, ok bool) {
	s = trimEnd(s)
	if rest, ok := strings.CutPrefix(s, "Kill process "); ok {
		return takeProcess(rest, " sharing same memory")
	}
	rest, ok := strings.CutPrefix(s, "oom killer ")
	if !ok {
		return v, false
	}
	// Either comm may hold the words: the split is right where both sides are processes.
	const words = " has mm pinned by "
	for i := strings.Index(rest, words); i >= 0; i = nextIndex(rest, words, i+1) {
		if _, ok := takeProcess(rest[:i], ""); !ok {
			continue
		}
		if v, ok := takeProcess(rest[i+len(words):], ""); ok {
			return v, true
		}
	}
	return v, false
}
