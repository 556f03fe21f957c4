// SPDX-License-Identifier: Apache-2.0

package report

import "github.com/oomtrail/oomtrail/internal/enum"

// Memcg is the memory-cgroup block of a report.
type Memcg struct {
	// Task and Limit are the paths of "Task in … killed as a result of limit of …" (to 4.20): the
	// victim's cgroup, and the one whose limit was hit. They are valid iff HasTask and HasLimit.
	Task, Limit       string
	HasTask, HasLimit bool
	// Counters are the counter lines, each valid iff Has has it.
	Counters [NumMemcgCounters]Counter
	Has      [NumMemcgCounters]bool
	// StatsPath is the cgroup of Stats, valid iff HasStatsPath.
	StatsPath    string
	HasStatsPath bool
	// Stats is memory.stat of the cgroup whose limit was hit, in the kernel's order and names, as
	// its own line prints it. For the sums of its subtree see [Report.AppendMemoryStat].
	Stats []Stat
	// OneLine is true where all values of a cgroup are on one line (to 5.2).
	OneLine bool
	// Subtree counts the cgroups below it that print a line of their own (to 5.2).
	Subtree int
	// Below are the sums of the same values over these cgroups, by index of Stats; negative where a
	// value fell below zero. BelowExceeds is true where a value of one of them is larger than the
	// same value of Stats.
	Below        []int64
	BelowExceeds bool
	// Protection is the protection line (6.19+), valid iff HasProtection.
	Protection    Protection
	HasProtection bool
}

// MemcgCounterName names a counter of a memory cgroup.
type MemcgCounterName uint8

// The counters of a memory cgroup.
const (
	CounterMemory MemcgCounterName = iota // memory
	CounterMemsw                          // memory+swap (v1)
	CounterKmem                           // kernel memory (v1)
	CounterSwap                           // swap (v2, 5.3+)
	NumMemcgCounters
)

var memcgCounterNames = enum.New[MemcgCounterName]("counter", "memory", "memsw", "kmem", "swap")

// String returns memory, memsw, kmem or swap.
func (c MemcgCounterName) String() string { return memcgCounterNames.String(c) }

// Counter is one counter line of a memory cgroup.
type Counter struct {
	// Name is which counter.
	Name MemcgCounterName
	// UsageKB and LimitKB are in KiB. LimitKB is absent where there is no limit.
	UsageKB, LimitKB Int
	// Failcnt counts how often the limit was hit.
	Failcnt Int
}

// Protection is the line "Memory cgroup min protection 1kB -- low protection 2kB" (6.19+).
type Protection struct {
	// MinKB and LowKB are in KiB.
	MinKB, LowKB int64
}

// Stat is one value of a cgroup's memory.stat.
type Stat struct {
	// Name is the kernel's name of it.
	Name string
	// Value is in bytes for a size, else a count; negative where it fell below zero.
	Value int64
	// Key is the constant of that name, StatOther where there is none.
	Key StatKey
	// Known is true where the name is one that docs/formats.md lists.
	Known bool
}

// StatKey is the name of a value of memory.stat.
type StatKey uint8

// The keys with which the diagnosis and the records work. Values are in bytes; those of refaults
// are in pages.
const (
	StatOther             StatKey = iota // any other value
	StatAnon                             // anon
	StatRSS                              // rss, v1's name for anon (to 5.2)
	StatFile                             // file
	StatCache                            // cache, v1's name for file and shmem (to 5.2)
	StatShmem                            // shmem
	StatKernel                           // kernel (5.18+)
	StatKernelStack                      // kernel_stack
	StatPageTables                       // pagetables
	StatPercpu                           // percpu
	StatSock                             // sock
	StatSlab                             // slab
	StatSlabReclaimable                  // slab_reclaimable
	StatSlabUnreclaimable                // slab_unreclaimable
	StatFileDirty                        // file_dirty
	StatDirty                            // dirty, v1's name for file_dirty
	StatFileWriteback                    // file_writeback
	StatWriteback                        // writeback, v1's name for file_writeback
	StatInactiveFile                     // inactive_file
	StatActiveFile                       // active_file
	StatUnevictable                      // unevictable
	StatSwap                             // swap (v1)
	StatSwapCached                       // swapcached
	StatRefaultFile                      // workingset_refault_file
	StatRefaultAnon                      // workingset_refault_anon
	StatRefault                          // workingset_refault (4.20 to 5.8), of file pages only
	NumStatKeys
)
