// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// How often is looked at what no kernel announces. [Policy] says more closely, by what is left.
const (
	// pace is the least time between two times that the watcher works, however much is announced.
	pace = 100 * time.Millisecond
	// tick is what looks are rounded to, so that many are done in one go.
	tick = time.Second
	// shortest is the least time between two looks at a cgroup that is near its limit, and calmest
	// that at another one, however often it is announced that it met its limit: a cgroup that is
	// full of page cache meets it all the time.
	shortest, calmest = time.Second, 5 * time.Second
	// warmth is how long a cgroup counts as near its limit after it was, and the pressure of the
	// machine is read after a trigger.
	warmth = time.Minute
	// polled is how often pressure is read that the kernel does not announce.
	polled = 2 * time.Second
	// unwatched is how often the tree is walked where the kernel does not announce new cgroups, and
	// what cannot be read is tried again. sure is how often the tree is walked where it does.
	unwatched, sure = 10 * time.Second, 10 * time.Minute
	// settled is how long settings of the kernel are taken as unchanged.
	settled = time.Minute
	// adrift is how far apart usage and page cache of a cgroup may be read, to be of one moment.
	adrift = 50 * time.Millisecond
)

// nearHeld is the share of its limit that a cgroup has to hold, without page cache that can be
// dropped, to have all of it read, and its pressure announced. Less of a threshold that is lower.
const nearHeld = 0.7

const (
	// maxTriggers is how many cgroups have their pressure announced: each costs the kernel a
	// thread.
	maxTriggers = 64
	// maxOpen is how many files of cgroups stay open, where the process may have four times as many
	// open: one of each that is looked at, up to five of one that is near its limit.
	maxOpen = 2048
)

// run is what [Watcher.Run] has, for its one goroutine.
type run struct {
	watcher *Watcher
	system  watch.System
	now     func() time.Time
	policy  *Policy
	// patterns choose cgroups; none chooses all.
	patterns []Pattern
	emit     func(*Finding) error

	// notifier is nil where the kernel announces nothing.
	notifier *watch.Notifier
	notices  []watch.Notice
	timer    *time.Timer

	vitals   *watch.Vitals
	settings watch.Settings
	// hostDue is when to look at the machine next, settingsRead and pressureRead when those were
	// read, hostWarm until when its pressure is read, and hostTrigger whether that is announced.
	hostDue, settingsRead, pressureRead, hostWarm time.Time
	hostTrigger                                   bool
	pinned                                        pinned
	// mute is set where the pressure of no cgroup can be announced, and unpressed where there is no
	// pressure that can be read.
	mute, unpressed bool
	// held is how many warnings the policy had held back at the last look, unsaid how many of them
	// nothing was said of yet, and heldSaid when something last was.
	held, unsaid int64
	heldSaid     time.Time

	// hierarchy is empty where there are no cgroups, and unlimited says why.
	hierarchy watch.Hierarchy
	unlimited error
	known     map[string]*node
	todo      []string
	queue     queue
	// open is how many files are, mostOpen how many may be, triggers how many cgroups have one.
	open, mostOpen, triggers int
	// letters is how long the paths of known are together.
	letters int
	// full is set where inotify has no room for more, lost where it had more to say than its queue
	// holds, and unread where a walk could not read all.
	full, lost, unread bool
	walks              int
	walked             time.Time
	// began is what ticks are counted from.
	began time.Time

	// group is the cgroup that is looked at, and buf what its files are read into.
	group watch.Cgroup
	buf   watch.Buffer
}

func newRun(w *Watcher, emit func(*Finding) error) *run {
	hierarchy, err := w.options.System.Hierarchy()
	policy := w.policy
	if policy == nil {
		policy = NewPolicy(w.options.Settings, hierarchy.Version)
	}
	w.policy = nil // one that panicked may be what it panicked of
	return &run{
		watcher: w, system: w.options.System, now: w.options.Now, emit: emit,
		hierarchy: hierarchy, unlimited: err,
		policy: policy, patterns: Patterns(w.options.Settings.Cgroups),
		vitals: w.options.System.Vitals(), known: map[string]*node{}, held: policy.Suppressed(),
		mostOpen: min(maxOpen, mostFiles()/4),
	}
}

