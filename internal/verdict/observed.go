// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// takeObservation takes what somebody says of another one's kill.
func (h *Host) takeObservation(x *item) {
	if d := h.deedOf(x); d != nil {
		h.add(x, false)
		h.explain(x, d)
		return
	}
	for kill := range h.joined(&x.subject) {
		if kill.isKill() && kill.of == nil && (kill.waits || kill.counts) && h.isOf(x, kill) {
			h.join(kill, x)
			if h.observations == All {
				h.say(Observed, x, append([]*witness.Fact{kill.fact}, factsOf(kill.with)...))
			}
			return
		}
	}
	if root := h.groupOf(x); root != nil {
		h.attach(root, x)
		h.gather(root, x, (*item).isOpen, func(o *item) bool { return o.isVaguerThan(x) && x.sameDeath(o) })
		if root.kernel != nil {
			x.kernel = root.kernel
		}
		if h.observations == All && !root.waits {
			h.say(Observed, x, nil)
		}
		return
	}
	h.add(x, true)
}

// gather adds to a group the other groups that its new member shows to be about the same death, of
// those that wait. A runtime names a container, and systemd the slice of a pod; the line of the
// scope names both. Of observations only what names less than the member is added: by a slice, two
// units are not one.
func (h *Host) gather(root, x *item, waits, same func(*item) bool) {
	for _, o := range oldestFirst(h.joined(&x.subject), waits) {
		if o != root && waits(o) && same(o) && !h.hasRole(root, o) {
			h.rest(o)
			h.attach(root, o)
		}
	}
}

// isVaguerThan reports whether an item names less of whom it is about than x does.
func (x *item) isVaguerThan(o *item) bool {
	return x.isParent() && !o.isParent() || !x.hasContainer() && o.hasContainer()
}

// groupOf returns the first of the facts of the same kind that are about the same death: of several
// groups one that names no less than x, where there is one.
func (h *Host) groupOf(x *item) (vague *item) {
	for o := range h.joined(&x.subject) {
		if o == x || o.fact.Kind != x.fact.Kind || !x.sameDeath(o) {
			continue
		}
		if o.of != nil {
			o = o.of
		}
		if o.fact.Kind != x.fact.Kind || h.hasRole(o, x) {
			continue
		}
		if !o.isVaguerThan(x) {
			return o
		}
		if vague == nil {
			vague = o
		}
	}
	return vague
}

// hasRole reports whether a group, or what is of the same kill of the kernel, has the same line at
// another time.
func (h *Host) hasRole(root, x *item) bool {
	again := func(o *item) bool {
		d, ok := x.at.since(&o.at)
		return o.role == x.role && !(ok && d.Abs() <= slack)
	}
	return again(root) || slices.ContainsFunc(root.with, again) ||
		root.kernel != nil && anyOf(h.sameUnit(x), func(o *item) bool {
			return o.kernel != nil && *o.kernel == *root.kernel && again(o) && x.isTwin(o)
		})
}

// deedOf returns the kill of the kernel that an observation or a death is of: of several the
// nearest by what joins them, then by time.
func (h *Host) deedOf(x *item) *deed {
	if x.fact.Kind == witness.Observation && x.fact.Killer != "" && x.fact.Killer != witness.Kernel {
		return nil
	}
	best, strongest := h.nearest(x)
	if best == nil || strongest != byUnit {
		return best
	}
	if best = h.deedOfUnit(x); best != nil && h.isOfOtherRun(x, &best.at) {
		return nil
	}
	return best
}

func (h *Host) nearest(x *item) (best *deed, strongest key) {
	var least time.Duration
	for _, d := range h.deedsOf(&x.subject) {
		k := x.concerns(d.subject(), &d.at)
		if k == noKey {
			continue
		}
		away, _ := x.at.since(&d.at)
		if away = away.Abs(); best == nil || k < strongest || k == strongest && away < least {
			best, strongest, least = d, k, away
		}
	}
	return best, strongest
}

