// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// findSwap finds what swap did about it.
func (c *inquiry) findSwap() {
	if c.found[0].Cause == Sysrq {
		return
	}
	if c.scope == assembly.ScopeCgroup {
		c.findCgroupSwap()
		return
	}
	free, total := c.r.MemInfo.Totals[kernel.TotalSwapFree], c.r.MemInfo.Totals[kernel.TotalSwap]
	switch {
	case !total.OK || !free.OK:
	case total.V == 0:
		if !c.tasks.swapped { // else the figure is not this report's
			c.add(NoSwap, Certain)
		}
	case free.V <= total.V/20:
		f := c.add(SwapFull, Certain)
		f.bytes("total", kib(total.V))
		f.bytes("free", kib(free.V))
	}
}

// findCgroupSwap reads the swap counter of version 2, or memory+swap of version 1.
func (c *inquiry) findCgroupSwap() {
	m := &c.r.Memcg
	memory, swap, memsw := &m.Counters[kernel.CounterMemory], &m.Counters[kernel.CounterSwap], &m.Counters[kernel.CounterMemsw]
	used := swap.UsageKB
	switch {
	case m.Has[kernel.CounterSwap] && swap.LimitKB.OK:
		if swap.UsageKB.OK && swap.UsageKB.V >= swap.LimitKB.V-swap.LimitKB.V/20 {
			f := c.add(CgroupSwapLimit, Certain)
			f.bytes("limit", kib(swap.LimitKB.V))
			f.bytes("used", kib(swap.UsageKB.V))
		}
		return
	case m.Has[kernel.CounterMemsw] && memsw.LimitKB.OK:
		if memsw.UsageKB.OK && memsw.UsageKB.V >= memsw.LimitKB.V-memsw.LimitKB.V/50 {
			f := c.add(CgroupSwapLimit, Certain)
			f.bytes("limit", kib(memsw.LimitKB.V))
			f.bytes("used", kib(memsw.UsageKB.V))
		}
		return
	case m.Has[kernel.CounterMemsw] && memsw.UsageKB.OK && memory.UsageKB.OK:
		used = kernel.Some(max(0, memsw.UsageKB.V-memory.UsageKB.V))
	}
	// It could swap, and did, and is out of memory all the same: the device has no room left.
	if used.OK && used.V >= 1024 {
		f := c.add(SwapFull, Likely)
		f.bytes("used", kib(used.V))
	}
}

// findVictim finds why it was this process that died, and what its death was good for.
func (c *inquiry) findVictim() {
	if c.tasks.protected > 0 && c.atLeast(c.tasks.protected, 25) && !c.has(NoKillableProcess) {
		f := c.add(ProtectedTasks, Certain)
		f.bytes("protected", c.tasks.protected)
	}
	if c.k == nil {
		return
	}
	if c.k.Group || c.r.HasGroup {
		c.add(GroupKill, Certain)
	}
	if c.k.Message == kernel.MessageAllocating {
		c.add(AllocatingTaskKilled, Certain)
	} else if !c.k.Group {
		c.findAdjustment()
	}
	c.findLargest()
	c.findElsewhere()
	c.findLittle()
	if len(c.r.Sharing) > 0 {
		f := c.add(SharedAddressSpace, Certain)
		f.Process = c.r.Sharing[0]
	}
}

// findAdjustment compares the victim with the largest process as the kernel does: resident memory, swap and page
// tables. A larger process that was adjusted less lives because of the adjustment. What is larger by a trifle does not
// count, least of all where the victim was not adjusted itself and any guarded little process would do.
func (c *inquiry) findAdjustment() {
	table := &c.r.Tasks.Table
	victim := c.facts.Row
	if victim == nil || !table.Has(kernel.ColOOMScoreAdj) || c.page == 0 {
		return
	}
	adj := victim.Values[kernel.ColOOMScoreAdj]
	own, most := c.points(victim), int64(0)
	var larger *kernel.Task
	for row := range c.r.Tasks.Rows.All() {
		if row.Values[kernel.ColOOMScoreAdj] >= adj {
			continue
		}
		if points := c.points(row); points > own && points > most {
			larger, most = row, points
		}
	}
	if larger == nil || most-own < own/4 || adj <= 0 && !c.atLeast(most, prominent) {
		return
	}
	f := c.add(VictimByAdjustment, Certain)
	f.Process = kernel.Process{PID: larger.PID, Comm: larger.Name}
	f.number("oom_score_adj", adj)
	f.bytes("victim", own)
	f.bytes("larger", most)
	f.number("larger_oom_score_adj", larger.Values[kernel.ColOOMScoreAdj])
}