// close ends all that is watched and open.
func (r *run) close() {
	for _, n := range r.known {
		r.closeGauge(n)
	}
	r.vitals.Close()
	if r.notifier != nil {
		r.notifier.Close()
	}
}

// leave says what was held back, and leaves what it knows to the run after it.
func (r *run) leave() {
	r.noteHeld()
	r.watcher.policy = r.policy
}

// start finds out what can be watched here, and says what cannot.
func (r *run) start() {
	at := r.now()
	r.began, r.hostDue = at, at
	var err error
	if r.notifier, err = watch.NewNotifier(); err != nil {
		r.noteNotifier(err)
	}
	r.armHost()
	if r.unlimited != nil {
		r.note("cgroups", "only the machine is watched, no cgroup: "+r.unlimited.Error())
	} else {
		r.walk(at)
		r.policy.retain(func(path string) bool { return r.known[path] != nil })
		r.noteUnmatched()
	}
	r.noteProcesses()
}

// loop looks and waits until the context ends, which is its error then.
func (r *run) loop(ctx context.Context) error {
	for {
		next, err := r.look(ctx)
		if err != nil {
			return err
		}
		if err := r.wait(ctx, max(pace, next.Sub(r.now()))); err != nil {
			return err
		}
	}
}

// wait waits until a time is over or something is announced, and has that looked at.
func (r *run) wait(ctx context.Context, timeout time.Duration) error {
	if r.notifier == nil {
		return r.sleep(ctx, timeout)
	}
	if len(r.notices) > 0 { // what is announced meanwhile is announced afterwards, and once
		if err := r.sleep(ctx, pace); err != nil {
			return err
		}
		timeout -= pace
	}
	var err error
	r.notices, err = r.notifier.Wait(ctx, timeout, r.notices[:0])
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.noteNotifier(err)
		r.unannounced()
		return nil
	}
	r.handle(r.notices)
	return nil
}

// sleep waits for a time.
func (r *run) sleep(ctx context.Context, d time.Duration) error {
	if r.timer == nil {
		r.timer = time.NewTimer(d)
	} else {
		r.timer.Reset(d)
	}
	select {
	case <-ctx.Done():
		r.timer.Stop()
		return ctx.Err()
	case <-r.timer.C:
		return nil
	}
}

// unannounced goes on without a notifier.
func (r *run) unannounced() {
	r.notifier.Close()
	r.notifier = nil
	r.hostTrigger, r.triggers = false, 0
	for _, n := range r.known {
		n.tree, n.events, n.trigger = false, false, false
	}
}

// handle takes what was announced.
func (r *run) handle(notices []watch.Notice) {
	at := r.now()
	for _, notice := range notices {
		n := r.known[notice.Path]
		switch {
		case notice.Kind == watch.NoticeLost:
			r.lost = true
		case notice.Kind == watch.NoticePressure && notice.Path == "":
			r.hostWarm = at.Add(warmth)
			r.hostDue = at
		case notice.Kind == watch.NoticeCreated:
			r.add(notice.Path, at)
		case notice.Kind == watch.NoticeRemoved:
			r.remove(notice.Path)
		case n == nil: // it has gone
		case notice.Kind == watch.NoticeLimits:
			r.limits(n, at)
		case notice.Kind == watch.NoticePressure:
			n.warm = at.Add(warmth)
			r.hurry(n, at)
		case notice.Kind == watch.NoticeEvents:
			r.hurry(n, at)
		}
	}
}

