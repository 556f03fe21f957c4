// SPDX-License-Identifier: Apache-2.0

package report

import "github.com/oomtrail/oomtrail/internal/enum"

// Constraint is what limited the allocation, as the kernel names it.
type Constraint uint8

// The constraints of mm/oom_kill.c:enum oom_constraint.
const (
	ConstraintUnknown      Constraint = iota
	ConstraintNone                    // CONSTRAINT_NONE
	ConstraintCpuset                  // CONSTRAINT_CPUSET
	ConstraintMemoryPolicy            // CONSTRAINT_MEMORY_POLICY
	ConstraintMemcg                   // CONSTRAINT_MEMCG
)

var constraintNames = enum.New[Constraint]("constraint", "", "none", "cpuset", "memory_policy", "memcg")

// String returns none, cpuset, memory_policy or memcg; "" for unknown.
func (c Constraint) String() string { return constraintNames.String(c) }

// OOMKill is the line "oom-kill:constraint=…": which process the kernel chose, and why (5.0+, RHEL
// 8.3). Source: mm/oom_kill.c:dump_oom_victim (6.8+), dump_oom_summary (before).
type OOMKill struct {
	// Constraint is as printed; 5.0 always prints NONE.
	Constraint Constraint
	// Nodemask is a list of nodes, or "(null)".
	Nodemask string
	// Cpuset is the last component of the allocating task's cpuset path, valid iff HasCpuset: it is
	// not printed without CONFIG_CPUSETS.
	Cpuset    string
	HasCpuset bool
	// MemsAllowed is the list of nodes that the allocating task may use.
	MemsAllowed string
	// Global is true for ",global_oom".
	Global bool
	// OOMMemcg is the path of the cgroup whose limit was hit, valid iff HasOOMMemcg.
	OOMMemcg    string
	HasOOMMemcg bool
	// TaskMemcg is the path of the chosen task's cgroup, valid iff HasTaskMemcg.
	TaskMemcg    string
	HasTaskMemcg bool
	// Task is the chosen process's name, valid iff HasTask. PID is the pid of its thread group
	// leader.
	Task    string
	HasTask bool
	PID     Int
	// UID is as printed: negative from 2^31 on.
	UID Int
	// Complete is true where the line has its last field.
	Complete bool
	// Doubtful is true where names hold the line's own words, so that it reads in several ways.
	// Fields in which these differ are absent.
	Doubtful bool
}

// Message is the words before "Kill process" or "Killed process".
type Message uint8

// The messages.
const (
	MessageNone        Message = iota // no words: 2.6.20 to 5.0, and group kills of 4.19 to 5.0
	MessageOutOfMemory                // "Out of memory", "Out of Memory"
	MessageMemcg                      // "Memory cgroup out of memory"
	MessageAllocating                 // "Out of memory (oom_kill_allocating_task)"
	MessageMempolicy                  // "No available memory (MPOL_BIND)" (2.6.18 to 2.6.35)
	MessageCpuset                     // "No available memory in cpuset" (2.6.18 to 2.6.20)
)

var messageNames = enum.New[Message]("message", "", "Out of memory", "Memory cgroup out of memory",
	"Out of memory (oom_kill_allocating_task)", "No available memory (MPOL_BIND)", "No available memory in cpuset")

// String returns the words that the kernel prints.
func (m Message) String() string { return messageNames.String(m) }

// Selection is the line that names the process first chosen, and its badness (to 5.0). It is not a
// kill.
type Selection struct {
	// Message is the words before it.
	Message Message
	// PID and Comm are the process chosen; a child of it may be killed in its place.
	PID  int64
	Comm string
	// Score is the badness, valid iff HasScore: unbounded to 2.6.35, then thousandths of the memory
	// that may be used, 0 to about 2000.
	Score    int64
	HasScore bool
}

// KillLine is a kill line: the killer sent SIGKILL to a process.
// Source: mm/oom_kill.c:__oom_kill_process (4.19+), oom_kill_process (before).
type KillLine struct {
	// Message is the words before "Killed process".
	Message Message
	// PID is the pid in the initial pid namespace; it may be a thread's.
	PID int64
	// Comm is the name, up to 15 bytes. It is valid iff HasComm: see there.
	Comm string
	// UID is the real uid as printed (5.4+, RHEL 5 to 8); negative on old RHEL from 2^31 on.
	UID Int
	// TotalVMKB, AnonRSSKB, FileRSSKB and ShmemRSSKB are in KiB (2.6.33+; shmem 4.5+ and RHEL 7).
	TotalVMKB, AnonRSSKB, FileRSSKB, ShmemRSSKB Int
	// PgtablesKB is the value after "pgtables:" (5.4+), in KiB. 5.4.0 prints bytes there.
	PgtablesKB Int
	// OOMScoreAdj is the victim's oom_score_adj (5.4+).
	OOMScoreAdj Int
	// Complete is false for a line that is cut. Then only fields that stand whole are present.
	Complete bool
	// HasComm is false where the line lacks the closing parenthesis of the comm.
	HasComm bool
}

// Process is a pid and a name on one line.
type Process struct {
	// PID is the pid in the initial pid namespace; it may be a thread's.
	PID int64
	// Comm is the name, up to 15 bytes.
	Comm string
}

// Reaper is what the oom_reaper thread reports of a victim (4.6+).
type Reaper struct {
	Process
	// Failed is true for "unable to reap" and "giving up".
	Failed bool
	// AnonRSSKB, FileRSSKB and ShmemRSSKB are what was left after reaping, in KiB.
	AnonRSSKB, FileRSSKB, ShmemRSSKB Int
}
