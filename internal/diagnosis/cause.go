// SPDX-License-Identifier: Apache-2.0

package diagnosis

// Cause is why memory ran out, or one more thing worth knowing about the kill.
type Cause uint8

// The causes. Those up to [HostExhausted] can be the one cause of a diagnosis; the others
// only stand beside it as findings.
const (
	Unknown Cause = iota
	Sysrq
	PanicOnOOM
	NoKillableProcess
	Cpuset
	MemoryPolicy
	Fragmentation
	LowZone
	HugetlbReservation
	SharedMemory
	KernelMemory
	PageCache
	ProcessHog
	ManyProcesses
	LimitBelowWorkingSet
	LimitBelowStart
	CgroupLimit
	HostExhausted

	NoSwap
	SwapFull
	CgroupSwapLimit
	GroupKill
	VictimByAdjustment
	LargestVictim
	AllocatingTaskKilled
	ProtectedTasks
	TriggerElsewhere
	FreedLittle
	SharedAddressSpace
	RestrictedAllocation
	RepeatedKills
	RateLimited
	numCauses
)

// Description is one row of the list of causes.
type Description struct {
	// Name is the machine-readable name, as `oom.diagnosis.cause` has it.
	Name string
	// Meaning is what it says.
	Meaning string
	// Primary is true for what can be the one cause.
	Primary bool
}

// Causes lists all causes and findings, in the order of their constants.
var Causes = [numCauses]Description{
	Unknown:              {"unknown", "the log does not say what ran out", true},
	Sysrq:                {"sysrq", "a person, or a program, asked for the kill with sysrq-f; nothing need have run out", true},
	PanicOnOOM:           {"panic_on_oom", "vm.panic_on_oom made the kernel panic where it would have killed", true},
	NoKillableProcess:    {"no_killable_process", "every process that could be killed is exempt (oom_score_adj -1000)", true},
	Cpuset:               {"cpuset", "the memory nodes that a cpuset allows ran out", true},
	MemoryPolicy:         {"memory_policy", "the memory nodes that a memory policy (mbind, set_mempolicy, numactl) allows ran out", true},
	Fragmentation:        {"fragmentation", "memory was free, but not enough of it in one piece", true},
	LowZone:              {"low_zone", "a low memory zone ran out while others had free memory", true},
	HugetlbReservation:   {"hugetlb_reservation", "reserved huge pages took memory that nobody else can use", true},
	SharedMemory:         {"shared_memory", "tmpfs or shared memory held most; it can outlive the process that filled it", true},
	KernelMemory:         {"kernel_memory", "the kernel itself held most: slab, page tables, stacks, buffers", true},
	PageCache:            {"page_cache", "page cache held most and could not be reclaimed: dirty, under writeback or locked", true},
	ProcessHog:           {"process_hog", "one process held most, or by far more than any other", true},
	ManyProcesses:        {"many_processes", "many processes of one name held most together", true},
	LimitBelowWorkingSet: {"limit_below_working_set", "several processes together need more than the limit, none stands out", true},
	LimitBelowStart:      {"limit_below_start", "the limit is below what starting the container takes: its runtime was killed", true},
	CgroupLimit:          {"cgroup_limit", "a cgroup reached its limit; the log does not say what filled it", true},
	HostExhausted:        {"host_exhausted", "the host ran out; nothing in the log stands out", true},

	NoSwap:               {"no_swap", "the host has no swap", false},
	SwapFull:             {"swap_full", "swap is full", false},
	CgroupSwapLimit:      {"cgroup_swap_limit", "the cgroup may not swap, or not any more", false},
	GroupKill:            {"group_kill", "the whole cgroup was killed, for memory.oom.group", false},
	VictimByAdjustment:   {"victim_by_adjustment", "the victim was chosen for its oom_score_adj; a larger process lives", false},
	LargestVictim:        {"largest_victim", "without an adjustment the victim was likely the largest process that the kernel may kill", false},
	AllocatingTaskKilled: {"allocating_task_killed", "vm.oom_kill_allocating_task: who asked for memory was killed, not who held most", false},
	ProtectedTasks:       {"protected_tasks", "processes exempt from the killer hold a good part", false},
	TriggerElsewhere:     {"trigger_elsewhere", "the process that asked for memory runs in another cgroup than the victim", false},
	FreedLittle:          {"freed_little", "the kill could free only little of what had run out", false},
	SharedAddressSpace:   {"shared_address_space", "other processes share the victim's memory and die with it, or keep it", false},
	RestrictedAllocation: {"restricted_allocation", "the allocation could not wait for file systems or disks to give memory back", false},
	RepeatedKills:        {"repeated_kills", "one of several kills of this cgroup within the log", false},
	RateLimited:          {"rate_limited", "the kernel rate-limited its log: reports are missing", false},
}

// String returns the machine-readable name.
func (c Cause) String() string { return Causes[c].Name }

// Confidence says how sure a finding is.
type Confidence uint8

// The confidences.
const (
	Possible Confidence = iota + 1 // a hypothesis: the log fits it, and other things
	Likely                         // the figures point to it
	Certain                        // the kernel says so, or its figures leave nothing else
)

// String returns possible, likely or certain.
func (c Confidence) String() string { return [...]string{"", "possible", "likely", "certain"}[c] }
