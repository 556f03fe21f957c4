// SPDX-License-Identifier: Apache-2.0

package report

import "github.com/oomtrail/oomtrail/internal/enum"

// Section is one block of a report.
type Section uint8

// The sections, in the order in which the kernel prints them.
const (
	SectionInvocation  Section = iota // the invocation line
	SectionCPU                        // the CPU or Pid line
	SectionTrace                      // the stack trace
	SectionCpuset                     // the cpuset line (2.6.31 to 4.20)
	SectionMemcg                      // counters of the memory cgroup
	SectionMemcgStats                 // memory.stat of the memory cgroup
	SectionMemInfo                    // Mem-Info
	SectionAllocations                // memory allocation profile (6.10+)
	SectionSlab                       // unreclaimable slab caches (4.15+)
	SectionTasks                      // task table
	SectionOOMKill                    // the oom-kill: line (5.0+)
	SectionKill                       // the kill line
	NumSections
)

var sectionNames = enum.New[Section]("section", "invocation", "cpu", "trace", "cpuset", "memcg", "memcg-stats",
	"meminfo", "alloc-profile", "slab", "tasks", "oom-kill", "kill")

// String returns the section's name, as `oom.report.missing` lists it.
func (s Section) String() string { return sectionNames.String(s) }

// Sections is a set of sections.
type Sections uint16

// Has reports whether s is in the set.
func (set Sections) Has(s Section) bool { return set&(1<<s) != 0 }

// Ending is how a report ended.
type Ending uint8

// The endings.
const (
	EndOpen       Ending = iota // the report has not ended
	EndKill                     // a process was killed
	EndNoVictim                 // no process was killed: a line says so, or sequence numbers prove it
	EndPanic                    // the kernel panicked
	EndUnresolved               // the log does not show the end
)

var endingNames = enum.New[Ending]("ending", "open", "kill", "no_victim", "panic", "unresolved")

// String returns open, kill, no_victim, panic or unresolved.
func (e Ending) String() string { return endingNames.String(e) }

// Scope is what ran out of memory.
type Scope uint8

// The scopes.
const (
	ScopeUnknown    Scope = iota
	ScopeHost             // the host's memory
	ScopeCgroup           // the limit of a memory cgroup
	ScopeCpuset           // the nodes of a cpuset
	ScopeNUMAPolicy       // the nodes of a memory policy
)

var scopeNames = enum.New[Scope]("scope", "", "host", "cgroup", "cpuset", "numa_policy")

// String returns host, cgroup, cpuset or numa_policy; "" for unknown.
func (s Scope) String() string { return scopeNames.String(s) }
