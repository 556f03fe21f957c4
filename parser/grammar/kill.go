package grammar

// Constraint is what limited the allocation, as the kernel names it.
type Constraint uint8

// The constraints of mm/oom_kill.c:enum oom_constraint.
const (
	ConstraintUnknown Constraint = iota
	ConstraintNone
	ConstraintCpuset
	ConstraintMemoryPolicy
	ConstraintMemcg
)

// String returns none, cpuset, memory_policy or memcg; "" for unknown.
func (c Constraint) String() string {
	return [...]string{"", "none", "cpuset", "memory_policy", "memcg"}[c]
}

// OOMKill is the line "oom-kill:constraint=…": which process was chosen, and why it had to be one
// (5.0+, RHEL 8.3). Source: mm/oom_kill.c:dump_oom_victim (6.8+), dump_oom_summary (before).
type OOMKill struct {
	// Constraint is as printed; 5.0 always prints NONE.
	Constraint Constraint
	// Nodemask is a list, or "(null)".
	Nodemask string
	// Cpuset is the last component of the allocator's cpuset path; HasCpuset is false without CONFIG_CPUSETS.
	Cpuset    string
	HasCpuset bool
	// MemsAllowed is the nodes that the allocator may use.
	MemsAllowed string
	// Global is true for ",global_oom".
	Global bool
	// OOMMemcg is the cgroup whose limit was hit; HasOOMMemcg tells that the line has it.
	OOMMemcg    string
	HasOOMMemcg bool
	// TaskMemcg is the chosen task's cgroup; HasTaskMemcg tells that the line has it.
	TaskMemcg    string
	HasTaskMemcg bool
	// Task and PID are the chosen process: comm and thread-group leader's pid. HasTask tells that the line has the comm whole.
	Task    string
	HasTask bool
	PID     Int
	// UID is as printed: negative from 2^31 on.
	UID Int
	// Complete is true when the line has its last field.
	Complete bool
}

// ParseOOMKill reads the line from both ends, so that names made to look like fields change nothing: uid and
// pid from the right, the task's comm of at most 15 bytes before them. A cut line gives the fields
// it holds whole, and Complete false.
func ParseOOMKill(s string) (v OOMKill, ok bool) { return }

// Message is the words before "Kill process" or "Killed process".
type Message uint8

// The messages of section 7.
const (
	MessageNone        Message = iota // no words: 2.6.20 to 5.0, and group kills of 4.19 to 5.0
	MessageOutOfMemory                // "Out of memory", "Out of Memory"
	MessageMemcg                      // "Memory cgroup out of memory"
	MessageAllocating                 // "Out of memory (oom_kill_allocating_task)"
	MessageMempolicy                  // "No available memory (MPOL_BIND)" (2.6.18 to 2.6.35)
	MessageCpuset                     // "No available memory in cpuset" (2.6.18 to 2.6.20)
)

// Selection is the line that names the process first chosen, and its badness (to 5.0). It is not a kill.
type Selection struct {
	// Message is the words before it.
	Message Message
	// PID and Comm are the process chosen; a child of it may be killed in its place.
	PID  int64
	Comm string
	// Score is the badness: unbounded to 2.6.35, then thousandths of what may be used, 0 to about 2000.
	Score int64
}

// ParseSelection reads the lines of section 7.1.
func ParseSelection(s string) (v Selection, ok bool) { return }

// Kill is a kill line: a process was sent SIGKILL by the killer.
// Source: mm/oom_kill.c:__oom_kill_process (4.19+), oom_kill_process (before).
type Kill struct {
	// Message is the words before "Killed process".
	Message Message
	// PID is the pid in the initial namespace; it may be a thread's.
	PID int64
	// Comm is the name, up to 15 bytes.
	Comm string
	// UID is the real uid as printed (5.4+, RHEL 5 to 8); negative on old RHEL from 2^31 on.
	UID Int
	// TotalVMKB, AnonRSSKB, FileRSSKB and ShmemRSSKB are in KiB (2.6.33+; shmem 4.5+ and RHEL 7).
	TotalVMKB, AnonRSSKB, FileRSSKB, ShmemRSSKB Int
	// PgtablesKB is the figure behind pgtables: (5.4+), KiB; 5.4.0 prints bytes there.
	PgtablesKB Int
	// OOMScoreAdj is the victim's oom_score_adj (5.4+).
	OOMScoreAdj Int
	// Complete is false where the line ends before a form of it is whole: a figure cut off, the comm not closed.
	// Then only fields that stand whole are present; a number at the very end of a cut line is not.
	Complete bool
	// HasComm is false where the closing parenthesis of the comm is not in the line.
	HasComm bool
}

// ParseKill reads every form of the kill line (section 7.2). ok needs "Killed process N" at the start or behind a known
// message; it is false for RHEL 6's "Would have killed process" and for text that merely contains the words.
func ParseKill(s string) (v Kill, ok bool) { return }

// ParseGroupKill reads "Tasks in P are going to be killed due to memory.oom.group set" (4.19+).
func ParseGroupKill(s string) (path string, ok bool) { return }
