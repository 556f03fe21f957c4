// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// summary words the cause in one sentence.
func (c *inquiry) summary(w *words) {
	start := len(*w)
	f := &c.found[0]
	switch f.Cause {
	case Sysrq:
		w.text("Somebody asked for a kill with sysrq-f; memory need not have run out")
		if c.has(NoKillableProcess) {
			w.text(", and there was no process that the kernel may end")
		}
	case PanicOnOOM:
		c.ranOut(w)
		w.text(", and vm.panic_on_oom made the kernel panic rather than end a process")
		c.holder(w, ": ")
	case NoKillableProcess:
		c.ranOut(w)
		w.text(", and every process in reach is exempt from the killer (oom_score_adj -1000)")
		c.holder(w, ": ")
	case Cpuset, MemoryPolicy:
		c.ranOut(w)
		if outside, ok := f.Value("outside"); ok {
			w.text(" while ")
			w.size(outside)
			w.text(" were free on other nodes")
		}
		c.holder(w, ": ")
	case Fragmentation:
		w.text("Nothing was left in one piece of ")
		w.size(value(f, "needed"))
		w.text(" although ")
		w.size(value(f, "free"))
		w.text(" were free: memory is fragmented")
	case LowZone:
		w.text("The low zone ")
		w.name(f.Label)
		w.text(" ran out while ")
		w.size(value(f, "high_free"))
		w.text(" were free in high memory, which this allocation may not use")
	case CgroupLimit, HostExhausted:
		c.ranOut(w)
		if !c.mem.plenty() {
			w.text("; the log does not show what filled it")
		}
	case LimitBelowStart:
		w.process(f.Process)
		w.text(" was killed while it started the container: ")
		c.whole(w)
		w.text(" is below what starting takes")
	case Unknown:
		if c.k == nil {
			w.text("The log shows a part of a report, neither what ran out nor a kill")
		} else {
			w.text("The log speaks of a kill for lack of memory, not of what ran out")
		}
	default:
		c.held(w, f)
	}
	c.aside(w)
	w.text(".")
	if first := (*w)[start]; first >= 'a' && first <= 'z' && f.Cause != ProcessHog && f.Cause != LimitBelowStart {
		(*w)[start] = first - 'a' + 'A'
	}
}

// value returns a figure that the finding is known to have.
func value(f *Finding, name string) int64 {
	v, _ := f.Value(name)
	return v
}

// ranOut says what ran out.
func (c *inquiry) ranOut(w *words) {
	if c.scope == assembly.ScopeUnknown {
		w.text("memory ran out")
		return
	}
	if c.scope != assembly.ScopeCgroup && c.mem.plenty() {
		w.text("no memory was found for this allocation although ")
		w.size(c.mem.free.V)
		w.text(" were free of ")
		c.whole(w)
		if c.movableOnly() {
			w.text(", nearly all in zone Movable, which this allocation may not use")
		}
		return
	}
	c.whole(w)
	if c.scope == assembly.ScopeCgroup {
		w.text(" was reached")
	} else {
		w.text(" ran out")
	}
}

// movableOnly reports whether what is free is for movable pages only, and the allocation is of another kind.
func (c *inquiry) movableOnly() bool {
	names := c.r.Invocation.GFP.Names
	return c.mem.movable.V > c.mem.free.V/10*9 && names != "" && !strings.Contains(names, "MOVABLE")
}

