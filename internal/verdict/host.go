// SPDX-License-Identifier: Apache-2.0

// Package verdict joins what the kernel and other programs of one host say of memory kills: one
// death, one kill. It has no clock: the log's own time releases what waits, or its user does.
package verdict

import (
	"encoding/hex"
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Observations says which observations become events.
type Observations uint8

// The choices.
const (
	Unmatched Observations = iota // those that join no kill
	All
	None
)

var observationNames = enum.New[Observations]("observations", "unmatched", "all", "none")

// String returns unmatched, all or none.
func (o Observations) String() string { return observationNames.String(o) }

// ParseObservations returns the choice with that name; "" is Unmatched.
func ParseObservations(s string) (Observations, error) { return observationNames.ParseSetting(s) }

// ObservationNames returns the names of all choices, by value.
func ObservationNames() []string { return observationNames.All() }

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

// deed is a kill of the kernel: what of a [subject] the kernel says.
type deed struct {
	boot, path, comm, container, pod, job, step string
	pid, tgid                                   int64
	at                                          moment
	uid                                         [16]byte
	proven                                      bool // the kernel wrote every line of its report
	// owner says the unit of the process, as [Host.Learn] knows it, where the report names no
	// cgroup.
	owner *owner
	// first and last are the positions of its report's first line and of its own.
	first, last int64
}

func (d *deed) subject() *subject {
	return &subject{boot: d.boot, path: d.path, comm: d.comm, container: d.container, pod: d.pod, job: d.job, step: d.step, pid: d.pid, tgid: d.tgid, hasPID: true, unit: d.owner.unit, userUnit: d.owner.userUnit, user: d.owner.user, invocation: d.owner.invocation}
}

// keptLine is a line without which the stream, read on from a later one, would say something else:
// its reader keeps its words, or it is of a kill whose witnesses may follow.
type keptLine struct {
	at       moment
	position int64
	hold     time.Duration
	heard    time.Time // by the user's clock, when it was first asked
}

// item is a fact, and what has become of it.
type item struct {
	subject
	fact *witness.Fact
	at   moment
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

// Keeps reports whether facts wait, or readers keep lines: see [Host.Keep].
func (h *Host) Keeps() bool { return h.waiting+len(h.kept) > 0 }

// Keep notes that a reader of a stream keeps what a line says for the time d. Until then, by the
// time of the log or by the caller's clock, the line is pending, and so are the facts that may rest
// on it. Of too many lines the oldest are let go.
func (h *Host) Keep(at *report.Stamp, stream int, d time.Duration) {
	h.keep(keptLine{at: momentOf(at, time.Time{}, stream), position: at.Position, hold: min(d, maxHold)})
}

func (h *Host) keep(k keptLine) {
	if len(h.kept) == maxKept {
		h.kept = slices.Delete(h.kept, 0, 1)
	}
	h.kept = append(h.kept, k)
}

// release lets go of the kept lines that are due.
func (h *Host) release(due func(*keptLine) bool) {
	n := 0
	for i := range h.kept {
		if !due(&h.kept[i]) {
			h.kept[n] = h.kept[i]
			n++
		}
	}
	h.kept = h.kept[:n]
}

// Pending returns the position of the first line of a stream that waits, or that a reader keeps. It
// lies between no two lines about one death: without the first, the second would be a death of its
// own. The caller may forget what is before it, and where nothing is pending all that came: later
// positions are never before that.
func (h *Host) Pending(stream int) (position int64, ok bool) {
	position, ok = h.pending(stream)
	if h.passed == nil {
		h.passed = make(map[int]int64)
	}
	if h.passed[stream] = position; !ok {
		h.passed[stream] = h.newest + 1
	}
	return position, ok
}

func (h *Host) pending(stream int) (position int64, ok bool) {
	if !h.Keeps() {
		return 0, false
	}
	position, ok = h.firstKept(stream)
	for _, x := range h.facts {
		if x.waits && x.at.stream == stream && (!ok || x.first < position) {
			position, ok = x.first, true
		}
	}
	if !ok {
		return 0, false
	}
	for before := position + 1; position < before; {
		before = position
		for _, x := range h.facts {
			if first, last := x.span(stream); first < position && position <= last && first >= h.passed[stream] {
				position = first
			}
		}
	}
	return position, ok
}

// span returns the positions of the first and the last line of a stream that an item and what it
// belongs to have, last before first for none.
func (x *item) span(stream int) (first, last int64) {
	first, last = math.MaxInt64, math.MinInt64
	add := func(in int, from, to int64) {
		if in == stream {
			first, last = min(first, from), max(last, to)
		}
	}
	add(x.at.stream, x.first, x.fact.At.Position)
	if of := x.of; of != nil {
		add(of.at.stream, of.first, of.fact.At.Position)
	}
	if k := x.kernel; k != nil {
		add(k.at.stream, k.first, k.last)
	}
	return first, last
}

// firstKept returns the position of the first line of a stream that a reader keeps.
func (h *Host) firstKept(stream int) (position int64, ok bool) {
	for i := range h.kept {
		if k := &h.kept[i]; k.at.stream == stream && (!ok || k.position < position) {
			position, ok = k.position, true
		}
	}
	return position, ok
}

// Saw notes that a program's lines are in the log.
func (h *Host) Saw(writer string) {
	if i, has := slices.BinarySearch(h.writers, writer); !has && len(h.writers) < 64 {
		h.writers = slices.Insert(h.writers, i, writer)
	}
}

// Ruling says what becomes of a kill of the kernel.
type Ruling uint8

// The rulings.
const (
	// Counts: the kill is a death of its own.
	Counts Ruling = iota
	// Counted: another killer's kill of the same process was counted.
	Counted
	// Held: the record was taken, and comes back as an event if the other killer's kill is none.
	Held
)

// Kernel takes a kill of the kernel that made a record whose id is uid. What a container's log says
// of one is a record and joins nothing: a container explains no death of its host.
func (h *Host) Kernel(e *report.Event, uid string, stream int, rec any) Ruling {
	kill := e.Victim()
	if kill == nil || e.At.Contained {
		return Counts
	}
	h.Saw("kernel")
	s := h.kernelSubject(e, kill)
	d := deed{
		boot: s.boot, path: s.path, comm: s.comm, container: s.container, pod: s.pod, job: s.job, step: s.step,
		pid: s.pid, tgid: s.tgid, owner: &unknown, at: momentOf(&e.At, time.Time{}, stream),
		proven: e.At.Origin == report.OriginKernel && !e.Report.Unverified,
		first:  e.Report.First.Position, last: e.At.Position,
	}
	if s.path == "" {
		if o := h.ownerOf(&s, &d.at); o != nil {
			own := *o
			d.owner = &own
			s = *d.subject()
		}
	}
	_, _ = hex.Decode(d.uid[:], []byte(uid[:min(len(uid), 2*len(d.uid))]))
	h.newest = max(h.newest, d.last)
	h.remember(d)
	if len(h.facts) == 0 {
		return Counts
	}
	k := &h.all[len(h.all)-1]
	victim := s // on the heap: not for a kill of which nobody speaks
	ruling := h.rule(k, &victim, rec)
	for _, x := range oldestFirst(h.joined(&victim), (*item).isOpen) {
		if !x.isOpen() { // any more
			continue
		}
		switch by := x.concerns(&victim, &k.at); by {
		case noKey:
		case byUnit:
			if h.deedOf(x) == k {
				h.explain(x, k)
			}
		default:
			h.explain(x, k)
		}
	}
	return ruling
}

// rule says whether a kill of the kernel is the death that another killer's line is about.
func (h *Host) rule(k *deed, s *subject, rec any) Ruling {
	x := h.killOf(s, &k.at, nil)
	switch {
	case x == nil:
		return Counts
	case k.proven && !x.fact.Verified: // anybody's claim hides no kill: it is evidence of this one
		if x.waits {
			x.kernel = k.copy()
			h.rest(x)
		}
		return Counts
	case !x.waits:
		return Counted
	}
	x.kernel = k.copy()
	if len(x.held) == maxGroup {
		return Counted
	}
	x.held = append(x.held, rec)
	return Held
}

// kernelSubject returns whom the kernel killed.
func (h *Host) kernelSubject(e *report.Event, kill *report.Kill) subject {
	r := e.Report
	s := subject{boot: e.At.BootID, pid: kill.PID, hasPID: true}
	if kill.HasComm {
		s.comm = kill.Comm
	}
	isChosen := !kill.Group && (!r.HasSelection || r.Selection.PID == kill.PID)
	switch {
	case kill.Group:
		s.path = r.GroupPath
	case isChosen:
		s.path, _ = r.VictimCgroup()
	}
	if isChosen && r.OOMKill.PID.OK && r.OOMKill.PID.V != kill.PID && kill.Message != report.MessageAllocating {
		s.tgid = r.OOMKill.PID.V
	}
	last := h.lastDeed()
	s.own(last)
	if s.path != "" && s.path == last.path {
		s.container, s.pod, s.job, s.step = last.container, last.pod, last.job, last.step
	} else {
		s.readPath()
	}
	return s
}

func (h *Host) lastDeed() *subject {
	if len(h.all) == 0 {
		return &subject{}
	}
	return h.all[len(h.all)-1].subject()
}

// own copies the texts in one piece, but for those that last has too.
func (s *subject) own(last *subject) {
	texts := [...]*string{&s.path, &s.comm, &s.boot}
	known := [...]string{last.path, last.comm, last.boot}
	size := 0
	for i, text := range texts {
		if *text == known[i] {
			*text = known[i]
		} else {
			size += len(*text)
		}
	}
	if size == 0 {
		return
	}
	var piece strings.Builder
	piece.Grow(size)
	for i, text := range texts {
		if *text != known[i] {
			at := piece.Len()
			piece.WriteString(*text)
			*text = piece.String()[at:]
		}
	}
}

// deeds returns the kernel's kills that are remembered, oldest first.
func (h *Host) deeds() []deed { return h.all[h.first:] }

// remember adds a kill of the kernel, and forgets those that are too old or too many.
func (h *Host) remember(d deed) {
	limit := maxDeeds
	if h.holds {
		limit = maxHeld
	}
	for h.first < len(h.all) {
		age, ok := d.at.since(&h.all[h.first].at)
		if len(h.deeds()) < limit && (h.holds || !ok || age <= deedAge) {
			break
		}
		h.first++
	}
	if len(h.all) == cap(h.all) && h.first >= len(h.all)/2 {
		n := copy(h.all, h.deeds())
		clear(h.all[n:])
		h.gone += h.first
		h.all, h.first = h.all[:n], 0
	}
	h.all = append(h.all, d)
}

// Fact takes a fact, and keeps a copy of what it keeps. stream is the stream of its line.
func (h *Host) Fact(f *witness.Fact, stream int) {
	at := momentOf(&f.At, f.InnerTime, stream)
	h.Advance(at) // what is due does not know of this line, whether or not lines before it were skipped
	h.Saw(f.Writer)
	if f.Kind == witness.None || f.Kind == witness.Context || h.repeats(f, &at) {
		return
	}
	own := f.Clone()
	x := &item{fact: &own, subject: subjectOf(&own), at: at, order: h.order, role: roleOf(&own), hold: holdObserved, outcome: own.Outcome}
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
func (h *Host) repeats(f *witness.Fact, at *moment) bool {
	var m maphash.Hash
	m.SetSeed(seed)
	put := func(s string) { _, _ = m.WriteString(s); _ = m.WriteByte(0) }
	put(f.Writer)
	put(itoa(int64(f.Kind)))
	switch {
	case f.Keys.Occurrence != "":
		put(f.Keys.Occurrence)
	case !at.wall.IsZero():
		put(itoa(at.wall.Unix()))
		put(f.Text)
	case at.hasLog:
		put(itoa(int64(at.log)))
		put(itoa(int64(at.stream)))
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

// wait makes an item wait again.
func (h *Host) wait(x *item) {
	x.waits = true
	h.waiting++
	h.soonest = time.Time{}
}

// setHold says how long an item waits.
func (h *Host) setHold(x *item, d time.Duration) { x.hold, h.soonest = d, time.Time{} }

// sooner returns the earlier one of a time and of that until which an item waits, zero where one of
// them is not known.
func (x *item) sooner(than time.Time) time.Time {
	if than.IsZero() || x.at.wall.IsZero() {
		return time.Time{}
	}
	if until := x.at.wall.Add(x.hold); until.Before(than) {
		return until
	}
	return than
}

// has reports whether the host holds an item.
func (h *Host) has(x *item) bool {
	i := x.number - h.firstFact
	return i >= 0 && i < len(h.facts) && h.facts[i] == x
}

// rest ends the waiting of an item.
func (h *Host) rest(x *item) {
	if x.waits {
		x.waits = false
		h.waiting--
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

// Advance settles what has waited long enough by the time of the log.
func (h *Host) Advance(now moment) {
	if !h.Keeps() || h.holds {
		return
	}
	h.release(func(k *keptLine) bool {
		kept, ok := now.since(&k.at)
		return ok && kept > k.hold
	})
	if !now.wall.IsZero() && !h.soonest.IsZero() && !now.wall.After(h.soonest) {
		return
	}
	h.settleIf(func(x *item) bool {
		waited, ok := now.since(&x.at)
		return ok && waited > x.hold
	})
	h.soonest = now.wall
	if !now.wall.IsZero() {
		h.soonest = now.wall.Add(maxHold) // it is looked at again by then
	}
	for _, x := range h.facts {
		if x.waits {
			h.soonest = x.sooner(h.soonest)
		}
	}
}

// Hold makes facts wait for [Host.FlushAll], and kills be remembered until then, whatever the time
// of the log: whole logs are read one after another. The bounds in number stay.
func (h *Host) Hold() { h.holds = true }

// AdvanceTo is [Host.Advance] to the time of a line.
func (h *Host) AdvanceTo(at *report.Stamp, stream int) {
	if h.Keeps() {
		h.Advance(momentOf(at, time.Time{}, stream))
	}
}

// Flush settles what has waited long enough by the clock of the caller, who calls it now and then.
func (h *Host) Flush(wall time.Time) {
	h.release(func(k *keptLine) bool {
		if k.heard.IsZero() || k.heard.After(wall) {
			k.heard = wall
		}
		return wall.Sub(k.heard) >= k.hold
	})
	h.settleIf(func(x *item) bool {
		if x.heard.IsZero() || x.heard.After(wall) {
			x.heard = wall
		}
		return wall.Sub(x.heard) >= x.hold
	})
}

// FlushAll settles all that waits: nothing more comes.
func (h *Host) FlushAll() {
	h.settleIf(func(*item) bool { return true })
	h.kept = nil
}

// CutOff settles all that waits before its time: what comes may go to another host.
func (h *Host) CutOff() {
	for _, x := range h.facts {
		if x.waits && x.fact.Kind == witness.Decision && x.outcome == witness.OutcomeAnnounced {
			x.outcome = witness.OutcomeDecided // its failure may yet come
		}
	}
	h.FlushAll()
}

// settleIf settles those that wait and are due, oldest first, kills before the rest.
func (h *Host) settleIf(due func(*item) bool) {
	if h.waiting == 0 {
		return
	}
	for _, kills := range [...]bool{true, false} {
		for _, x := range h.facts {
			if x.waits && x.isKill() == kills && due(x) {
				h.settle(x)
			}
		}
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
