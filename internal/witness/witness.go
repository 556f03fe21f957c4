// SPDX-License-Identifier: Apache-2.0

// Package witness reads what programs other than the kernel's report say of memory kills and of
// SIGKILL: one file a program, one row in the table of programs.go. A [Reader] turns a line into
// facts. It joins nothing, it has no clock and does no I/O; package verdict joins.
package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Line is what a [Reader] gets. Its strings are valid until Read returns: a reader clones what it
// keeps. A fact may hold parts of them.
type Line struct {
	// Text is the message without what the format put around it.
	Text string
	// Author is who wrote the line, as far as the format shows.
	Author Author
	// At is where and when the line was written: time, host, boot. At.Origin is OriginKernel only
	// where the kernel wrote the line; At.Format is Kmsg for a record of /dev/kmsg.
	At report.Stamp
	// Kept is how long a Reader keeps what the line says for lines that may follow, 0 where none
	// does. A stream that is read on from a later line would lack it.
	Kept time.Duration
}

// keep notes that a reader keeps what the line says.
func (l *Line) keep(d time.Duration) { l.Kept = max(l.Kept, d) }

// Author is who wrote a line, as far as its format shows. What a format does not have is "" or
// false.
type Author struct {
	// Program is SYSLOG_IDENTIFIER or the tag of a syslog line without [pid].
	Program string
	// PID and UID are journald's _PID and _UID, or the pid of a syslog tag.
	PID, UID       int64
	HasPID, HasUID bool
	// Unit, UserUnit, Comm, Exe and Transport are journald's own _SYSTEMD_UNIT,
	// _SYSTEMD_USER_UNIT, _COMM, _EXE and _TRANSPORT.
	Unit, UserUnit, Comm, Exe, Transport string
	// Container is set where a container's log brought the line.
	Container bool
	// Field returns a further field of a journal entry (MESSAGE_ID, UNIT, USER_UNIT,
	// INVOCATION_ID, N_PROCESSES, EXIT_STATUS, PODMAN_*, …), "" where it is absent. Field is nil
	// where the format has none.
	Field func(name string) string
	// Trusted is set where the input is known to be a journal as journald wrote it. Only then may
	// a fact be Verified, and only by the fields that journald itself sets.
	Trusted bool
}

// Get returns a further field of a journal entry, "" where there is none.
func (a *Author) Get(name string) string {
	if a.Field == nil {
		return ""
	}
	return a.Field(name)
}

// Kind is what a fact says.
type Kind uint8

// The kinds.
const (
	// None is no fact.
	None Kind = iota
	// Kill: the writer ended a process or a cgroup, and says so after the deed.
	Kill
	// Decision: the writer says before the deed that it will kill. Fact.Outcome says what becomes
	// of a decision that nothing contradicts within Fact.Hold: OutcomeAnnounced becomes a kill,
	// OutcomeDecided a kill attempt.
	Decision
	// Outcome: what became of a decision or kill of the same writer. Fact.Outcome is OutcomeDone,
	// OutcomeFailed, OutcomeDryRun or OutcomeEscalated. The newest pending one is meant where
	// Keys names none.
	Outcome
	// Observation: the writer says that somebody else killed for memory; Fact.Killer says who,
	// where the line does.
	Observation
	// Eviction: the kubelet evicted a pod for memory.
	Eviction
	// Death: a process, unit or container died of SIGKILL, or with the exit code of that.
	Death
	// Sent: SIGKILL was sent, and the line says by whom or why.
	Sent
	// Context: the line is no event, but it shows that the writer was there to ask.
	Context
)

// The outcomes.
const (
	OutcomeDone      = "done"      // said after the deed
	OutcomeAnnounced = "announced" // said right before the deed
	OutcomeDecided   = "decided"   // decided, and not known to be done
	OutcomeFailed    = "failed"    // tried in vain
	OutcomeDryRun    = "dry_run"   // nothing was done
	OutcomeEscalated = "escalated" // a harder signal followed: no kill of its own
)

// The kinds of victims; "" is a process.
const (
	VictimCgroup    = "cgroup"
	VictimContainer = "container"
	VictimPod       = "pod"
	VictimJobStep   = "job_step"
)

// Keys are what joins two facts, or a fact and a kernel's kill. Names alone join nothing. What the
// line does not say is "".
type Keys struct {
	// ContainerID is 64 hexadecimal characters, or of ContainerPrefix 12 or more of them.
	ContainerID, ContainerPrefix string
	// Cgroup is a path as the kernel's report prints it: from the root of the hierarchy, without
	// /sys/fs/cgroup.
	Cgroup string
	// PID is of the host's pid namespace, valid iff HasPID. VPID is of a container's namespace or
	// of an unknown one: it joins only lines of one stream.
	PID, VPID       int64
	HasPID, HasVPID bool
	// Comm is the name of the process as printed.
	Comm string
	// Unit is a unit of the system manager, UserUnit of the manager of the user UserID.
	Unit, UserUnit string
	UserID         report.Int
	// Invocation is INVOCATION_ID or USER_INVOCATION_ID.
	Invocation string
	// PodUID, PodName, Namespace and ContainerName are Kubernetes' own.
	PodUID, PodName, Namespace, ContainerName string
	// SlurmStep is "job.step" as Slurm prints it.
	SlurmStep string
	// Occurrence is equal in two prints of one occurrence, and in no others: the uid of a
	// Kubernetes event and its count.
	Occurrence string
}

