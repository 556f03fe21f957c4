// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/witness"
)

// EventKind is what an event says.
type EventKind uint8

// The kinds.
const (
	Kill        EventKind = iota // a program killed for memory
	KillAttempt                  // it decided to, and did not or may not have done so
	Observed                     // somebody says that a kill happened that is no event of its own
	Eviction                     // the kubelet evicted a pod for memory
	Sigkill                      // a death by SIGKILL, with its verdict
	Kernel                       // a kill of the kernel that was held back
)

// Event is what became of facts.
type Event struct {
	Kind EventKind
	// Fact is what the event is made of; nil of a Kernel event, whose record is Record.
	Fact   *witness.Fact
	Record any
	// Outcome is one of package witness' words, "" where the event has none.
	Outcome string
	// Signal is the last one that a killer sent, "" where that is the one of Fact.
	Signal string
	// Count is how many processes were killed, as another fact of the death says.
	Count int64
	// Evidence are the further facts of the same death, and KernelID are the first 16 bytes of the
	// id of the kernel's record of it, zero where there is none.
	Evidence []*witness.Fact
	KernelID [16]byte
	// Cause is why it died, Sources are the programs that the log has lines of; of a Sigkill event
	// only.
	Cause   Cause
	Sources []string
	// Unproven is set where the cause or the sender rests on a fact that nothing proves, of a
	// Sigkill event only.
	Unproven bool
	// Process is a signal of a Sigkill event that names the process which died, nil where Fact does
	// or none does.
	Process *witness.Fact
	// Sender is the fact that says who sent the signal, nil where none does.
	Sender *witness.Fact
}

// Cause is why something died of SIGKILL.
type Cause uint8

// The causes, the first one that there is evidence for counts.
const (
	CauseUnknown Cause = iota
	CauseSupervisor
	CauseSent
	CauseEvicted
	CauseMemoryKiller
	CauseKernel
)

var causeNames = enum.New[Cause]("cause", "unknown", "supervisor", "sent", "evicted", "memory_killer", "kernel_oom")

// String returns the word of oom.verdict.cause.
func (c Cause) String() string { return causeNames.String(c) }
