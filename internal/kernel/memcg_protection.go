// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// Protection is the line "Memory cgroup min protection 1kB -- low protection 2kB" (6.19+).
type Protection struct {
	// MinKB and LowKB are in KiB.
	MinKB, LowKB int64
}

// ParseProtection reads the protection line.
func ParseProtection(s string) (v Protection, ok bool) {
	s, ok = strings.CutPrefix(trimEnd(s), "Memory cgroup min protection ")
	if !ok {
		return v, false
	}
	if v.MinKB, s, ok = takeKB(s); !ok {
		return Protection{}, false
	}
	if s, ok = strings.CutPrefix(s, " -- low protection "); !ok {
		return Protection{}, false
	}
	if v.LowKB, s, ok = takeKB(s); !ok || s != "" {
		return Protection{}, false
	}
	return v, true
}
