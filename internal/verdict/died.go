// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// takeDeath takes a death, or a signal that may explain one.
func (h *Host) takeDeath(x *item) {
	if x.fact.Kind == witness.Sent {
		x.hold = max(holdObserved, x.received().after)
	}
	root := h.deathOf(x)
	if root == nil {
		h.add(x, true)
		return
	}
	if d, ok := x.at.since(&root.at); ok && root.waits { // for what x waits for, too
		h.setHold(root, max(root.hold, min(d+x.hold, 2*maxHold)))
	}
	h.attach(root, x)
	if root.waits && x.hasPID && (x.unit != "" || x.hasContainer()) {
		h.gather(root, x, (*item).isOpenEnd, x.sameEnd) // x names a process and where it ran
	}
}

// isOpenEnd reports whether a death or a signal waits, and belongs to no other item.
func (x *item) isOpenEnd() bool { return x.waits && x.of == nil && x.isEnd() }

// isEnd reports whether an item is a death, or a signal that may explain one.
func (x *item) isEnd() bool { return x.fact.Kind == witness.Death || x.fact.Kind == witness.Sent }

// deathOf returns the first of the lines about the same death that wait still, or were an event.
func (h *Host) deathOf(x *item) *item {
	for o := range h.joined(&x.subject) {
		if !o.isEnd() || !x.sameEnd(o) {
			continue
		}
		if o.of != nil {
			o = o.of
		}
		said := o.waits || h.deathIn(append([]*item{o}, o.with...)) != nil
		if said && !h.hasRole(o, x) && !x.isAfterDeath(o) {
			return o
		}
	}
	return nil
}

// received returns when a signal is received, from when its line was written on.
func (x *item) received() window {
	w, hold := ofSignal, min(x.fact.Hold, maxHold)
	if x.hasContainer() {
		w = ofContainerSignal
		hold += w.after
	}
	w.after = min(max(w.after, hold), maxHold)
	return w
}

// isAfterDeath reports whether x is a signal that was sent after the death that a group is about: a
// container that was started again.
func (x *item) isAfterDeath(root *item) bool {
	if x.fact.Kind != witness.Sent {
		return false
	}
	before := func(o *item) bool {
		d, ok := x.at.since(&o.at)
		return o.fact.Kind == witness.Death && ok && d > slack
	}
	return before(root) || slices.ContainsFunc(root.with, before)
}

// sameEnd reports whether two lines about a death or a signal are about one.
func (x *item) sameEnd(o *item) bool {
	if x.fact.Kind == witness.Death && o.fact.Kind == witness.Death {
		return x.sameDeath(o)
	}
	k := x.subject.joins(&o.subject)
	d, ok := x.at.since(&o.at)
	if k == noKey || k == byParent {
		return false
	}
	if x.fact.Kind == o.fact.Kind {
		w := window{slack, slack}
		if k == byContainer { // the kubelet has containerd do it, which waits for the grace period
			w.before, w.after = x.received().after, o.received().after
		}
		return w.has(d, ok)
	}
	sent, death := x, o
	if x.fact.Kind == witness.Death {
		sent, death = o, x
		d = -d
	}
	return sent.explains(death, -d, ok)
}

// explains reports whether a signal can be what a death came of, d later.
func (x *item) explains(death *item, d time.Duration, ok bool) bool {
	if ok && d == 0 && x.at.stream == death.at.stream && x.fact.At.Number > death.fact.At.Number {
		return false
	}
	w := x.received()
	if x.at.stream != death.at.stream {
		w.before = time.Second
	}
	return w.has(d, ok)
}
