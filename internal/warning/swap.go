// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

const (
	// pinnedFor is how long what cgroups use that may not swap is taken as unchanged, and pinnedSet
	// how long which ones those are.
	pinnedFor, pinnedSet = time.Second, 30 * time.Second
)

// pinned are the cgroups that may not swap.
type pinned struct {
	// topmost are those that are below no other one, found when set.
	topmost []*node
	set     time.Time
	// used is what they use together, read when read.
	used watch.Int
	read time.Time
}

// unswappable is what all cgroups use together that may not swap (memory.swap.max is 0). It is read
// where the machine has little left besides free swap, and is absent elsewhere. Version 1 has no
// such limit: that of memory and swap together does not grow by what is swapped out.
func (r *run) unswappable(m *watch.Memory, at time.Time) watch.Int {
	p, least := &r.pinned, notLow*r.watcher.options.Settings.Available
	if r.hierarchy.Version != 2 || m.SwapFree.V <= 0 || !m.Available.OK || share(m.Available.V, m.Total.V) >= least {
		*p = pinned{topmost: p.topmost[:0]}
		return report.Int{}
	}
	if p.used.OK && at.Sub(p.read) < pinnedFor {
		return p.used
	}
	if at.Sub(p.set) >= pinnedSet {
		p.topmost, p.set = p.topmost[:0], at
		if root := r.known["/"]; root != nil {
			r.pin(root)
		}
	}
	p.used, p.read = report.Some(0), at
	for _, n := range p.topmost {
		gauge := r.hierarchy.Gauge(n.path, &r.buf)
		if used, err := gauge.Usage(); err == nil && used.V > 0 { // else it has gone
			p.used.V = add(p.used.V, used.V)
		}
		gauge.Close()
	}
	return p.used
}

// pin finds the topmost cgroups below one that may not swap.
func (r *run) pin(above *node) {
	for n := above.first; n != nil; n = n.next {
		if most := r.hierarchy.SwapMax(n.path); most.OK && most.V == 0 {
			r.pinned.topmost = append(r.pinned.topmost, n)
		} else {
			r.pin(n)
		}
	}
}
