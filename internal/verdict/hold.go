// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

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
	if than.IsZero() || x.came.wall.IsZero() {
		return time.Time{}
	}
	if until := x.came.wall.Add(x.hold); until.Before(than) {
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
		waited, ok := now.since(&x.came)
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