// Pressure is the memory pressure that a killer acted on.
type Pressure struct {
	// Cgroup is the watched cgroup.
	Cgroup string
	// Current and Limit are 0 to 1; Duration is how long the limit was exceeded. Valid iff OK.
	Current, Limit float64
	Duration       time.Duration
	OK             bool
}

// Evicted is what the kubelet says of an eviction, in bytes.
type Evicted struct{ Threshold, Available, Usage, Request report.Int }

// Sender is who sent a signal, in the host's namespaces.
type Sender struct {
	PID, UID, LoginUID report.Int
	// Name is the comm, Exe the path of the executable, Unit the systemd unit.
	Name, Exe, Unit string
}

// Fact is what one line says. A reader fills what the line says and nothing else; sizes are bytes.
type Fact struct {
	Kind Kind
	// Writer is the program that says it: oom.killer of a Kill or Decision, oom.observer of the
	// others.
	Writer string
	// Killer is who killed, where an Observation says so ("kernel", "systemd-oomd").
	Killer string
	Keys   Keys
	// Outcome is one of the Outcome constants, "" for those kinds that have none.
	Outcome string
	// VictimKind is one of the Victim constants, "" for a process.
	VictimKind string
	// Signal is a name ("SIGKILL"), Reason one word ("memory_pressure", "limit", …). The
	// Reason of a Death says that the writer itself, a supervisor, killed.
	Signal, Reason string
	// Count is how many processes were killed. Observed is a counter as printed, never added up.
	ExitCode, Count, Observed report.Int
	// Score and ScoreAdj are oom_score and oom_score_adj of the victim.
	Score, ScoreAdj report.Int
	// RSS is the victim's, Usage and Limit its cgroup's; the rest is the host's.
	RSS, Usage, Limit                                       report.Int
	MemoryUsed, MemoryTotal, Available, SwapUsed, SwapTotal report.Int
	Pressure                                                Pressure
	Evicted                                                 Evicted
	Sender                                                  Sender
	// Image is the container's image, Name its name at the runtime, Node the node of Kubernetes.
	Image, Name, Node string
	// CommandLine is the victim's, UserID its user.
	CommandLine string
	UserID      report.Int
	// InnerTime is the wall time inside the text (logrus time=, klog, an event's lastTimestamp).
	InnerTime time.Time
	// Timeless is set where At is when somebody repeated what the line says. It happened at or
	// before At less Age, as far as the line says that, see HasAge; nothing shows when.
	Timeless bool
	// Age is how long ago it was for who repeated it, at least, valid iff HasAge.
	Age    time.Duration
	HasAge bool
	// Verified is set where journald's own fields prove the writer.
	Verified bool
	// Hold is how long a Decision waits for what contradicts or confirms it, and an Outcome that
	// failed for a harder signal.
	Hold time.Duration
	// At and Text are the line. A reader leaves them zero for the line that it was given.
	At   report.Stamp
	Text string
	// Input is the caller's name of the input that the line is from. It stays valid.
	Input string
}

// Time returns when it happened: the time in the text itself, else that of the line, zero where
// neither shows it.
func (f *Fact) Time() time.Time {
	if !f.InnerTime.IsZero() || f.Timeless {
		return f.InnerTime
	}
	return f.At.Wall
}

// Reader reads the lines of one program in one stream.
type Reader interface {
	// Read returns what the line says, nil for nothing. The slice is valid until the next call. A
	// reader that keeps what a line says sets Line.Kept to the time in which it may still be of
	// use.
	Read(l *Line) []Fact
	// Clone returns an independent copy. A reader without state returns itself.
	Clone() Reader
}

// Func is a reader without state: it returns the fact of a line, or one of the kind None.
type Func func(l *Line) Fact

type stateless struct {
	read func(l *Line) Fact
	one  [1]Fact
}

// New returns a reader.
func (f Func) New() Reader { return &stateless{read: f} }

func (s *stateless) Read(l *Line) []Fact {
	if s.one[0] = s.read(l); s.one[0].Kind == None {
		return nil
	}
	return s.one[:]
}

func (s *stateless) Clone() Reader { return &stateless{read: s.read} }

// MaxText bounds each string that is kept of a fact, in bytes.
const MaxText = 4 << 10

// Clone returns a copy that owns its strings, of which it has at most MaxText bytes.
func (f *Fact) Clone() Fact {
	c := *f
	for _, s := range [...]*string{
		&c.Writer, &c.Killer, &c.Outcome, &c.VictimKind, &c.Signal, &c.Reason,
		&c.Keys.ContainerID, &c.Keys.ContainerPrefix, &c.Keys.Cgroup, &c.Keys.Comm, &c.Keys.Unit,
		&c.Keys.UserUnit, &c.Keys.Invocation, &c.Keys.PodUID, &c.Keys.PodName, &c.Keys.Namespace,
		&c.Keys.ContainerName, &c.Keys.SlurmStep, &c.Keys.Occurrence,
		&c.Pressure.Cgroup, &c.Sender.Name, &c.Sender.Exe, &c.Sender.Unit,
		&c.Image, &c.Name, &c.Node, &c.CommandLine, &c.Text,
		&c.At.Text, &c.At.Host, &c.At.BootID, &c.At.MachineID, &c.At.Caller,
	} {
		*s = strings.Clone((*s)[:min(len(*s), MaxText)])
	}
	return c
}
