// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// ParseSkip reads "…: OOM victim 1 (x) is already exiting. Skip killing the task" (5.9+).
func ParseSkip(s string) (v Process, ok bool) {
	m, rest := takeMessage(trimEnd(s))
	if rest, ok = strings.CutPrefix(rest, "OOM victim "); !ok || m == MessageNone {
		return v, false
	}
	return takeProcess(rest, " is already exiting. Skip killing the task")
}

// takeProcess reads "1 (x)" and the words that must follow to the end.
func takeProcess(s, words string) (v Process, ok bool) {
	if s, ok = strings.CutSuffix(s, words); !ok {
		return v, false
	}
	if s, ok = strings.CutSuffix(s, ")"); !ok {
		return v, false
	}
	pid, rest, ok := takeUint(s)
	if !ok {
		return v, false
	}
	comm, ok := strings.CutPrefix(rest, " (")
	if !ok || !commFits(comm) {
		return v, false
	}
	return Process{PID: pid, Comm: comm}, true
}

// ParseSharing reads "Kill process 1 (x) sharing same memory" (2.6.37 to 4.3, RHEL 6 and 7) and
// "oom killer 1 (x) has mm pinned by 2 (y)" (4.8+): the process that dies with, or keeps the memory of, the victim.
func ParseSharing(s string) (v Process, ok bool) {
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

// ParseReaper reads the lines of section 8.1. Of a victim that could not be reaped the pid counts, also where the line breaks off in
// the name, which is "" then.
func ParseReaper(s string) (v Reaper, ok bool) {
	rest, ok := strings.CutPrefix(trimEnd(s), "oom_reaper: ")
	if !ok {
		return v, false
	}
	if tail, ok := strings.CutPrefix(rest, "reaped process "); ok {
		return v, takeReaped(&v, tail)
	}
	v.Failed = true
	tail, ok := strings.CutPrefix(rest, "unable to reap pid:")
	if !ok {
		if tail, ok = strings.CutPrefix(rest, "giving up pid:"); !ok {
			return Reaper{}, false
		}
	}
	if v.Process, ok = takeProcess(tail, ""); !ok {
		v.PID, ok = takeOpenProcess(tail)
	}
	return v, ok
}

// takeOpenProcess reads "1 (x" of a line that breaks off in the name.
func takeOpenProcess(s string) (pid int64, ok bool) {
	pid, rest, ok := takeUint(s)
	if !ok {
		return 0, false
	}
	comm, ok := strings.CutPrefix(rest, " (")
	return pid, ok && commFits(comm)
}

// takeReaped reads "1 (x), now anon-rss:…", perhaps cut within its figures.
func takeReaped(v *Reaper, s string) (ok bool) {
	const words = "), now"
	for i := strings.LastIndex(s, words); i >= 0; i = strings.LastIndex(s[:i], words) {
		p, ok := takeProcess(s[:i+1], "")
		if !ok {
			continue
		}
		v.Process = p
		c := figureScan{s: s[i+len(words):]}
		_ = c.label(" anon-rss:") && c.kb(&v.AnonRSSKB) && c.label(", file-rss:") && c.kb(&v.FileRSSKB) &&
			c.label(", shmem-rss:") && c.kb(&v.ShmemRSSKB)
		return true
	}
	return false
}

// IsNoVictim reports whether s is "Out of memory and no killable processes..." (4.19+).
func IsNoVictim(s string) bool { return trimEnd(s) == noVictim }

const noVictim = "Out of memory and no killable processes..."

// ParsePanic reads a panic of the OOM killer (section 8.2); reason is the words after "not syncing: ".
// NoVictim panics ("Out of memory and no killable processes...", "System is deadlocked on memory") are panics too.
// The trailer "---[ end Kernel panic …" is not one: see [IsPanicEnd].
func ParsePanic(s string) (reason string, ok bool) {
	reason, ok = strings.CutPrefix(trimEnd(s), panicHead)
	if !ok || !isOOMPanic(reason) {
		return "", false
	}
	return reason, true
}

const panicHead = "Kernel panic - not syncing: "

// isOOMPanic reports whether a panic's reason is one of section 8.2's.
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

// Sysrq says what a sysrq-f line tells.
type Sysrq uint8

// What a sysrq-f line tells.
const (
	SysrqManual   Sysrq = iota // "Manual OOM execution"
	SysrqDisabled              // "OOM request ignored because killer is disabled" (4.1 to 4.11)
	SysrqNoTask                // "OOM request ignored. No task eligible" (4.12+)
)

// ParseSysrq reads the lines of section 7.6.
func ParseSysrq(s string) (v Sysrq, ok bool) {
	rest, ok := cutSysrq(trimEnd(s))
	if !ok {
		return 0, false
	}
	switch rest {
	case "Manual OOM execution":
		return SysrqManual, true
	case "OOM request ignored because killer is disabled":
		return SysrqDisabled, true
	case "OOM request ignored. No task eligible":
		return SysrqNoTask, true
	}
	return 0, false
}

// cutSysrq cuts what any sysrq line starts with: "SysRq : " (to 3.19), "sysrq: SysRq : " or "sysrq: ".
func cutSysrq(s string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, "sysrq: ")
	tail, old := strings.CutPrefix(rest, "SysRq : ")
	return tail, ok || old
}

// Suppressed is a rate limiter's account of what it kept back (section 8.8).
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

// OfOOM reports whether the suppressed calls were OOM reports for certain; to 2.6.32 one limit served all.
func (s Suppressed) OfOOM() bool { return s.Func == "oom_kill_process" }

// AllocFailure is the head of a page-allocation failure (section 8.5), whose Mem-Info is not an OOM's.
type AllocFailure struct {
	// Comm is the failing task.
	Comm string
	// Order is the allocation's order.
	Order Int
}

// ParseAllocFailure reads the heads of section 8.5: page allocation failure and stall, vmalloc, SLUB, and
// sysrq-m's "Show Memory".
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

// isAllocFailure reports whether s starts with the words of a failure behind the comm.
func isAllocFailure(s string) bool {
	return strings.HasPrefix(s, "page allocation failure") || strings.HasPrefix(s, "page allocation stalls for ") ||
		strings.HasPrefix(s, "vmalloc error: size ") || strings.HasPrefix(s, "vmalloc: allocation failure")
}