// whole names what there was: the limit, the host's memory, that of the nodes.
func (c *inquiry) whole(w *words) {
	total := c.mem.total
	switch c.scope {
	case assembly.ScopeCgroup:
		w.text("the ")
		if total.OK {
			w.size(total.V)
			w.text(" ")
		}
		if c.mem.hit == kernel.CounterMemsw {
			w.text("memory+swap ")
		}
		w.text("limit of ")
		if c.limitPath == "" {
			w.text("a cgroup")
		} else {
			w.who(c.limit, c.limitPath)
		}
	case assembly.ScopeCpuset, assembly.ScopeNUMAPolicy:
		w.text("the ")
		if total.OK {
			w.size(total.V)
			w.text(" of ")
		}
		w.text("memory on the NUMA nodes that its ")
		if c.scope == assembly.ScopeCpuset {
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

// held says who or what held most of it.
func (c *inquiry) held(w *words, f *Finding) {
	switch f.Cause {
	case ProcessHog:
		c.hogHeld(w, f)
	case SharedMemory:
		w.text("shared memory or tmpfs held ")
		w.size(value(f, "held"))
	case KernelMemory:
		if u, ok := f.Value("unaccounted"); ok {
			w.text("no process and no figure of the report accounts for ")
			w.size(u)
		} else {
			w.text("the kernel itself held ")
			w.size(value(f, "held"))
		}
	case PageCache:
		w.text("page cache held ")
		w.size(value(f, "held"))
	case HugetlbReservation:
		w.text("reserved huge pages held ")
		w.size(value(f, "held"))
	case ManyProcesses:
		w.number(value(f, "processes"))
		w.text(" processes named ")
		w.name(f.Label)
		w.text(" held ")
		w.size(value(f, "held"))
	case LimitBelowWorkingSet:
		w.number(value(f, "processes"))
		w.text(" processes together needed more than ")
		c.whole(w)
		w.text(" and none stands out")
		return
	}
	if _, ok := f.Value("rss"); f.Cause == ProcessHog && !ok {
		w.text(" when ")
		c.ranOut(w)
		return
	}
	c.ofWhole(w)
	switch f.Cause {
	case SharedMemory:
		if f.Process.Comm != "" {
			w.text(", mapped by ")
			w.process(f.Process)
		}
	case KernelMemory:
		if f.Label != "" {
			w.text(", most of what is listed in ")
			w.name(f.Label)
		}
	case HugetlbReservation:
		if unused := value(f, "unused"); unused > 0 {
			w.text(", ")
			w.size(unused)
			w.text(" of them unused")
		}
	}
}

// hogHeld says how much the one process held.
func (c *inquiry) hogHeld(w *words, f *Finding) {
	w.process(f.Process)
	if _, ok := f.Value("percent_of_shown"); ok {
		w.text(" held the most of the processes that the log shows")
		return
	}
	w.text(" held ")
	if percent, ok := f.Value("percent_of_processes"); ok {
		w.number(percent)
		w.text(" % of what all processes held")
		return
	}
	w.size(value(f, "rss"))
}

// ofWhole relates what was held to what there was.
func (c *inquiry) ofWhole(w *words) {
	switch {
	case c.scope == assembly.ScopeCgroup:
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
func (c *inquiry) holder(w *words, mark string) {
	for i := range c.found[1:] {
		f := &c.found[i+1]
		switch f.Cause {
		case ProcessHog:
			w.text(mark)
			c.hogHeld(w, f)
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

func kindName(cause Cause) string {
	switch cause {
	case SharedMemory:
		return "shared memory or tmpfs"
	case KernelMemory:
		return "the kernel itself"
	}
	return "page cache"
}

// aside adds the one thing beside the cause that a reader must not miss: why it was this victim.
func (c *inquiry) aside(w *words) {
	if c.k == nil || c.found[0].Cause == Sysrq {
		return
	}
	victim := kernel.Process{PID: c.k.PID, Comm: c.k.Comm}
	if f := c.finding(VictimByAdjustment); f != nil {
		w.text("; ")
		w.process(victim)
		if adj := value(f, "oom_score_adj"); adj > 0 {
			w.text(" was chosen for its oom_score_adj of ")
			w.number(adj)
			w.text(", not its size")
		} else {
			w.text(" was chosen because a larger process is guarded by its oom_score_adj of ")
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
		if c.scope == assembly.ScopeCgroup {
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
