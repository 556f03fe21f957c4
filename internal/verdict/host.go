// SPDX-License-Identifier: Apache-2.0

// Package verdict joins what the kernel and other programs of one host say of memory kills: one
// death, one kill. It has no clock: the log's own time releases what waits, or its user does.
package verdict

import (
	"hash/maphash"
	"maps"
	"slices"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/witness"
)

const (
	// maxFacts bounds the facts that a host holds, those that wait and those that it remembers,
	// maxDeeds the kills of the kernel that it remembers. Of whole logs maxHeld bounds both: see
	// [Host.Hold]. deedAge says how long a kill is remembered.
	maxFacts = 1024
	maxDeeds = 256
	maxHeld  = 4096
	deedAge  = 10 * time.Minute
	// maxSeen bounds the lines whose copies are known.
	maxSeen = 2048
	// maxGroup bounds the facts that are listed of one death.
	maxGroup = 16
	// maxKept bounds the lines that are kept.
	maxKept = 256
	// holdObserved is how long an observation waits for the kill that it is about, and a death for
	// what explains it.
	holdObserved = 10 * time.Second
	maxHold      = time.Minute
)

// Host joins the facts of one host. The zero value is not ready: see [NewHost]. It is for one
// goroutine.
type Host struct {
	observations Observations
	// facts are in the order in which they came: those that wait, and those that are remembered.
	facts   []*item
	waiting int
	// soonest is a time by which none of those that wait is due, zero where that is not known.
	soonest time.Time
	// firstFact is the number of the first one in factIndex, gone that of the first one of all in
	// deedIndex. Of lists of fewToAsk nobody is looked up.
	firstFact, gone      int
	factIndex, deedIndex index
	fewToAsk             int
	bytes                int // what the facts hold, about
	// all are the kernel's kills, oldest first; those before first are forgotten.
	all   []deed
	first int
	// records is set once a kill came by its record: see [Host.Recorded].
	records bool
	// seen are hashes of lines, oldest first from next on.
	seen []uint64
	next int
	// owners are the units of processes, nil until one is known: see [Host.Learn].
	owners []owner
	// writers are the programs that the host was seen to have.
	writers []string
	// holds is set where facts wait for FlushAll: see [Host.Hold].
	holds  bool
	order  uint64
	events []Event
	// kept are the lines that are kept for those that may follow, in the order in which they came.
	kept []keptLine
	// passed are the positions that a checkpoint may have passed, by stream; newest is the highest
	// position that is known.
	passed map[int]int64
	newest int64
}

// item is a fact, and what has become of it.
type item struct {
	subject
	fact *witness.Fact
	// at is when it happened, came when its line did: see [happened].
	at, came moment
	// order is that of arrival in the host, number that among its facts.
	order  uint64
	number int
	// first is the position of the first line that the fact may rest on.
	first int64
	// role distinguishes the lines of one writer: two of one role are about two deaths.
	role uint64
	// of is the item that this one belongs to; with are those that belong to it. kernel is the kill
	// of the kernel that it belongs to.
	of     *item
	with   []*item
	kernel *deed
	// waits is set until it is known what becomes of the item.
	waits   bool
	hold    time.Duration
	heard   time.Time // by the user's clock, when it was first asked
	outcome string
	// held are records of the kernel's kills of the same process, which count where this kill
	// turns out to be none.
	held []any
	// supposed is set where a signal is of the same death by its unit alone: see [Host.meet].
	supposed bool
	// counts is set for a kill that is one, ended for one whose end is known.
	counts, ended bool
}

var seed = maphash.MakeSeed()

// NewHost returns a host of which nothing is known yet.
func NewHost(o Observations) *Host { return &Host{observations: o, fewToAsk: fewToAsk} }

// Events returns what became of facts since the last call, oldest first.
func (h *Host) Events() []Event {
	events := h.events
	if events != nil {
		h.events = nil
	}
	return events
}

// HasEvents reports whether [Host.Events] returns any.
func (h *Host) HasEvents() bool { return len(h.events) > 0 }

// Waits reports whether facts wait for others.
func (h *Host) Waits() bool { return h.waiting > 0 }

// Blank reports whether nothing waits and nothing is remembered.
func (h *Host) Blank() bool { return len(h.facts)+len(h.deeds()) == 0 }

// Saw notes that a program's lines are in the log.
func (h *Host) Saw(writer string) {
	if i, has := slices.BinarySearch(h.writers, writer); !has && len(h.writers) < 64 {
		h.writers = slices.Insert(h.writers, i, writer)
	}
}

// Fact takes a fact, and keeps a copy of what it keeps. stream is the stream of its line.
func (h *Host) Fact(f *witness.Fact, stream int) {
	came := momentOf(&f.At, f.InnerTime, stream)
	h.Advance(came) // what is due does not know of this line, whether or not lines before it were skipped
	h.Saw(f.Writer)
	if f.Kind == witness.None || f.Kind == witness.Context || h.repeats(f, &came) {
		return
	}
	own := f.Clone()
	x := &item{fact: &own, subject: subjectOf(&own), at: happened(&own, came), came: came, order: h.order, role: roleOf(&own), hold: holdObserved, outcome: own.Outcome}
	h.order++
	x.first = own.At.Position
	h.newest = max(h.newest, x.first)
	if first, ok := h.firstKept(stream); ok {
		x.first = min(x.first, first)
	}
	switch f.Kind {
	case witness.Kill, witness.Decision:
		h.takeKill(x)
	case witness.Outcome:
		h.takeOutcome(x)
	case witness.Observation:
		h.takeObservation(x)
	case witness.Eviction:
		h.takeEviction(x)
	case witness.Death, witness.Sent:
		h.takeDeath(x)
	}
	h.bound()
}

