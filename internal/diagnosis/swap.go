// SPDX-License-Identifier: Apache-2.0

package diagnosis

import "github.com/oomtrail/oomtrail/parser/report"

// The findings about swap.
var (
	noSwap   = cause{name: "no_swap", meaning: "the host has no swap"}
	swapFull = cause{
		name: "swap_full", meaning: "swap is full",
		finding: func(f *Finding, p phrase) string {
			switch {
			case p.has("total"):
				return "swap is full: " + p.value("free") + " of " + p.value("total") + " is free"
			case p.has("used"):
				return "swap is full: the cgroup has " + p.value("used") + " in it"
			}
			return p.meaning
		},
	}
	cgroupSwapLimit = cause{
		name: "cgroup_swap_limit", meaning: "the cgroup may not swap, or not any more",
		finding: func(f *Finding, p phrase) string {
			what := "swap"
			if f.memsw {
				what = "memory and swap together"
			}
			return "the cgroup's limit on " + what + " is reached: " + p.value("used") + " of " + p.value("limit")
		},
	}
)

// findSwap finds what swap did about it.
func (c *analysis) findSwap() {
	if c.found[0].Cause == Sysrq {
		return
	}
	if c.scope == report.ScopeCgroup {
		c.findCgroupSwap()
		return
	}
	free, total := c.r.MemInfo.Totals[report.TotalSwapFree], c.r.MemInfo.Totals[report.TotalSwap]
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
func (c *analysis) findCgroupSwap() {
	m := &c.r.Memcg
	memory, swap, memsw := &m.Counters[report.CounterMemory], &m.Counters[report.CounterSwap], &m.Counters[report.CounterMemsw]
	used := swap.UsageKB
	switch {
	case m.Has[report.CounterSwap] && swap.LimitKB.OK:
		if swap.UsageKB.OK && swap.UsageKB.V >= swap.LimitKB.V-swap.LimitKB.V/20 {
			f := c.add(CgroupSwapLimit, Certain)
			f.bytes("limit", kib(swap.LimitKB.V))
			f.bytes("used", kib(swap.UsageKB.V))
		}
		return
	case m.Has[report.CounterMemsw] && memsw.LimitKB.OK:
		if memsw.UsageKB.OK && memsw.UsageKB.V >= memsw.LimitKB.V-memsw.LimitKB.V/50 {
			f := c.add(CgroupSwapLimit, Certain)
			f.memsw = true
			f.bytes("limit", kib(memsw.LimitKB.V))
			f.bytes("used", kib(memsw.UsageKB.V))
		}
		return
	case m.Has[report.CounterMemsw] && memsw.UsageKB.OK && memory.UsageKB.OK:
		used = report.Some(max(0, memsw.UsageKB.V-memory.UsageKB.V))
	}
	// It could swap, and did, and is out of memory all the same: the device has no room left.
	if used.OK && used.V >= 1024 {
		f := c.add(SwapFull, Likely)
		f.bytes("used", kib(used.V))
	}
}
