// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"context"
	"time"

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
