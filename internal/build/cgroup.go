// SPDX-License-Identifier: Apache-2.0

package build

import (
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// counterFields are the fields of a cgroup counter's usage, limit and failcnt.
var counterFields = [report.NumMemcgCounters][3]record.ID{
	report.CounterMemory: {record.CgroupMemoryUsage, record.CgroupMemoryLimit, record.CgroupMemoryFailcnt},
	report.CounterSwap:   {record.CgroupSwapUsage, record.CgroupSwapLimit, record.CgroupSwapFailcnt},
	report.CounterMemsw:  {record.CgroupMemswUsage, record.CgroupMemswLimit, record.CgroupMemswFailcnt},
	report.CounterKmem:   {record.CgroupKmemUsage, record.CgroupKmemLimit, record.CgroupKmemFailcnt},
}

// addCgroupMemory adds the counters and memory.stat of the cgroup whose limit was hit.
func (b *Builder) addCgroupMemory() {
	m := &b.r.Memcg
	for _, name := range []report.MemcgCounterName{report.CounterMemory, report.CounterSwap, report.CounterMemsw, report.CounterKmem} {
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

// meaningless reports whether kernels to 5.2 print a v1 counter for a v2 cgroup, which counts
// nothing: memory and swap together cannot be less than memory alone.
func (b *Builder) meaningless(name report.MemcgCounterName, c *report.Counter) bool {
	m := &b.r.Memcg
	memory, memsw := &m.Counters[report.CounterMemory], &m.Counters[report.CounterMemsw]
	if name != report.CounterMemsw && name != report.CounterKmem {
		return false
	}
	return m.Has[report.CounterMemsw] && m.Has[report.CounterMemory] && memsw.UsageKB.V < memory.UsageKB.V && !c.LimitKB.OK
}

// addStats adds the values of memory.stat that the setting asks for.
func (b *Builder) addStats() {
	if b.opt.Stats == record.MemoryStatNone {
		return
	}
	stats := b.facts.Stat
	if b.facts.HasLimit && b.r.Memcg.HasStatsPath && b.facts.LimitPath != b.r.Memcg.StatsPath {
		return // those of a cgroup below it: its own line was lost
	}
	var seen [report.NumStatKeys]bool
	for i := range stats {
		which := stats[i].Key
		f, isNew := mainStats[which], !seen[which]
		seen[which] = true
		if f == 0 {
			if b.opt.Stats != record.MemoryStatAll {
				continue
			}
			f, isNew = b.Named(record.FamilyPrefix + string(plain.AppendPrintable(nil, stats[i].Name)))
		}
		if isNew && stats[i].Value >= 0 {
			b.AddInt64(f, stats[i].Value)
		}
	}
}

// mainStats are the fields of the main values of memory.stat, 0 for the others.
var mainStats = func() (ids [report.NumStatKeys]record.ID) {
	for i, key := range record.MainStats {
		ids[kernel.StatNamed(key)] = record.MainStat(i)
	}
	return ids
}()
