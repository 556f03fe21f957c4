// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// unswappable is what all cgroups use together that may not swap (memory.swap.max is 0). It is read
// where the machine has little left besides free swap, and is absent elsewhere. Version 1 has no
// such limit: that of memory and swap together does not grow by what is swapped out.
func (r *run) unswappable(m *watch.Memory, at time.Time) watch.Int {
	least := 2 * r.watcher.options.Settings.Available
	if r.hierarchy.Version != 2 || m.SwapFree.V <= 0 || !m.Available.OK || share(m.Available.V, m.Total.V) >= least {
		r.pinned = report.Int{}
		return r.pinned
	}
	if r.pinned.OK && at.Sub(r.pinnedRead) < time.Second {
		return r.pinned
	}
	r.pinned, r.pinnedRead = report.Some(0), at
	for _, n := range r.known {
		if n.swaps() || n.belowOne(func(above *node) bool { return !above.swaps() }) {
			continue
		}
		usage, err := r.hierarchy.OpenUsage(n.path)
		if err != nil { // it has gone
			continue
		}
		if used, err := usage.Read(); err == nil && used.V > 0 {
			r.pinned.V = add(r.pinned.V, used.V)
		}
		usage.Close()
	}
	return r.pinned
}

// swaps reports whether the cgroup's own limit lets it swap.
func (n *node) swaps() bool { return !n.set.SwapMax.OK || n.set.SwapMax.V > 0 }

// belowOne reports whether it is below a cgroup of some kind.
func (n *node) belowOne(is func(*node) bool) bool {
	for above := n.above; above != nil; above = above.above {
		if is(above) {
			return true
		}
	}
	return false
}
