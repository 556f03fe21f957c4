// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// owner is the unit that a process was seen in: journald says so beside each entry that the process
// wrote. systemd's line about a death names a unit, and the kernel's and audit's name a process.
type owner struct {
	pid                                    int64
	boot, comm, unit, userUnit, invocation string
	user                                   report.Int
	at                                     moment // of the first entry
}

// unknown is the owner of a process of which none is known.
var unknown owner

// maxOwners bounds the processes whose units are known. One of two whose ids are equal modulo
// maxOwners is known: the one that wrote last.
const maxOwners = 1024

// Learn notes which unit a process is in: the keys PID, Comm, Unit or UserUnit with UserID, and
// Invocation. It keeps copies. grew is set where the host takes more memory than before.
func (h *Host) Learn(k *witness.Keys, at *report.Stamp, stream int) (grew bool) {
	if grew = h.owners == nil; grew {
		h.owners = make([]owner, maxOwners)
	}
	o := &h.owners[uint64(k.PID)%maxOwners]
	if o.pid == k.PID && o.unit == k.Unit && o.userUnit == k.UserUnit && o.user == k.UserID && o.invocation == k.Invocation && o.comm == k.Comm && o.boot == at.BootID {
		return grew
	}
	*o = owner{
		pid: k.PID, boot: strings.Clone(at.BootID), comm: strings.Clone(k.Comm), unit: strings.Clone(k.Unit), userUnit: strings.Clone(k.UserUnit),
		invocation: strings.Clone(k.Invocation), user: k.UserID, at: momentOf(at, time.Time{}, stream),
	}
	return grew
}

// ownerOf returns the unit that the process of a line was in by then, nil where that is not known.
// Its name has to be the same: ids are used again.
func (h *Host) ownerOf(s *subject, at *moment) *owner {
	if h.owners == nil || !s.hasPID || s.comm == "" {
		return nil
	}
	o := &h.owners[uint64(s.pid)%maxOwners]
	if d, ok := at.since(&o.at); o.pid != s.pid || !ok || d < 0 || differ(o.boot, s.boot) || kernelName(o.comm) != kernelName(s.comm) {
		return nil
	}
	return o
}

// meet joins a signal that names a process and the death of a unit that the process was in, where
// there is one such signal and one such death, and returns whether x now belongs to another item.
// That the process was the one that the death is about is not proven by it.
func (h *Host) meet(x *item) bool {
	if h.owners == nil {
		return false
	}
	other := h.one(x)
	if other == nil || !other.waits || h.one(other) != x {
		return false
	}
	signal, death := x, other
	if x.fact.Kind == witness.Death {
		signal, death = other, x
	}
	h.rest(signal)
	h.attach(death, signal)
	death.supposed = true
	return signal == x
}

// one returns the one item that may be of the same death as x by its unit, nil where there are none
// or several.
func (h *Host) one(x *item) (one *item) {
	m := markSignal
	if x.fact.Kind == witness.Sent {
		own := h.ownerOf(&x.subject, &x.at)
		if own == nil {
			return nil
		}
		m = place(own.unit, own.userUnit)
	}
	for o := range h.marked(m) {
		if o == x || o.of != nil || !h.mayMeet(x, o) {
			continue
		}
		if one != nil {
			return nil
		}
		one = o
	}
	return one
}

// mayMeet reports whether one is a signal to a process, the other one the death of its unit, and no
// other line says more.
func (h *Host) mayMeet(x, o *item) bool {
	signal, death := x, o
	if x.fact.Kind == witness.Death {
		signal, death = o, x
	}
	if signal.fact.Kind != witness.Sent || death.fact.Kind != witness.Death || signal.fact.Outcome != witness.OutcomeDone ||
		signal.isPlaced() || !signal.hasPID || death.hasPID || death.hasContainer() {
		return false
	}
	own := h.ownerOf(&signal.subject, &signal.at)
	if own == nil || own.unit != death.unit || own.userUnit != death.userUnit || differ(own.invocation, death.invocation) || differ(own.boot, death.boot) ||
		own.user != death.user && own.user.OK && death.user.OK {
		return false
	}
	for _, member := range death.with {
		if member.fact.Kind == witness.Sent && member.hasPID {
			return false
		}
	}
	for _, member := range signal.with {
		if member.fact.Kind == witness.Death || member.isPlaced() {
			return false
		}
	}
	d, ok := death.at.since(&signal.at)
	return ok && signal.explains(death, d, ok)
}

// isPlaced reports whether an item says where its process ran.
func (x *item) isPlaced() bool {
	return x.unit != "" || x.userUnit != "" || x.path != "" || x.hasContainer() || x.pod != ""
}