// findLargest finds that the victim was likely the largest process in reach: without an adjustment the kernel takes the largest of
// those that have none, or are guarded. Where the log shows the table, that tells; with an adjustment nothing follows.
func (c *inquiry) findLargest() {
	k := c.k
	if c.tasks.count > 0 || c.scope != assembly.ScopeHost && c.scope != assembly.ScopeCgroup || c.has(Sysrq) {
		return
	}
	if k.Group || c.r.MayBeOfGroup || k.OOMScoreAdj != kernel.Some(0) || k.Message == kernel.MessageAllocating || !c.victimBytes.OK {
		return
	}
	f := c.add(LargestVictim, Likely)
	f.Process = kernel.Process{PID: k.PID, Comm: k.Comm}
	f.bytes("rss", c.victimBytes.V)
}

// points is what the killer weighs a process by before its adjustment, in bytes.
func (c *inquiry) points(row *kernel.Task) int64 {
	v := &row.Values
	tables := scale(v[kernel.ColPgtablesBytes], 1)
	if tables == 0 {
		tables = scale(v[kernel.ColNrPtes], c.page) + scale(v[kernel.ColNrPmds], c.page)
	}
	return scale(v[kernel.ColRSS], c.page) + scale(v[kernel.ColSwapents], c.page) + tables
}

// findElsewhere finds that the process which asked for memory runs in another cgroup than the victim. The report names the
// asker's cpuset by its last component only, on version 2 the cgroup's own; "/" says nothing.
func (c *inquiry) findElsewhere() {
	o := &c.r.OOMKill
	leaf := o.Cpuset
	if !o.HasCpuset || leaf == "" || leaf == "/" || !o.HasTaskMemcg || !c.r.CPU.PID.OK || c.r.CPU.PID.V == c.k.PID {
		return
	}
	for path := o.TaskMemcg; path != ""; {
		i := strings.LastIndexByte(path, '/')
		if path[i+1:] == leaf {
			return
		}
		path = path[:max(i, 0)]
	}
	f := c.add(TriggerElsewhere, Likely)
	f.Process = kernel.Process{PID: c.r.CPU.PID.V, Comm: c.r.Invocation.Comm}
	f.Label = leaf
}

// findLittle finds a kill that could free but little of what had run out.
func (c *inquiry) findLittle() {
	if !c.victimPrivate.OK || !c.mem.total.OK || c.k.Group || c.found[0].Cause == Sysrq {
		return
	}
	private := c.victimPrivate.V
	if swap := c.facts.Row; swap != nil {
		private += scale(swap.Values[kernel.ColSwapents], c.page)
	}
	if c.atLeast(private, noticeable) {
		return
	}
	// Shared memory that nobody else maps, and what the kernel holds for its open files, goes with it all the same.
	confidence := Likely
	if c.found[0].Cause == KernelMemory || c.k.ShmemRSSKB.OK && c.atLeast(kib(c.k.ShmemRSSKB.V), noticeable) {
		confidence = Possible
	}
	f := c.add(FreedLittle, confidence)
	f.bytes("private", private)
	f.bytes("total", c.mem.total.V)
}

// findLog finds what the log itself is about: repetition, suppression, and an allocation that was tied.
func (c *inquiry) findLog() {
	if c.kills > 1 {
		f := c.add(RepeatedKills, Certain)
		f.number("kills", int64(c.kills))
	}
	if c.r.HeldBack || c.r.Suppressed.V > 0 {
		f := c.add(RateLimited, Likely)
		if c.r.Suppressed.OK {
			f.Confidence = Certain
			f.number("suppressed", c.r.Suppressed.V)
		}
	}
	if names := c.r.Invocation.GFP.Names; names != "" && c.found[0].Cause != Sysrq {
		for _, tied := range [...]string{"GFP_ATOMIC", "GFP_NOWAIT", "GFP_NOIO", "GFP_NOFS"} {
			if strings.HasPrefix(names, tied) {
				f := c.add(RestrictedAllocation, Certain)
				f.Label = tied
				break
			}
		}
	}
}
