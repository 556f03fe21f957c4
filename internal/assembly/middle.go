// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// MayBelong reports whether a line, taken alone, looks like one of a report's.
func MayBelong(text []byte) bool {
	if len(text) == 0 || len(text) > maxText {
		return false
	}
	s := view(text)
	if _, ok := kernel.Classify(s).Section(); ok {
		return true
	}
	if _, ok := kernel.ParseStat(s); ok {
		return true
	}
	switch s[0] {
	case ' ', '\t', '?', 'R', 'E', 'C', 'D', 'F': // a frame, a register
		return strings.Contains(s, "+0x") || isRegister(s)
	case '[': // a row of the task table
		pid, _, ok := strings.Cut(s[1:], "]")
		return ok && pid != "" && strings.Trim(pid, " 0123456789") == ""
	case 'N': // Node 0 …
		return strings.HasPrefix(s, "Node ")
	}
	return false
}

// isRegister reports whether a line is of a register dump: "RSP: 002b:00007ffc…".
func isRegister(s string) bool {
	return len(s) > 4 && s[3] == ':' && (s[0] == 'R' || s[0] == 'E' || s[0] == 'C' || s[0] == 'D' || s[0] == 'F')
}