// confirms reports whether a line may say how a kill ended.
func confirms(f *witness.Fact) bool {
	switch f.Kind {
	case witness.Outcome, witness.Kill:
		return true
	case witness.Observation:
		return f.Killer != "" && f.Killer != witness.Kernel
	}
	return false
}

// repeats reports whether the line came before: the same text of the same second, or the same
// occurrence of what the program counts itself. Lines without a time repeat none.
func (h *Host) repeats(f *witness.Fact, came *moment) bool {
	var m maphash.Hash
	m.SetSeed(seed)
	put := func(s string) { _, _ = m.WriteString(s); _ = m.WriteByte(0) }
	put(f.Writer)
	put(itoa(int64(f.Kind)))
	switch {
	case f.Keys.Occurrence != "":
		put(f.Keys.Occurrence)
	case !came.wall.IsZero():
		put(itoa(came.wall.Unix()))
		put(f.Text)
	case came.hasLog:
		put(itoa(int64(came.log)))
		put(itoa(int64(came.stream)))
		put(f.Text)
	default:
		return false
	}
	// One line may say several things, of several processes.
	put(itoa(f.Keys.PID))
	put(f.Keys.ContainerID)
	put(f.Keys.Cgroup)
	put(f.Keys.ContainerName)
	sum := m.Sum64()
	put("proven")
	proven := m.Sum64()
	switch {
	case !confirms(f):
	case f.Verified: // of what somebody else wrote first it is no copy
		sum = proven
	case slices.Contains(h.seen, proven):
		return true
	}
	if slices.Contains(h.seen, sum) {
		return true
	}
	if len(h.seen) < maxSeen {
		h.seen = append(h.seen, sum)
	} else {
		h.seen[h.next] = sum
		h.next = (h.next + 1) % maxSeen
	}
	return false
}

// roleOf returns a hash of the writer and of the text without its digits.
func roleOf(f *witness.Fact) uint64 {
	var m maphash.Hash
	m.SetSeed(seed)
	_, _ = m.WriteString(f.Writer)
	for i := range len(f.Text) {
		if c := f.Text[i]; c < '0' || c > '9' {
			_ = m.WriteByte(c)
		}
	}
	return m.Sum64()
}

// add keeps an item; one that waits does so until the time is up.
func (h *Host) add(x *item, waits bool) {
	x.number = h.firstFact + len(h.facts)
	h.facts = append(h.facts, x)
	h.bytes += x.size()
	if x.waits = waits; waits {
		h.waiting++
		h.soonest = x.sooner(h.soonest)
	}
}

// bound keeps the number of facts: the oldest goes, and is settled before where it still waits.
func (h *Host) bound() {
	limit := maxFacts
	if h.holds {
		limit = maxHeld
	}
	for len(h.facts) > limit {
		if x := h.facts[0]; x.waits {
			h.settle(x)
		}
		for _, member := range h.facts[0].with {
			member.of = nil
		}
		h.bytes -= h.facts[0].size()
		h.facts[0] = nil
		h.facts = h.facts[1:]
		h.firstFact++
	}
}

func (x *item) isKill() bool {
	return x.fact.Kind == witness.Kill || x.fact.Kind == witness.Decision
}

// Shed forgets the facts that wait for nothing.
func (h *Host) Shed() {
	h.facts = slices.DeleteFunc(slices.Clone(h.facts), func(x *item) bool { return !x.waits })
	h.firstFact, h.factIndex = 0, index{}
	h.bytes = 0
	for i, x := range h.facts {
		x.number = i
		h.bytes += x.size()
	}
	h.seen, h.next, h.owners = nil, 0, nil
}

// Clone returns an independent copy.
func (h *Host) Clone() *Host {
	c := *h
	c.all, c.seen, c.writers = slices.Clone(h.all), slices.Clone(h.seen), slices.Clone(h.writers)
	c.events, c.kept, c.passed = slices.Clone(h.events), slices.Clone(h.kept), maps.Clone(h.passed)
	c.factIndex, c.deedIndex = h.factIndex.clone(), h.deedIndex.clone()
	c.facts = make([]*item, len(h.facts))
	copies := make(map[*item]*item, len(h.facts))
	for i, x := range h.facts {
		copied := *x
		c.facts[i], copies[x] = &copied, &copied
	}
	for _, x := range c.facts {
		x.with, x.held = slices.Clone(x.with), slices.Clone(x.held)
		if to := copies[x.of]; to != nil {
			x.of = to
		}
		for i, member := range x.with {
			if to := copies[member]; to != nil {
				x.with[i] = to
			}
		}
	}
	return &c
}

// Memory returns how many bytes the host holds, about.
func (h *Host) Memory() int {
	n := int(unsafe.Sizeof(*h)) + h.bytes + cap(h.seen)*8 + cap(h.writers)*16 + cap(h.facts)*8 + cap(h.all)*int(unsafe.Sizeof(deed{})) + cap(h.kept)*int(unsafe.Sizeof(keptLine{}))
	n += h.factIndex.memory() + h.deedIndex.memory()
	const unit = 128 // of an owner: its texts
	n += len(h.owners) * (int(unsafe.Sizeof(owner{})) + unit)
	const texts = 64 // of a kill: its path and name, where the one before has others
	return n + len(h.deeds())*texts
}

// size returns how many bytes an item holds, about.
func (x *item) size() int {
	const lists = 512 // what belongs to it, and keys
	return int(unsafe.Sizeof(*x)+unsafe.Sizeof(*x.fact)) + len(x.fact.Text) + len(x.fact.CommandLine) + lists
}
