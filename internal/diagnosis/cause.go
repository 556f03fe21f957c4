// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"iter"
	"strconv"
)

// Cause is why memory ran out, or one more thing worth knowing about the kill.
type Cause uint8

// The causes. Those up to [HostExhausted] can be the one cause of a diagnosis. The others only
// stand beside it as findings. To add one, write its row in the file of its subject, and name it
// here, in causes and, where no finder finds it yet, in finders.
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

// cause is all that is said of one cause: its row of the list.
type cause struct {
	name, meaning string
	// summary writes the sentence of a diagnosis whose cause it is, without the stop; nil for what
	// can only be a finding.
	summary func(*analysis, *words, *Finding)
	// named is set where that sentence begins with a process's name, which keeps its first letter.
	named bool
	// advice writes what to do next; alone is set where nothing is to be added to it.
	advice func(*analysis, *words, place)
	alone  bool
	// finding returns the words of the finding beside another cause, with its values; nil returns
	// the meaning.
	finding func(*Finding, phrase) string
}

// causes has the row of each cause.
var causes = [numCauses]cause{
	Unknown:              unknown,
	Sysrq:                sysrq,
	PanicOnOOM:           panicOnOOM,
	NoKillableProcess:    noKillableProcess,
	Cpuset:               cpuset,
	MemoryPolicy:         memoryPolicy,
	Fragmentation:        fragmentation,
	LowZone:              lowZone,
	HugetlbReservation:   hugetlbReservation,
	SharedMemory:         sharedMemory,
	KernelMemory:         kernelMemory,
	PageCache:            pageCache,
	ProcessHog:           processHog,
	ManyProcesses:        manyProcesses,
	LimitBelowWorkingSet: limitBelowWorkingSet,
	LimitBelowStart:      limitBelowStart,
	CgroupLimit:          cgroupLimit,
	HostExhausted:        hostExhausted,
	NoSwap:               noSwap,
	SwapFull:             swapFull,
	CgroupSwapLimit:      cgroupSwapLimit,
	GroupKill:            groupKill,
	VictimByAdjustment:   victimByAdjustment,
	LargestVictim:        largestVictim,
	AllocatingTaskKilled: allocatingTaskKilled,
	ProtectedTasks:       protectedTasks,
	TriggerElsewhere:     triggerElsewhere,
	FreedLittle:          freedLittle,
	SharedAddressSpace:   sharedAddressSpace,
	RestrictedAllocation: restrictedAllocation,
	RepeatedKills:        repeatedKills,
	RateLimited:          rateLimited,
}

// finders look for the causes and findings, in this order. The first finding is the cause.
var finders = [...]func(*analysis){
	(*analysis).findOrder, (*analysis).findNodes, (*analysis).findZones, (*analysis).findHolder, (*analysis).findUnexplained,
	(*analysis).findSwap, (*analysis).findVictim, (*analysis).findLog,
}

// row returns the row of a cause; of a value that is none, that of [Unknown].
func (c Cause) row() *cause {
	if c >= numCauses {
		c = Unknown
	}
	return &causes[c]
}

// String returns the machine-readable name, as `oom.diagnosis.cause` has it; of a value that is no
// cause, "Cause(99)".
func (c Cause) String() string {
	if c >= numCauses {
		return "Cause(" + strconv.Itoa(int(c)) + ")"
	}
	return causes[c].name
}

// Meaning returns what the cause says, in a few words.
func (c Cause) Meaning() string { return c.row().meaning }

// IsPrimary reports whether it can be the one cause of a diagnosis.
func (c Cause) IsPrimary() bool { return c.row().summary != nil }

// Causes returns all causes and findings, in the order of their constants.
func Causes() iter.Seq[Cause] {
	return func(yield func(Cause) bool) {
		for c := range numCauses {
			if !yield(c) {
				return
			}
		}
	}
}

// Confidence says how sure a finding is.
type Confidence uint8

// The confidences.
const (
	Possible Confidence = iota + 1 // a hypothesis: the log fits it, and other things
	Likely                         // the figures point to it
	Certain                        // the kernel says so, or its figures leave nothing else
)

// String returns possible, likely or certain; of a value that is no confidence, "Confidence(99)".
func (c Confidence) String() string {
	switch c {
	case Possible:
		return "possible"
	case Likely:
		return "likely"
	case Certain:
		return "certain"
	}
	return "Confidence(" + strconv.Itoa(int(c)) + ")"
}
