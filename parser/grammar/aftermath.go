package grammar

// Process is a pid and a comm that a line names.
type Process struct {
	PID  int64
	Comm string
}

// ParseSkip reads "…: OOM victim 1 (x) is already exiting. Skip killing the task" (5.9+).
func ParseSkip(s string) (v Process, ok bool) { return }

// ParseSharing reads "Kill process 1 (x) sharing same memory" (2.6.37 to 4.3, RHEL 6 and 7) and
// "oom killer 1 (x) has mm pinned by 2 (y)" (4.8+): the process that dies with, or keeps the memory of, the victim.
func ParseSharing(s string) (v Process, ok bool) { return }

// Reaper is what the oom_reaper thread says of a victim (4.6+).
type Reaper struct {
	Process
	// Failed is true for "unable to reap" and "giving up".
	Failed bool
	// AnonRSSKB, FileRSSKB and ShmemRSSKB are what was left after reaping, in KiB.
	AnonRSSKB, FileRSSKB, ShmemRSSKB Int
}

// ParseReaper reads the lines of section 8.1.
func ParseReaper(s string) (v Reaper, ok bool) { return }

// IsNoVictim reports whether s is "Out of memory and no killable processes..." (4.19+).
func IsNoVictim(s string) bool { return false }

// ParsePanic reads a panic of the OOM killer (section 8.2); reason is the words after "not syncing: ".
// NoVictim panics ("Out of memory and no killable processes...", "System is deadlocked on memory") are panics too.
// The trailer "---[ end Kernel panic …" is not one: see [IsPanicEnd].
func ParsePanic(s string) (reason string, ok bool) { return }

// IsPanicEnd reports whether s is the trailer that the panic prints last.
func IsPanicEnd(s string) bool { return false }

// Sysrq says what a sysrq-f line tells.
type Sysrq uint8

// What a sysrq-f line tells.
const (
	SysrqManual   Sysrq = iota // "Manual OOM execution"
	SysrqDisabled              // "OOM request ignored because killer is disabled" (4.1 to 4.11)
	SysrqNoTask                // "OOM request ignored. No task eligible" (4.12+)
)

// ParseSysrq reads the lines of section 7.6.
func ParseSysrq(s string) (v Sysrq, ok bool) { return }

// Suppressed is a rate limiter's account of what it kept back (section 8.8).
type Suppressed struct {
	// Func is the limited function: oom_kill_process, __ratelimit, warn_alloc; "printk" to 2.6.24.
	Func string
	// Count is how many calls were suppressed since the last one let through.
	Count int64
}

// ParseSuppressed reads "F: N callbacks suppressed" and "printk: N messages suppressed.".
func ParseSuppressed(s string) (v Suppressed, ok bool) { return }

// OfOOM reports whether the suppressed calls were (or, before 2.6.33, may have been) OOM reports.
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
func ParseAllocFailure(s string) (v AllocFailure, ok bool) { return }

// IsFragment reports whether s looks like a piece cut off a line of section H-A1: it starts with ",cpuset=",
// ",mems_allowed=", ",oom_memcg=", ",global_oom", ",task_memcg=", ",task=", or is another known middle of such a line.
func IsFragment(s string) bool { return false }

// IsUserspace reports whether s is one of the user-space lines of section 9 that speak of memory kills.
func IsUserspace(s string) bool { return false }
