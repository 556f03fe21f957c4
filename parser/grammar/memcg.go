package grammar

// TaskIn is what "Task in A killed as a result of limit of B" says (2.6.31 to 4.20). 3.16 prints
// the two halves as two lines: the first has Limit "", the second Task "".
// "Memory limit reached of cgroup B" (4.1 to 4.20, no victim) has Task "" too.
// Source: mm/memcontrol.c:mem_cgroup_print_oom_info.
type TaskIn struct {
	// Task is the path of the victim's memory cgroup; HasTask tells that the line has it.
	Task    string
	HasTask bool
	// Limit is the path of the cgroup whose limit was hit; HasLimit tells that the line has it.
	Limit    string
	HasLimit bool
}

// ParseTaskIn reads the lines of section 3.1.
func ParseTaskIn(s string) (v TaskIn, ok bool) { return }

// MemcgCounterName says which counter a counter line is about.
type MemcgCounterName uint8

// The counters of a memory cgroup.
const (
	CounterMemory MemcgCounterName = iota
	CounterMemsw                   // memory+swap, v1
	CounterKmem                    // kmem, v1
	CounterSwap                    // swap, v2 (5.3+)
	NumMemcgCounters
)

// Counter is one counter line of a memory cgroup.
type Counter struct {
	// Name is which counter.
	Name MemcgCounterName
	// UsageKB and LimitKB are in KiB; LimitKB is absent when there is no limit.
	UsageKB, LimitKB Int
	// Failcnt counts the times the limit was hit.
	Failcnt Int
}

// ParseCounter reads "memory: usage 1kB, limit 2kB, failcnt 3" and its three sisters
// (section 3.2). A limit from 2^53 kB - 64 on, or any other kernel's "unlimited", is absent.
func ParseCounter(s string) (v Counter, ok bool) { return }

// Stat is one figure of a cgroup's memory.stat, in the kernel's own name.
type Stat struct {
	// Name is the key as printed.
	Name string
	// Value is in bytes for a size (a KB figure is multiplied out), else a count.
	Value int64
}

// ParseStatsHead reads "Memory cgroup stats for P:" (HasPath false for the form without path).
// To 5.2 the figures stand on the same line: rest is what follows the colon, see [NextStat].
func ParseStatsHead(s string) (path string, hasPath bool, rest string, ok bool) { return }

// NextStat cuts the first " key:123KB" from the rest of a one-line stats line (3.9 to 5.2).
// Values can be negative.
func NextStat(rest string) (v Stat, tail string, ok bool) { return }

// ParseStat reads "anon 4096" (5.3+). Only meaningful after a stats head.
func ParseStat(s string) (v Stat, ok bool) { return }

// Protection is the line "Memory cgroup min protection 1kB -- low protection 2kB" (6.19+).
type Protection struct {
	// MinKB and LowKB are in KiB.
	MinKB, LowKB int64
}

// ParseProtection reads the protection line.
func ParseProtection(s string) (v Protection, ok bool) { return }
