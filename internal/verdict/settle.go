// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// settle says what becomes of an item that has waited.
func (h *Host) settle(x *item) {
	h.rest(x)
	switch x.fact.Kind {
	case witness.Kill, witness.Decision:
		h.settleKill(x)
	case witness.Observation:
		h.settleObservation(x)
	case witness.Eviction:
		h.say(Eviction, x, factsOf(x.with))
	case witness.Death, witness.Sent:
		h.settleDeath(x)
	}
}

// settleKill says whether a kill is one. The kernel's kills of the same process then are none, else
// they are what they were.
func (h *Host) settleKill(x *item) {
	switch x.outcome {
	case witness.OutcomeDone, witness.OutcomeAnnounced:
		x.counts, x.held = true, nil
		h.say(Kill, x, factsOf(x.with))
		h.keep(keptLine{at: x.at, position: x.first, hold: holdObserved})
		return
	}
	if len(x.held) > 0 {
		x.kernel = nil // a death of its own
	}
	h.say(KillAttempt, x, factsOf(x.with))
	for _, rec := range x.held {
		h.events = append(h.events, Event{Kind: Kernel, Record: rec})
	}
	x.held = nil
	members := x.with
	x.with = nil
	for _, o := range members {
		if o.fact.Kind != witness.Observation && o.fact.Kind != witness.Kill && o.fact.Kind != witness.Decision {
			continue
		}
		if o.of = nil; !h.has(o) {
			continue
		}
		if o.isKill() {
			if o.fact.Writer != x.fact.Writer { // else it was no better for the harder signal
				h.wait(o)
			}
			continue
		}
		if d := h.deedOf(o); d != nil {
			h.explain(o, d)
			continue
		}
		if root := h.groupOf(o); root != nil && root.waits {
			h.attach(root, o)
			continue
		}
		h.wait(o)
	}
}

// settleObservation says that there was a kill which nothing else in the log shows.
func (h *Host) settleObservation(x *item) {
	if h.observations == None {
		return
	}
	group := append([]*item{x}, x.with...)
	slices.SortStableFunc(group, func(a, b *item) int {
		return cmp.Or(cmp.Compare(a.says(), b.says()), earlier(a, b), strings.Compare(a.fact.Text, b.fact.Text))
	})
	h.say(Observed, group[0], factsOf(group[1:]))
	if h.observations == All {
		for _, o := range group[1:] {
			h.say(Observed, o, nil)
		}
	}
}

// says ranks observations by how much they say of whom, the most first.
func (x *item) says() int {
	switch {
	case x.hasPID:
		return 0
	case x.container != "":
		return 1
	case x.hasContainer(), x.pod != "", x.podName != "", x.job != "":
		return 2
	case x.isParent() && x.userUnit == "":
		return 8
	case x.isParent():
		return 7
	case x.fact.Killer == "":
		return 4
	}
	return 3
}

// isParent reports whether an item is about a slice, or the manager of a user.
func (x *item) isParent() bool {
	const slice = ".slice"
	if x.userUnit != "" {
		return strings.HasSuffix(x.userUnit, slice)
	}
	return strings.HasSuffix(x.unit, slice) || strings.HasPrefix(x.unit, "user@")
}

// earlier compares two items by their times, where these are known, then by their order.
func earlier(a, b *item) int {
	if d, ok := a.at.since(&b.at); ok && d != 0 {
		return cmp.Compare(d, 0)
	}
	return cmp.Compare(a.order, b.order)
}

// say makes an event.
func (h *Host) say(kind EventKind, x *item, evidence []*witness.Fact) {
	e := Event{Kind: kind, Fact: x.fact, Evidence: evidence}
	if kind == Kill || kind == KillAttempt {
		e.Outcome = x.outcome
	}
	if x.kernel != nil {
		e.KernelID = x.kernel.uid
	}
	if kind == Kill {
		for _, f := range evidence { // a harder signal of the same killer
			if f.Writer == x.fact.Writer && f.Signal != "" && x.fact.Signal != "" {
				e.Signal = f.Signal
			}
		}
	}
	for _, f := range evidence {
		if f.Count.OK && !x.fact.Count.OK {
			e.Count = f.Count.V
		}
	}
	h.events = append(h.events, e)
}

func factsOf(items []*item) []*witness.Fact {
	facts := make([]*witness.Fact, len(items))
	for i, x := range items {
		facts[i] = x.fact
	}
	return facts
}

