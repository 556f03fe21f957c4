// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// killOf returns the kill of another killer that is the same death, nil where there is none. before
// is an item that is not asked.
func (h *Host) killOf(s *subject, at *moment, before *item) *item {
	for x := range h.joined(s) {
		if x == before || !x.isKill() || x.of != nil || !x.waits && !x.counts {
			continue
		}
		if x.subject.sameKill(&x.at, s, at) {
			return x
		}
	}
	return nil
}

// takeKill takes a kill, or the decision to kill.
func (h *Host) takeKill(x *item) {
	f := x.fact
	x.hold = min(max(f.Hold, 0), maxHold)
	if x.isClaim() {
		x.hold = max(x.hold, holdObserved)
	}
	if x.outcome == "" {
		x.outcome = witness.OutcomeDone
	}
	if x.outcome == witness.OutcomeFailed || x.outcome == witness.OutcomeDryRun {
		h.add(x, true)
		h.settle(x)
		return
	}
	for _, d := range h.deedsOf(&x.subject) {
		if (d.proven || !f.Verified) && d.subject().sameKill(&d.at, &x.subject, &x.at) {
			x.kernel = d.copy()
			h.add(x, false)
			return
		}
	}
	first := h.killOf(&x.subject, &x.at, x)
	var claim *item
	if first != nil && !first.countsFor(x) && (first.waits || first.fact.Text != f.Text) { // what is proven is the record
		claim, first = first, nil
	}
	if first != nil {
		h.attach(first, x)
		switch {
		case !first.waits, !x.countsFor(first):
		case f.Kind == witness.Kill:
			h.finish(first, witness.OutcomeDone, &x.at)
		case first.outcome == witness.OutcomeFailed: // and now a harder signal follows
			first.outcome, first.ended = x.outcome, false
			if d, ok := x.at.since(&first.at); ok && d > 0 {
				h.setHold(first, d+x.hold)
			}
		}
		return
	}
	h.add(x, true)
	if claim != nil && claim.waits {
		h.rest(claim)
		x.kernel, x.held, claim.held = claim.kernel, claim.held, nil
		h.attach(x, claim)
	}
	for _, o := range oldestFirst(h.joined(&x.subject), (*item).isOpen) {
		if o.isOpen() && h.isOf(o, x) {
			h.rest(o)
			h.sayJoined(o)
			h.join(x, o)
		}
	}
	if x.waits && f.Kind == witness.Kill && x.hold == 0 {
		h.settle(x)
	}
}

// isClaim reports whether nothing proves a kill, and the kernel may prove one of the same process:
// its line, which comes soon, then is the record.
func (x *item) isClaim() bool { return !x.fact.Verified && x.hasPID }

// countsFor reports whether what a line says of a kill counts: what is proven is neither hidden nor
// ended by a line that anybody can write.
func (x *item) countsFor(kill *item) bool { return x.fact.Verified || !kill.fact.Verified }

// finish says how a kill ended, by a line of that moment. It leaves at once, but for a claim: see
// [item.isClaim].
func (h *Host) finish(kill *item, outcome string, at *moment) {
	kill.outcome, kill.ended = outcome, true
	if outcome != witness.OutcomeDone || !kill.isClaim() {
		h.settle(kill)
	} else if d, ok := at.since(&kill.at); ok {
		h.setHold(kill, min(kill.hold, max(d, 0)+holdObserved))
	}
}

// copy returns a kill of the kernel that outlives the list.
func (d *deed) copy() *deed { c := *d; return &c }

// isOf reports whether an observation is about a kill of another program than the kernel. A process
// that two killers went after died once.
func (h *Host) isOf(x, kill *item) bool {
	k := x.concerns(&kill.subject, &kill.at)
	return k == byPID || k != noKey && (x.fact.Killer == "" || x.fact.Killer == kill.fact.Writer) && !(k == byUnit && h.hasRole(kill, x))
}

// join adds an observation, and all that belongs to it, to a kill; a decision of which another
// program says that it was done is done.
func (h *Host) join(kill, x *item) {
	confirms := func(o *item) bool {
		return o.fact.Killer != "" && o.fact.Killer == kill.fact.Writer && o.countsFor(kill)
	}
	done := confirms(x) || slices.ContainsFunc(x.with, confirms)
	h.attach(kill, x)
	if kill.waits && done {
		h.finish(kill, witness.OutcomeDone, &x.at)
	}
}

// attach adds an item to another one.
func (h *Host) attach(to, x *item) {
	if !h.has(x) {
		h.add(x, false)
	}
	own := x.with
	x.with = nil
	for _, o := range append([]*item{x}, own...) {
		if o.of = to; len(to.with) < maxGroup {
			to.with = append(to.with, o)
		}
	}
}

// takeOutcome takes what became of a decision of the same writer.
func (h *Host) takeOutcome(x *item) {
	for kill := range h.marked(markKiller.of(x.fact.Writer)) {
		if !kill.waits || !kill.isKill() || kill.ended || kill.fact.Writer != x.fact.Writer || !x.countsFor(kill) {
			continue
		}
		if x.hasPID && kill.hasPID && x.pid != kill.pid || x.path != "" && x.path != kill.path {
			continue
		}
		if d, ok := x.at.since(&kill.at); !ok && x.at.stream != kill.at.stream || ok && d < -slack {
			continue
		}
		h.attach(kill, x)
		switch d, ok := x.at.since(&kill.at); {
		case x.outcome == witness.OutcomeEscalated:
		case x.outcome == witness.OutcomeFailed && x.fact.Hold > 0: // a harder signal may follow
			kill.outcome, kill.ended = x.outcome, true
			if ok {
				h.setHold(kill, max(d, 0)+min(x.fact.Hold, maxHold))
			}
		default:
			h.finish(kill, x.outcome, &x.at)
		}
		return
	}
	if x.outcome == witness.OutcomeFailed && (x.hasPID || x.path != "" || x.unit != "") {
		h.add(x, false)
	}
}
