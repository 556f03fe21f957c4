// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var memcgProtectionForm = form{starts: []string{"Memory cgroup min protection "}, read: parses(ParseProtection)}

// ParseProtection reads the protection line.
func ParseProtection(s string) (v report.Protection, ok bool) {
	s, ok = strings.CutPrefix(trimEnd(s), "Memory cgroup min protection ")
	if !ok {
		return v, false
	}
	if v.MinKB, s, ok = takeKB(s); !ok {
		return report.Protection{}, false
	}
	if s, ok = strings.CutPrefix(s, " -- low protection "); !ok {
		return report.Protection{}, false
	}
	if v.LowKB, s, ok = takeKB(s); !ok || s != "" {
		return report.Protection{}, false
	}
	return v, true
}