// settleDeath gives the verdict of a death.
func (h *Host) settleDeath(x *item) {
	if h.meet(x) {
		return
	}
	group := append([]*item{x}, x.with...)
	death := h.deathIn(group)
	if death == nil {
		return
	}
	e := Event{Kind: Sigkill, Fact: death.fact, Sources: slices.Clone(h.writers)}
	evidence := map[*witness.Fact]bool{death.fact: true}
	list := func(f *witness.Fact) {
		if !evidence[f] && len(e.Evidence) < maxGroup {
			evidence[f] = true
			e.Evidence = append(e.Evidence, f)
		}
	}
	var processes []*item // that signals which explain the death name
	var proven [CauseKernel + 1]bool
	blame := func(c Cause, by bool) {
		e.Cause = max(e.Cause, c)
		proven[c] = proven[c] || by
	}
	for _, o := range group {
		if o.fact.Kind == witness.Death && o.fact.Reason != "" { // its writer killed
			blame(CauseSupervisor, o.fact.Verified)
		}
		if d := h.deedOfDeath(o); d != nil && !h.outlived(o, d.subject(), &d.at) {
			e.KernelID = d.uid
			blame(CauseKernel, o.fact.Verified && d.proven && d.owner == &unknown)
		}
		for _, f := range h.around(o) {
			c := f.causeOf(o)
			if stop := h.stopFor(o, f); c == CauseUnknown && stop != nil {
				blame(CauseEvicted, o.fact.Verified && f.fact.Verified && stop.fact.Verified)
				list(f.fact)
				list(stop.fact)
				continue
			}
			switch {
			case c == CauseUnknown && (f.fact.Kind != witness.Observation || f.concerns(&o.subject, &o.at) == noKey),
				h.isOfTwin(o, o.about(f), &f.at):
				continue
			case c != CauseUnknown && !(c == CauseKernel && h.outlivedOf(o, f)):
				blame(c, o.fact.Verified && f.fact.Verified && (f.kernel == nil || f.kernel.proven))
			}
			list(f.fact)
		}
		if o == death {
			continue
		}
		list(o.fact)
		if o.fact.Kind != witness.Sent {
			continue
		}
		if death.fact.Kind == witness.Death {
			if d, ok := death.at.since(&o.at); !o.explains(death, d, ok) {
				continue
			}
		}
		blame(h.sent(&e, o), o.fact.Verified)
		if o.hasPID {
			processes = append(processes, o)
		}
	}
	if death.fact.Kind == witness.Sent {
		blame(h.sent(&e, death), death.fact.Verified)
	}
	if e.Cause == CauseSent && !death.hasPID {
		e.Process = theOne(processes)
	}
	e.Unproven = x.supposed || e.Cause != CauseUnknown && !proven[e.Cause] || e.Sender != nil && !e.Sender.Verified
	h.events = append(h.events, e)
}

// theOne returns the signal that names the process where all name the same one, else nil.
func theOne(signals []*item) *witness.Fact {
	for _, o := range signals {
		if !o.samePID(&signals[0].subject) {
			return nil
		}
	}
	if len(signals) == 0 {
		return nil
	}
	return signals[0].fact
}

// sent takes who sent a signal into a verdict and returns the cause that this is.
func (h *Host) sent(e *Event, x *item) Cause {
	if e.Sender == nil || e.Sender.Sender == (witness.Sender{}) {
		e.Sender = x.fact
	}
	if x.fact.Reason == "worker_timeout" {
		return CauseSupervisor
	}
	return CauseSent
}

// deathIn returns the line of a group that the event is made of: a death, the one that says most,
// else a signal that is proven to have been sent. It is nil where the group has neither.
func (h *Host) deathIn(group []*item) (best *item) {
	rank := func(x *item) int {
		if x.fact.Kind == witness.Sent {
			return 100
		}
		return x.says()
	}
	for _, x := range group {
		if x.fact.Kind == witness.Sent && x.fact.Outcome != witness.OutcomeDone {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(rank(x), rank(best)), earlier(x, best), strings.Compare(x.fact.Text, best.fact.Text)) < 0 {
			best = x
		}
	}
	return best
}

// outlived reports whether a death came of a signal that was sent after a kill of the kernel in the
// same unit or container: the kernel killed another process of it, and this one lived on until
// then.
func (h *Host) outlived(death *item, kill *subject, at *moment) (outlived bool) {
	for x := range h.joined(&death.subject) {
		if x.fact.Kind != witness.Sent || x.fact.Hold > 0 || !x.sameEnd(death) { // what is held is announced, not done
			continue
		}
		if x.hasPID && h.isDead(x) {
			return false // whoever stops all of a unit signals those that the kernel killed, too
		}
		d, ok := x.at.since(at)
		switch {
		case !ok || d < 0:
		case x.hasPID && kill.hasPID, x.fact.Reason != "" && d > slack:
			outlived = true
		}
	}
	return outlived
}