// deedOfUnit returns the kill in its unit that a line is of. The same line at two times is about
// two deaths, and so of two kills: the line and the kill that are nearest to each other go together
// first.
func (h *Host) deedOfUnit(x *item) *deed {
	type pair struct {
		of   *item
		deed *deed
		away time.Duration
	}
	twins := []*item{x}
	twins = append(twins, oldestFirst(h.sameUnit(x), x.isTwin)...)
	var pairs []pair
	for _, d := range h.deedsInUnit(x, twins) {
		away, ok := x.at.since(&d.at)
		if ok && away.Abs() > 2*ofUnitEnd.after {
			continue
		}
		for _, o := range twins {
			if o.concerns(d.subject(), &d.at) == byUnit {
				away, _ = o.at.since(&d.at)
				pairs = append(pairs, pair{o, d, away.Abs()})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.away, b.away) })
	for len(pairs) > 0 {
		first := pairs[0]
		if first.of == x {
			return first.deed
		}
		pairs = slices.DeleteFunc(pairs, func(p pair) bool { return p.of == first.of || p.deed == first.deed })
	}
	return nil
}

// deedsInUnit returns the kills of the kernel that may be of a line or of its twins, oldest first:
// where the line names a unit, those in it.
func (h *Host) deedsInUnit(x *item, twins []*item) []*deed {
	if x.unit != "" || x.userUnit != "" || len(twins) == 1 {
		return h.deedsOf(&x.subject)
	}
	deeds := h.deeds()
	all := make([]*deed, len(deeds))
	for i := range deeds {
		all[i] = &deeds[i]
	}
	return all
}

// isTwin reports whether another item is the same line about the same unit at another time.
func (x *item) isTwin(o *item) bool {
	if o == x || o.role != x.role || o.fact.Kind != x.fact.Kind || o.unit != x.unit || o.userUnit != x.userUnit || !x.sameUser(&o.subject) {
		return false
	}
	d, ok := x.at.since(&o.at)
	return ok && d.Abs() > slack
}

// isOfTwin reports whether what joins a line to a kill is their unit, and the same line at another
// time is nearer to the kill.
func (h *Host) isOfTwin(x *item, k key, kill *moment) bool {
	away, ok := x.at.since(kill)
	if k != byUnit || !ok {
		return false
	}
	return h.isOfOtherRun(x, kill) || anyOf(h.sameUnit(x), func(o *item) bool {
		d, ok := o.at.since(kill)
		return ok && d.Abs() < away.Abs() && x.isTwin(o)
	})
}

// isOfOtherRun reports whether a line that is nearer to a kill in its unit names another invocation
// of the unit: the unit was started again between the two.
func (h *Host) isOfOtherRun(x *item, kill *moment) bool {
	away, ok := x.at.since(kill)
	if !ok || x.invocation == "" {
		return false
	}
	for o := range h.sameUnit(x) {
		if o.invocation == "" || o.invocation == x.invocation || o.unit != x.unit || o.userUnit != x.userUnit {
			continue
		}
		if d, ok := o.at.since(kill); ok && d.Abs() < away.Abs() {
			return true
		}
	}
	return false
}

// explain joins an observation, and all that belongs to it, to a kill of the kernel.
func (h *Host) explain(x *item, d *deed) {
	if x.fact.Killer != "" && x.fact.Killer != witness.Kernel {
		return
	}
	h.rest(x)
	x.kernel = d.copy()
	for _, o := range x.with {
		o.kernel = x.kernel
	}
	h.sayJoined(x)
}

// sayJoined makes events of observations that join a kill, where all are wanted.
func (h *Host) sayJoined(x *item) {
	if h.observations != All {
		return
	}
	h.say(Observed, x, factsOf(x.with))
	for _, o := range x.with {
		h.say(Observed, o, nil)
	}
}

// takeEviction takes an eviction; two lines about one make one event.
func (h *Host) takeEviction(x *item) {
	if root := h.groupOf(x); root != nil {
		h.attach(root, x)
		return
	}
	h.add(x, true)
}
