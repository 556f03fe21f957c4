// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var fragmentForm = form{starts: []string{",", " "}, read: is(IsFragment)}

// IsFragment reports whether s looks like a piece of an oom-kill line (docs/formats.md section 6).
// It starts with ",cpuset=", ",mems_allowed=", ",oom_memcg=", ",global_oom", ",task_memcg=",
// ",task=", or is another known middle of such a line.
func IsFragment(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case ',':
		return strings.HasPrefix(s, markCpuset) || strings.HasPrefix(s, markMems) || strings.HasPrefix(s, markOOMMemcg) ||
			strings.HasPrefix(s, markGlobal) || strings.HasPrefix(s, markTaskMemcg) || strings.HasPrefix(s, markTask) && strings.Contains(s, markPID)
	case ' ':
		return strings.HasPrefix(s, limitOfWords) || trimEnd(s) == groupKillWords
	}
	return false
}