// outlivedOf is [Host.outlived] of the kernel's kill that a fact is about.
func (h *Host) outlivedOf(death, f *item) bool {
	if f.kernel != nil {
		return h.outlived(death, f.kernel.subject(), &f.kernel.at)
	}
	return h.outlived(death, &f.subject, &f.at)
}

// isDead reports whether the kernel killed the process that a line names.
func (h *Host) isDead(x *item) bool {
	for _, d := range h.deedsOf(&x.subject) {
		if away, ok := x.at.since(&d.at); ofVictim.has(away, ok) && x.subject.joins(d.subject()) == byPID {
			return true
		}
	}
	return false
}

// deedOfDeath returns the kill of the kernel that a death came of.
func (h *Host) deedOfDeath(x *item) *deed {
	if x.fact.Kind != witness.Death {
		return nil
	}
	return h.deedOf(x)
}

// causeOf returns what a fact says of why a death was.
func (x *item) causeOf(death *item) Cause {
	c := CauseUnknown
	switch x.fact.Kind {
	case witness.Kill, witness.Decision:
		if x.counts {
			c = CauseMemoryKiller
		} else if x.kernel != nil {
			c = CauseKernel
		}
	case witness.Observation:
		switch x.fact.Killer {
		case "":
		case witness.Kernel:
			c = CauseKernel
		default:
			c = CauseMemoryKiller
		}
		if x.kernel != nil {
			c = CauseKernel
		}
	case witness.Eviction:
		c = CauseEvicted
	}
	if c == CauseUnknown || death.fact.Kind != witness.Death || death.about(x) == noKey {
		return CauseUnknown
	}
	return c
}

// ofEviction is when the kubelet says that it has evicted a pod, from when it stops the pod's
// containers on: it waits for their end, and where that takes too long, for the pod to be cleaned
// up.
var ofEviction = window{slack, time.Minute}

// stopFor returns the line of the kubelet that it stops a container, where the container died of
// that and its pod was evicted. The line of an eviction has the name of the pod, that of a death
// the container: this one has both.
func (h *Host) stopFor(death, eviction *item) *item {
	if eviction.fact.Kind != witness.Eviction || death.fact.Kind != witness.Death {
		return nil
	}
	for _, x := range oldestFirst(h.joined(&death.subject), (*item).isStop) {
		if x.subject.joins(&death.subject) != byContainer || x.subject.joins(&eviction.subject) != byPod {
			continue
		}
		w := ofEviction
		w.after += x.received().after
		evicted, ok := eviction.at.since(&x.at)
		if died, known := death.at.since(&x.at); w.has(evicted, ok) && known && died >= 0 && died <= max(evicted, 0)+ofPod.after {
			return x
		}
	}
	return nil
}

// around returns the facts that may say something of a death, oldest first: also the evictions that
// [Host.stopFor] may join to it.
func (h *Host) around(death *item) []*item {
	all := oldestFirst(h.joined(&death.subject), func(f *item) bool {
		return f.isStop() || f.fact.Kind == witness.Eviction || f.causeOf(death) != CauseUnknown ||
			f.fact.Kind == witness.Observation && f.concerns(&death.subject, &death.at) != noKey
	})
	n := len(all)
	for _, x := range all[:n] {
		if !x.isStop() {
			continue
		}
		for o := range h.joined(&x.subject) {
			if o.fact.Kind == witness.Eviction {
				all = append(all, o)
			}
		}
	}
	if len(all) > n {
		slices.SortFunc(all, func(a, b *item) int { return cmp.Compare(a.number, b.number) })
		all = slices.Compact(all)
	}
	return all
}

// isStop reports whether the kubelet says that it stops a container.
func (x *item) isStop() bool {
	return x.fact.Kind == witness.Sent && x.fact.Writer == witness.Kubelet && x.fact.Reason != witness.ReasonProbe
}

// about returns what joins a death to a kill that is told of at x.
func (x *item) about(kill *item) key {
	if kill.fact.Kind == witness.Eviction {
		k := x.subject.joins(&kill.subject)
		if d, ok := x.at.since(&kill.at); k == noKey || !(window{slack, 3 * ofPod.after}).has(d, ok) {
			return noKey
		}
		return k
	}
	return x.concerns(&kill.subject, &kill.at)
}
