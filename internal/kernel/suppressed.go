// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var suppressedForm = form{
	words: []string{"suppress"},
	read: is(func(s string) bool {
		v, ok := ParseSuppressed(s)
		return ok && mayBeOOM(v)
	}),
}

// mayBeOOM reports whether the limiter serves the killer or its relatives, and not some driver.
func mayBeOOM(s Suppressed) bool {
	switch s.Func {
	case "oom_kill_process", "pagefault_out_of_memory", "warn_alloc", "warn_alloc_failed", "__ratelimit", "printk":
		return true
	}
	return false
}

// Suppressed is how many calls a rate limiter suppressed (docs/formats.md section 8.8).
type Suppressed struct {
	// Func is the limited function: oom_kill_process, __ratelimit, warn_alloc; "printk" to 2.6.24.
	Func string
	// Count is how many calls were suppressed since the last one let through.
	Count int64
}

// ParseSuppressed reads "F: N callbacks suppressed" and "printk: N messages suppressed.".
func ParseSuppressed(s string) (v Suppressed, ok bool) {
	i := strings.Index(s, ": ")
	if i <= 0 || !isFlagNames(s[:i]) {
		return v, false
	}
	n, rest, ok := takeUint(s[i+len(": "):])
	if !ok {
		return v, false
	}
	switch trimEnd(rest) {
	case " callbacks suppressed":
	case " messages suppressed.":
		if s[:i] != "printk" {
			return v, false
		}
	default:
		return v, false
	}
	return Suppressed{Func: s[:i], Count: n}, true
}

// OfOOM reports whether the suppressed calls were OOM reports for certain; to 2.6.32 one limit
// served all.
func (s Suppressed) OfOOM() bool { return s.Func == "oom_kill_process" }
