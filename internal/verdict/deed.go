// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// deed is a kill of the kernel: what of a [subject] the kernel says.
type deed struct {
	boot, path, comm, container, pod, job, step string
	pid, tgid                                   int64
	at                                          moment
	uid                                         [16]byte
	proven                                      bool // the kernel wrote every line of its report
	// recorded is set where a record of it is out that another reader of the log made.
	recorded bool
	// owner says the unit of the process, as [Host.Learn] knows it, where the report names no
	// cgroup.
	owner *owner
	// first and last are the positions of its report's first line and of its own.
	first, last int64
}

func (d *deed) subject() *subject {
	return &subject{boot: d.boot, path: d.path, comm: d.comm, container: d.container, pod: d.pod, job: d.job, step: d.step, pid: d.pid, tgid: d.tgid, hasPID: true, unit: d.owner.unit, userUnit: d.owner.userUnit, user: d.owner.user, invocation: d.owner.invocation}
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
	h.Saw(witness.Kernel)
	s := h.kernelSubject(e, kill)
	d := h.deedOn(&s, momentOf(&e.At, time.Time{}, stream))
	d.proven = e.At.Origin == report.OriginKernel && !e.Report.Unverified
	d.first, d.last = e.Report.First.Position, e.At.Position
	d.uid = idOf(uid)
	h.newest = max(h.newest, d.last)
	if h.records {
		if known := h.deedWith(d.uid); known != nil && known.recorded {
			return Counts
		}
	}
	h.remember(d)
	if len(h.facts) == 0 {
		return Counts
	}
	k := &h.all[len(h.all)-1]
	victim := k.subject() // on the heap: not for a kill of which nobody speaks
	ruling := h.rule(k, victim, rec)
	h.explainAll(k, victim)
	return ruling
}

// deedOn returns the kill of a process at a moment.
func (h *Host) deedOn(s *subject, at moment) deed {
	d := deed{
		boot: s.boot, path: s.path, comm: s.comm, container: s.container, pod: s.pod, job: s.job, step: s.step,
		pid: s.pid, tgid: s.tgid, owner: &unknown, at: at,
	}
	if s.path == "" {
		if o := h.ownerOf(s, &d.at); o != nil {
			own := *o
			d.owner = &own
		}
	}
	return d
}

// explainAll joins the observations that wait to a kill of the kernel that they are about.
func (h *Host) explainAll(k *deed, victim *subject) {
	for _, x := range oldestFirst(h.joined(victim), (*item).isOpen) {
		if !x.isOpen() { // any more
			continue
		}
		switch by := x.concerns(victim, &k.at); by {
		case noKey:
		case byUnit:
			if h.deedOf(x) == k {
				h.explain(x, k)
			}
		default:
			h.explain(x, k)
		}
	}
}

// Recorded is a kill of the kernel as its record has it. What is not known is "" or 0.
type Recorded struct {
	// UID is the record's id, BootID that of the boot.
	UID, BootID string
	// Cgroup is the victim's cgroup, Comm its name, PID and TGID what the kernel's lines say.
	Cgroup, Comm string
	PID, TGID    int64
	// At is when it was.
	At time.Time
	// Verified says that the kernel wrote every line of the report.
	Verified bool
}

// Recorded takes a kill of the kernel whose record is out: another reader of the kernel's log made
// it. So it counts whatever other killers say of the death, and the kernel's lines of it, where
// they come too, are no second one.
func (h *Host) Recorded(r *Recorded) {
	h.Saw(witness.Kernel)
	k := h.deedWith(idOf(r.UID))
	if k == nil {
		s := subject{boot: r.BootID, path: r.Cgroup, comm: r.Comm, pid: r.PID, tgid: r.TGID, hasPID: true}
		s.own(h.lastDeed())
		s.readPath()
		d := h.deedOn(&s, moment{wall: r.At})
		d.uid, d.proven = idOf(r.UID), r.Verified
		h.remember(d)
		k = &h.all[len(h.all)-1]
	}
	k.recorded, h.records = true, true
	victim := k.subject()
	if x := h.killOf(victim, &k.at, nil); x != nil && x.waits {
		x.kernel, x.held = k.copy(), nil
		h.rest(x)
	}
	h.explainAll(k, victim)
}

// idOf returns the first bytes of a record's id.
func idOf(uid string) (id [16]byte) {
	_, _ = hex.Decode(id[:], []byte(uid[:min(len(uid), 2*len(id))]))
	return id
}

// deedWith returns the kill of the kernel whose record has an id, nil for none.
func (h *Host) deedWith(id [16]byte) *deed {
	for i := h.first; i < len(h.all); i++ {
		if h.all[i].uid == id {
			return &h.all[i]
		}
	}
	return nil
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
