// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// counterFields are the fields of a cgroup counter's usage, limit and failcnt.
var counterFields = [kernel.NumMemcgCounters][3]field{
	kernel.CounterMemory: {fCgroupMemoryUsage, fCgroupMemoryLimit, fCgroupMemoryFailcnt},
	kernel.CounterSwap:   {fCgroupSwapUsage, fCgroupSwapLimit, fCgroupSwapFailcnt},
	kernel.CounterMemsw:  {fCgroupMemswUsage, fCgroupMemswLimit, fCgroupMemswFailcnt},
	kernel.CounterKmem:   {fCgroupKmemUsage, fCgroupKmemLimit, fCgroupKmemFailcnt},
}

// addCgroupMemory adds the counters and figures of the cgroup whose limit was hit.
func (b *Builder) addCgroupMemory() {
	m := &b.r.Memcg
	for _, name := range []kernel.MemcgCounterName{kernel.CounterMemory, kernel.CounterSwap, kernel.CounterMemsw, kernel.CounterKmem} {
		c := &m.Counters[name]
		if !m.Has[name] || b.meaningless(name, c) {
			continue
		}
		b.addKB(counterFields[name][0], c.UsageKB)
		b.addKB(counterFields[name][1], c.LimitKB)
		b.addInt(counterFields[name][2], c.Failcnt)
	}
	b.addStats()
}

// meaningless reports whether a counter is one that kernels up to 5.2 print for a v2 cgroup too, where nothing counts it:
// memory and swap together cannot be less than memory alone.
func (b *Builder) meaningless(name kernel.MemcgCounterName, c *kernel.Counter) bool {
	m := &b.r.Memcg
	memory, memsw := &m.Counters[kernel.CounterMemory], &m.Counters[kernel.CounterMemsw]
	if name != kernel.CounterMemsw && name != kernel.CounterKmem {
		return false
	}
	return m.Has[kernel.CounterMemsw] && m.Has[kernel.CounterMemory] && memsw.UsageKB.V < memory.UsageKB.V && !c.LimitKB.OK
}

// addStats adds figures of memory.stat, as many as the setting says.
func (b *Builder) addStats() {
	if b.opt.Stats == MemoryStatNone {
		return
	}
	stats := b.facts.Stat
	if b.facts.HasLimit && b.r.Memcg.HasStatsPath && b.facts.LimitPath != b.r.Memcg.StatsPath {
		return // those of a cgroup below it: its own line was lost
	}
	var seen [kernel.NumStatKeys]bool
	for i := range stats {
		which := stats[i].Key
		f, isNew := mainStats[which], !seen[which]
		seen[which] = true
		if f == 0 {
			if b.opt.Stats != MemoryStatAll {
				continue
			}
			f, isNew = b.nameStat(FamilyPrefix + string(AppendPrintable(nil, stats[i].Name)))
		}
		if isNew && stats[i].Value >= 0 {
			b.addNumber(f, stats[i].Value)
		}
	}
}

// nameStat returns the field of a figure of memory.stat that is none of the main ones, by its attribute's name; isNew is false
// where the record has it.
func (b *Builder) nameStat(name string) (f field, isNew bool) {
	if i := slices.Index(b.stats, name); i >= 0 {
		return statField(i), false
	}
	b.stats = append(b.stats, name)
	return statField(len(b.stats) - 1), true
}
