// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// window is how long before and after a kill a line about it may be written.
type window struct{ before, after time.Duration }

func (w window) has(d time.Duration, ok bool) bool { return ok && d >= -w.before && d <= w.after }

// slack is what two clocks, and timestamps of whole seconds, may be apart.
const slack = 2 * time.Second

// The windows, by what joins.
var (
	// A runtime may speak of a container before the kernel's line is read, and the death of a pod
	// takes a while to be seen.
	ofContainer = window{slack, time.Minute}
	// The kubelet's events are aggregated, and repeated when it starts anew.
	ofProcess = window{5 * time.Second, 10 * time.Minute}
	// systemd looks at once. How a unit ended it says when it has stopped.
	ofUnit    = window{slack, 10 * time.Second}
	ofUnitEnd = window{slack, 90 * time.Second}
	// A slice repeats it when systemd comes to it: 7 seconds later on a busy machine.
	ofParent = window{slack, 10 * time.Second}
	ofPod    = window{slack, time.Minute}
	ofStep   = window{slack, 10 * time.Minute}
	// Two killers may go after one process, and one of them again.
	ofVictim = window{time.Minute, time.Minute}
	ofCgroup = window{5 * time.Second, 5 * time.Second}
	// What was sent is received at once. Docker sends by way of other programs, and says that a
	// container died once it has cleared it away; the id is that of one container.
	ofSignal          = window{0, slack}
	ofContainerSignal = window{0, 20 * time.Second}
)

// concerns returns what joins a fact to a kill, where the time fits.
func (x *item) concerns(s *subject, at *moment) key {
	k := x.subject.joins(s)
	if k == noKey {
		return noKey
	}
	d, ok := x.at.since(at)
	if k == byContainer && !ok {
		return k // an id is given once
	}
	w := ofUnit
	switch k {
	case byContainer, byCgroup:
		w = ofContainer
	case byPID:
		if w = ofProcess; x.comm == "" || s.comm == "" {
			w = ofUnit
		}
	case byUnit:
		if x.fact.Kind == witness.Observation && x.fact.Killer == "" {
			w = ofUnitEnd
		}
	case byParent:
		w = ofParent
	case byPod:
		w = ofPod
	case byStep:
		w = ofStep
	}
	if !w.has(d, ok) {
		return noKey
	}
	return k
}

// sameDeath reports whether two observations, or two lines about a death, are about one.
func (x *item) sameDeath(o *item) bool {
	k := x.subject.joins(&o.subject)
	if k == noKey {
		return false
	}
	d, ok := x.at.since(&o.at)
	if x.role == o.role && x.fact.Kind == o.fact.Kind && !(ok && d.Abs() <= slack) {
		return false // the same line again is another death
	}
	if differ(x.fact.Killer, o.fact.Killer) {
		return false
	}
	w := ofUnitEnd
	switch k {
	case byParent:
		w = ofParent
	case byPID, byStep:
		w = ofProcess
	}
	return window{w.after, w.after}.has(d, ok)
}

// sameKill reports whether two kills are of one death.
func (s *subject) sameKill(at *moment, o *subject, oAt *moment) bool {
	w := window{}
	switch k := s.joins(o); {
	case s.hasPID && o.hasPID:
		if k != noKey && s.samePID(o) {
			w = ofVictim
		}
	case s.hasPID || o.hasPID: // one of a process, one of all of a cgroup: both are
	case k == byCgroup && s.path == o.path, k == byContainer:
		w = ofCgroup
	case k == byStep:
		w = ofVictim
	}
	return w != window{} && w.has(at.since(oAt))
}

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
		h.gather(root, x)
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

// gather adds to a group the other groups that its new member shows to be about the same death. A
// runtime names a container, and systemd the slice of a pod; the line of the scope names both. Only
// what names less than the member is added: by a slice, two units are not one.
func (h *Host) gather(root, x *item) {
	for _, o := range oldestFirst(h.joined(&x.subject), (*item).isOpen) {
		if o == root || !o.isOpen() || !o.isVaguerThan(x) || !x.sameDeath(o) || h.hasRole(root, o) {
			continue
		}
		h.rest(o)
		members := o.with
		o.with = nil
		h.attach(root, o)
		for _, member := range members {
			member.of = root
			h.attach(root, member)
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
	if x.fact.Kind == witness.Observation && x.fact.Killer != "" && x.fact.Killer != "kernel" {
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
	if x.fact.Killer != "" && x.fact.Killer != "kernel" {
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
		h.gatherDeaths(root, x)
	}
}

// gatherDeaths adds to a group the other groups that its new member, which names a process and
// where it ran, shows to be about the same death.
func (h *Host) gatherDeaths(root, x *item) {
	isEnd := func(o *item) bool {
		return o.waits && o.of == nil && (o.fact.Kind == witness.Death || o.fact.Kind == witness.Sent)
	}
	for _, o := range oldestFirst(h.joined(&x.subject), isEnd) {
		if o != root && isEnd(o) && x.sameEnd(o) && !h.hasRole(root, o) {
			h.rest(o)
			h.attach(root, o)
		}
	}
}

// deathOf returns the first of the lines about the same death that wait still, or were an event.
func (h *Host) deathOf(x *item) *item {
	for o := range h.joined(&x.subject) {
		if o.fact.Kind != witness.Death && o.fact.Kind != witness.Sent || !x.sameEnd(o) {
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