// hurry has a cgroup looked at as soon as it may.
func (r *run) hurry(n *node, at time.Time) {
	if n.index == notQueued {
		return
	}
	gap := calmest
	if at.Before(n.warm) {
		gap = shortest
	}
	if due := later(at, n.looked.Add(gap)); due.Before(n.due) {
		n.due = due
		r.queue.schedule(n)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// look looks at all that is due, and returns when to look again.
func (r *run) look(ctx context.Context) (next time.Time, err error) {
	at := r.now()
	if r.hierarchy.Version != 0 && r.walkDue(at) {
		r.walk(at)
	}
	for {
		if err := ctx.Err(); err != nil {
			return at, err
		}
		at = r.now()
		switch {
		case !r.hostDue.After(at):
			err = r.lookHost()
		case len(r.queue) > 0 && !r.queue[0].due.After(at):
			err = r.lookCgroup(r.queue[0])
		default:
			next = r.hostDue
			if len(r.queue) > 0 && r.queue[0].due.Before(next) {
				next = r.queue[0].due
			}
			return next, nil
		}
		if err != nil {
			return at, err
		}
	}
}

// walkDue reports whether the tree is to be walked.
func (r *run) walkDue(at time.Time) bool {
	every := sure
	switch {
	case r.lost:
		every = tick
	case r.notifier == nil || r.full || r.unread:
		every = unwatched
	}
	return at.Sub(r.walked) >= every
}

// onTick is the last tick before a time is over.
func (r *run) onTick(at time.Time, d time.Duration) time.Time {
	due := at.Add(d)
	if d < tick {
		return due
	}
	if on := due.Add(-(due.Sub(r.began) % tick)); on.After(at) {
		return on
	}
	return due
}

// lookHost looks at the machine.
func (r *run) lookHost() error {
	memory, err := r.vitals.Memory()
	at := r.now()
	if err != nil {
		r.note("meminfo", "the machine is not watched: "+err.Error())
		r.hostDue = at.Add(unwatched)
		return nil
	}
	if at.Sub(r.settingsRead) >= settled {
		r.settings, r.settingsRead = r.system.Settings(), at
	}
	h := &Host{Memory: memory, Settings: r.settings, Unswappable: r.unswappable(&memory, at)}
	poll := !r.hostTrigger && !r.unpressed
	if poll && at.Sub(r.pressureRead) >= polled || at.Before(r.hostWarm) {
		r.pressureRead = at
		if h.Pressure, err = r.vitals.Pressure(); err != nil {
			r.notePressure(err)
		}
	}
	findings, next := r.policy.Host(at, h)
	if poll {
		next = min(next, polled)
	}
	r.hostDue = r.onTick(at, next)
	return r.warn(findings)
}

// lookCgroup looks at a cgroup.
func (r *run) lookCgroup(n *node) error {
	at, err := r.read(n)
	g := &r.group
	switch {
	case errors.Is(err, fs.ErrNotExist): // it has gone, or its controller has
		r.calm(n)
		return nil
	case err != nil:
		r.noteUnread(n.path, err)
		r.closeGauge(n)
		n.due = r.now().Add(unwatched)
		r.queue.schedule(n)
		return nil
	}
	if g.Held().V > 0 && r.near(n, g.Held().V) {
		n.warm = at.Add(warmth)
	}
	n.looked = at
	if at.Before(n.warm) {
		r.arm(n)
	} else {
		r.disarm(n)
	}
	findings, next := r.policy.Cgroup(at, g)
	n.due = r.onTick(at, next)
	r.queue.schedule(n)
	return r.warn(findings)
}

// near reports whether what a cgroup holds is near its limit.
func (r *run) near(n *node, held int64) bool {
	return float64(held) >= min(nearHeld, r.watcher.options.Settings.NearLimit)*float64(n.nearest())
}

// read reads into r.group what is worth it: of a cgroup that is far from its limit only the usage.
func (r *run) read(n *node) (at time.Time, err error) {
	if n.gauge == nil {
		n.gauge = r.hierarchy.Gauge(n.path, &r.buf)
	}
	before, near := n.gauge.Open(), false
	defer func() {
		if !near {
			n.gauge.Rest()
		}
		if r.open += n.gauge.Open() - before; r.open > r.mostOpen {
			r.closeGauge(n)
		}
	}()
	g := &r.group
	*g = n.set
	at = r.now()
	if g.Current, err = n.gauge.Usage(); err != nil {
		return at, err
	}
	if near = r.policy.Wants(g) || at.Before(n.warm); !near {
		return at, nil
	}
	n.gauge.Swap(g)
	for range 3 { // where this process does not get to run, the two are of different moments
		before := r.now()
		n.gauge.Cache(g)
		if g.Current, err = n.gauge.Usage(); err != nil {
			return at, err
		}
		if at = r.now(); at.Sub(before) <= adrift {
			break
		}
		g.File, g.Slab = report.Int{}, report.Int{}
	}
	if held := g.Held(); !held.OK || r.near(n, held.V) || at.Before(n.warm) {
		n.gauge.Events(g)
		n.gauge.Pressure(g)
	}
	return at, nil
}

// warn emits what was found.
func (r *run) warn(findings []Finding) error {
	r.countHeld()
	for i := range findings {
		if findings[i].Cgroup != nil {
			g := r.group
			r.complete(&g)
			findings[i].Cgroup = &g
		}
		if err := r.emit(&findings[i]); err != nil {
			return err
		}
	}
	return nil
}

// countHeld counts what was held back, and says so every ten minutes at most.
func (r *run) countHeld() {
	held := r.policy.Suppressed()
	r.watcher.suppressed.Add(held - r.held)
	r.unsaid += held - r.held
	r.held = held
	if at := r.now(); r.unsaid > 0 && (r.heldSaid.IsZero() || at.Sub(r.heldSaid) >= sure) {
		r.noteHeld()
		r.heldSaid = at
	}
}

// complete adds to a cgroup what only a record says of it.
func (r *run) complete(g *watch.Cgroup) {
	all, err := r.hierarchy.ReadLimits(g.Path)
	if err != nil { // it has gone, or there is no memory for it
		return
	}
	g.Peak, g.Events.Max = all.Peak, all.Events.Max
}

// pressure is what the kernel announces: half of what is warned of, within the shortest time that a
// process without rights may ask for.
func (r *run) pressure() watch.Trigger {
	const window = 2 * time.Second
	share := min(max(r.watcher.options.Settings.Pressure/2, 0.01), 1)
	return watch.Trigger{Full: true, Stall: time.Duration(share * float64(window)), Window: window}
}

// armHost has the pressure of the machine announced.
func (r *run) armHost() {
	if r.notifier == nil {
		return
	}
	switch err := r.notifier.AddTrigger(r.system.PressureFile(), "", r.pressure()); {
	case err == nil:
		r.hostTrigger = true
	case errors.Is(err, watch.ErrNoPressure):
		r.notePressure(err)
	default:
		r.noteTrigger(r.system.PressureFile(), err)
	}
}

// arm has the pressure of a cgroup announced, which is near its limit or met it.
func (r *run) arm(n *node) {
	if n.trigger || n.mute || r.notifier == nil || r.hierarchy.Version == 1 || r.mute || r.triggers >= maxTriggers {
		return
	}
	file := r.hierarchy.PressureFile(n.path)
	switch err := r.notifier.AddTrigger(file, n.path, r.pressure()); {
	case err == nil:
		n.trigger = true
		r.triggers++
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, watch.ErrNoPressure): // of this one alone: cgroup.pressure
		n.mute = true
	default:
		r.mute = true
		r.noteTrigger(file, err)
	}
}

// disarm ends that.
func (r *run) disarm(n *node) {
	if !n.trigger {
		return
	}
	if r.notifier != nil {
		r.notifier.RemoveTriggers(n.path)
	}
	n.trigger = false
	r.triggers--
}

// watchEvents has it announced that a cgroup met its limit.
func (r *run) watchEvents(n *node) {
	if n.events || r.notifier == nil || r.hierarchy.Version == 1 || r.full {
		return
	}
	switch err := r.notifier.AddEvents(r.hierarchy, n.path); {
	case err == nil:
		n.events = true
	case errors.Is(err, fs.ErrNotExist): // the root has none
	default:
		r.noteTree(n.path, err)
	}
}
