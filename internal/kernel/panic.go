// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var noVictimForm = form{starts: []string{noVictim}, read: is(IsNoVictim)}

var panicForm = form{
	starts: []string{panicHead, panicEnd},
	read: is(func(s string) bool {
		if _, ok := ParsePanic(s); ok {
			return true
		}
		reason, ok := strings.CutPrefix(s, panicEnd+" - not syncing: ")
		return ok && isOOMPanic(strings.TrimSuffix(trimEnd(reason), " ]---"))
	}),
}

// IsNoVictim reports whether s is "Out of memory and no killable processes..." (4.19+).
func IsNoVictim(s string) bool { return trimEnd(s) == noVictim }

const noVictim = "Out of memory and no killable processes..."

// ParsePanic reads a panic of the OOM killer (docs/formats.md section 8.2); reason is the words
// after "not syncing: ". NoVictim panics ("Out of memory and no killable processes...", "System is
// deadlocked on memory") are panics too. The trailer "---[ end Kernel panic …" is not one: see
// [IsPanicEnd].
func ParsePanic(s string) (reason string, ok bool) {
	reason, ok = strings.CutPrefix(trimEnd(s), panicHead)
	if !ok || !isOOMPanic(reason) {
		return "", false
	}
	return reason, true
}

const panicHead = "Kernel panic - not syncing: "

// isOOMPanic reports whether a panic's reason is one of the OOM killer's.
func isOOMPanic(reason string) bool {
	switch reason {
	case noVictim, // to 4.18
		"System is deadlocked on memory",                           // 4.19+
		"Out of memory: compulsory panic_on_oom is enabled",        // 2.6.36+
		"Out of memory: system-wide panic_on_oom is enabled",       // 2.6.36+
		"out of memory. panic_on_oom is selected",                  // 2.6.18 to 2.6.35
		"out of memory. panic_on_oom is selected.",                 // the same, with the others' full stop
		"out of memory. Compulsory panic_on_oom is selected.",      // 2.6.24 to 2.6.35
		"out of memory from page fault. panic_on_oom is selected.", // 2.6.31 to 2.6.35
		"out of memory(memcg). panic_on_oom is selected.":          // 2.6.33 to 2.6.35
		return true
	}
	return false
}

// IsPanicEnd reports whether s is the trailer that the panic prints last.
func IsPanicEnd(s string) bool { return strings.HasPrefix(s, panicEnd) }

const panicEnd = "---[ end Kernel panic"
