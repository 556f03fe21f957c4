// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

// node is a cgroup that is known.
type node struct {
	path string
	// above is the cgroup that it is directly below, first one that is directly below it, and next
	// and before are others below the same.
	above, first, next, before *node

	// set is what is set and not what is used: its limits.
	set watch.Cgroup
	// gauge is there while the cgroup is looked at.
	gauge *watch.Gauge
	// due is when it is looked at next, index where it is in the queue, looked when it was looked
	// at.
	due, looked time.Time
	index       int
	// warm is until when it is near its limit or has met it: so long all of it is read.
	warm time.Time
	// tree, events and trigger are set where the kernel announces what is made in it, that it met
	// its limits, and its pressure.
	tree, events, trigger bool
	// mute is set where its pressure cannot be announced.
	mute bool
	// walk is the last walk that has seen it.
	walk int
}

// limited reports whether a cgroup has a limit to be near to.
func (n *node) limited() bool { return n.set.Max.OK || n.set.High.OK }

// nearest is the limit that it meets first.
func (n *node) nearest() int64 {
	switch {
	case !n.set.Max.OK:
		return n.set.High.V
	case !n.set.High.OK:
		return n.set.Max.V
	}
	return min(n.set.Max.V, n.set.High.V)
}

const (
	// maxKnown is how many cgroups are known, and maxLooked how many of them are looked at. Each
	// known one costs some 400 bytes.
	maxKnown  = 50_000
	maxLooked = 10_000
	// maxPath is how long the path of a cgroup may be, with where they are mounted: the kernel
	// opens no file whose path has 4,096 bytes. maxLetters is the same of all known ones together.
	maxPath    = 4000
	maxLetters = 16 << 20
)

// walk looks for cgroups that came, went or were limited unannounced, from the root on.
func (r *run) walk(at time.Time) {
	r.walks++
	r.walked = at
	r.lost, r.full, r.unread = false, false, false // there may be room again
	r.add("/", at)
	for _, n := range r.known {
		if n.walk != r.walks {
			r.remove(n.path)
		}
	}
}

// add makes a cgroup known, with all that are below it. One that is known is brought up to date.
func (r *run) add(path string, at time.Time) {
	todo := append(r.todo[:0], path)
	for len(todo) > 0 {
		path, todo = todo[len(todo)-1], todo[:len(todo)-1]
		n := r.meet(path)
		if n == nil {
			continue
		}
		n.walk = r.walks
		r.limits(n, at)
		// What is made below it from now on is announced, or is found by the next walk.
		switch err := r.hierarchy.Below(path, func(below string) { todo = append(todo, below) }); {
		case errors.Is(err, fs.ErrNotExist):
			r.remove(path)
		case errors.Is(err, fs.ErrPermission):
			r.noteUnread(path, err)
		case err != nil: // such as no memory
			r.noteUnread(path, err)
			r.unread = true
			r.keep(n)
		}
	}
	r.todo = todo
}

// keep has a walk not forget what is below a cgroup, as it may be there.
func (r *run) keep(above *node) {
	for n := above.first; n != nil; n = n.next {
		n.walk = r.walks
		r.keep(n)
	}
}

// meet returns the node of a cgroup, which may be a new one. It is nil where the cgroup has gone,
// or there are too many.
func (r *run) meet(path string) *node {
	n := r.known[path]
	if n == nil {
		switch {
		case len(r.known) >= maxKnown, r.letters+len(path) > maxLetters:
			r.noteKnown()
			return nil
		case len(r.hierarchy.Dir)+len(path) > maxPath:
			r.noteDeep(path)
			return nil
		}
		n = &node{path: path, index: notQueued}
	}
	if !n.tree && r.notifier != nil && !r.full {
		switch err := r.notifier.AddTree(r.hierarchy, path); {
		case err == nil:
			n.tree = true
		case errors.Is(err, fs.ErrNotExist):
			r.remove(path)
			return nil
		default:
			r.noteTree(path, err)
		}
	}
	if r.known[path] == nil {
		r.known[path] = n
		r.letters += len(path)
		if above := r.known[above(path)]; above != nil && above != n {
			n.above, n.next = above, above.first
			if n.next != nil {
				n.next.before = n
			}
			above.first = n
		}
	}
	return n
}

// above is the path of the cgroup that one is directly below.
func above(path string) string { return path[:max(1, strings.LastIndexByte(path, '/'))] }

// limits reads the limits of a cgroup, and has it looked at if it has one.
func (r *run) limits(n *node, at time.Time) {
	set, err := r.hierarchy.Limits(n.path)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist): // the root has none, nor has one whose controller is off
	case errors.Is(err, fs.ErrPermission):
		r.noteUnread(n.path, err)
	default: // such as no memory
		r.noteUnread(n.path, err)
		r.unread = true
		return
	}
	changed := set != n.set
	n.set = set
	if !n.limited() || !r.chosen(n.path) {
		r.calm(n)
		return
	}
	if n.index == notQueued && len(r.queue) >= maxLooked {
		r.noteLooked()
		return
	}
	if changed || n.index == notQueued {
		n.due = at
		r.queue.schedule(n)
	}
	r.watchEvents(n)
}

// chosen reports whether a cgroup is among those to watch.
func (r *run) chosen(path string) bool {
	for _, pattern := range r.patterns {
		if pattern.Match(path) {
			return true
		}
	}
	return len(r.patterns) == 0
}

// calm ends all looks at a cgroup: it has no limit any more.
func (r *run) calm(n *node) {
	if n.index == notQueued {
		return
	}
	r.queue.drop(n)
	r.disarm(n)
	r.closeGauge(n)
	r.policy.Remove(n.path)
}

// closeGauge closes the files of a cgroup.
func (r *run) closeGauge(n *node) {
	if n.gauge != nil {
		r.open -= n.gauge.Open()
		n.gauge.Close()
		n.gauge = nil
	}
}

// remove forgets a cgroup that has gone, and all that were below it.
func (r *run) remove(path string) {
	n := r.known[path]
	if n == nil {
		return
	}
	for n.first != nil {
		r.remove(n.first.path)
	}
	switch {
	case n.before != nil:
		n.before.next = n.next
	case n.above != nil:
		n.above.first = n.next
	}
	if n.next != nil {
		n.next.before = n.before
	}
	r.calm(n)
	if r.notifier != nil {
		r.notifier.Remove(path)
	}
	delete(r.known, path)
	r.letters -= len(path)
}
