// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// summary words the cause in one sentence.
func (c *analysis) summary(w *words) {
	start := len(*w)
	f := &c.found[0]
	row := f.Cause.row()
	row.summary(c, w, f)
	c.aside(w)
	w.text(".")
	if first := (*w)[start]; first >= 'a' && first <= 'z' && !row.named {
		(*w)[start] = first - 'a' + 'A'
	}
}

// value returns a figure that the finding is known to have.
func value(f *Finding, name string) int64 {
	v, _ := f.Value(name)
	return v
}

// ranOut says what ran out.
func (c *analysis) ranOut(w *words) {
	if c.scope == report.ScopeUnknown {
		w.text("memory ran out")
		return
	}
	if c.scope != report.ScopeCgroup && c.mem.plenty() {
		w.text("the kernel found no memory for this allocation although ")
		w.size(c.mem.free.V)
		w.text(" of ")
		c.whole(w)
		w.text(" was free")
		if c.movableOnly() {
			w.text(", nearly all in zone Movable, which this allocation may not use")
		}
		return
	}
	c.whole(w)
	if c.scope == report.ScopeCgroup {
		w.text(" was reached")
	} else {
		w.text(" ran out")
	}
}

// movableOnly reports whether what is free is for movable pages only, and the allocation is of
// another kind.
func (c *analysis) movableOnly() bool {
	names := c.r.Invocation.GFP.Names
	return c.mem.movable.V > c.mem.free.V/10*9 && names != "" && !strings.Contains(names, "MOVABLE")
}

// whole names what there was: the limit, the host's memory, that of the nodes.
func (c *analysis) whole(w *words) {
	total := c.mem.total
	switch c.scope {
	case report.ScopeCgroup:
		w.text("the ")
		if total.OK {
			w.size(total.V)
			w.text(" ")
		}
		if c.mem.hit == report.CounterMemsw {
			w.text("memory+swap ")
		}
		w.text("limit of ")
		if c.limitPath == "" {
			w.text("a cgroup")
		} else {
			w.who(c.limit, c.limitNames, c.limitPath)
		}
	case report.ScopeCpuset, report.ScopeNUMAPolicy:
		w.text("the ")
		if total.OK {
			w.size(total.V)
			w.text(" of ")
		}
		w.text("memory on the NUMA nodes that its ")
		if c.scope == report.ScopeCpuset {
			w.text("cpuset")
		} else {
			w.text("memory policy")
		}
		w.text(" allows")
		if list := allowedNodes(c.r, c.scope); list != "" {
			w.text(" (node ")
			w.name(list)
			w.text(")")
		}
	default:
		w.text("the host's ")
		if total.OK {
			w.size(total.V)
			w.text(" of usable ")
		}
		w.text("memory")
	}
}

// ofWhole relates what was held to what there was.
func (c *analysis) ofWhole(w *words) {
	switch {
	case c.scope == report.ScopeCgroup:
		w.text(" against ")
	case c.mem.total.OK:
		w.text(" of ")
	default:
		w.text(" when ")
		c.ranOut(w)
		return
	}
	c.whole(w)
}

// holder adds who or what held most where the cause is something else.
func (c *analysis) holder(w *words, mark string) {
	for i := range c.found[1:] {
		f := &c.found[i+1]
		switch f.Cause {
		case ProcessHog:
			w.text(mark)
			c.dominantHeld(w, f)
			return
		case SharedMemory, KernelMemory, PageCache:
			w.text(mark)
			w.text(kindName(f.Cause))
			w.text(" held ")
			w.size(value(f, "held"))
			return
		}
	}
}

// aside adds the one thing beside the cause that a reader must not miss: why it was this victim.
func (c *analysis) aside(w *words) {
	if c.k == nil || c.found[0].Cause == Sysrq {
		return
	}
	victim := report.Process{PID: c.k.PID, Comm: c.k.Comm}
	if f := c.finding(VictimByAdjustment); f != nil {
		w.text("; ")
		w.process(victim)
		if adj := value(f, "oom_score_adj"); adj > 0 {
			w.text(" was chosen for its oom_score_adj of ")
			w.number(adj)
			w.text(", not its size")
		} else {
			w.text(" was chosen because a larger process is protected by its oom_score_adj of ")
			w.number(value(f, "larger_oom_score_adj"))
		}
		return
	}
	if f := c.finding(LargestVictim); f != nil && !c.has(ProcessHog) {
		w.text("; ")
		w.process(victim)
		w.text(", with ")
		w.size(value(f, "rss"))
		w.text(", was likely the largest process that the kernel may kill")
		if c.scope == report.ScopeCgroup {
			w.text(" there")
		}
	}
	if !c.has(AllocatingTaskKilled) {
		return
	}
	w.text("; ")
	if hog := c.finding(ProcessHog); hog != nil && hog.Process.PID == victim.PID {
		w.text("it")
	} else {
		w.process(victim)
	}
	w.text(" died because it was the one to ask for memory (vm.oom_kill_allocating_task)")
}
