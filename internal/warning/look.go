// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"errors"
	"io/fs"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

const (
	// settled is how long settings of the kernel are taken as unchanged.
	settled = time.Minute
	// adrift is how far apart usage and page cache of a cgroup may be read, to be of one moment.
	adrift = 50 * time.Millisecond
	// nearHeld is the share of its limit that a cgroup has to hold, without page cache that can be
	// dropped, to have all of it read, and its pressure announced. Less of a threshold that is
	// lower.
	nearHeld = 0.7
	// maxOpen is how many files of cgroups stay open, where the process may have four times as many
	// open: one of each that is looked at, up to five of one that is near its limit.
	maxOpen = 2048
)

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
