package record

import (
	"github.com/oomtrail/oomtrail/parser/grammar"
)

// counterNames are the names of a cgroup counter's usage, limit and failcnt.
var counterNames = [grammar.NumMemcgCounters][3]string{
	grammar.CounterMemory: {"oom.cgroup_memory.usage", "oom.cgroup_memory.limit", "oom.cgroup_memory.failcnt"},
	grammar.CounterSwap:   {"oom.cgroup_swap.usage", "oom.cgroup_swap.limit", "oom.cgroup_swap.failcnt"},
	grammar.CounterMemsw:  {"oom.cgroup_memsw.usage", "oom.cgroup_memsw.limit", "oom.cgroup_memsw.failcnt"},
	grammar.CounterKmem:   {"oom.cgroup_kmem.usage", "oom.cgroup_kmem.limit", "oom.cgroup_kmem.failcnt"},
}

// addCgroupMemory adds the counters and figures of the cgroup whose limit was hit.
func (b *Builder) addCgroupMemory() {
	m := &b.r.Memcg
	for _, name := range []grammar.MemcgCounterName{grammar.CounterMemory, grammar.CounterSwap, grammar.CounterMemsw, grammar.CounterKmem} {
		c := &m.Counters[name]
		if !m.Has[name] || b.meaningless(name, c) {
			continue
		}
		b.addKB(counterNames[name][0], c.UsageKB)
		b.addKB(counterNames[name][1], c.LimitKB)
		b.addInt(counterNames[name][2], c.Failcnt)
	}
	b.addStats()
}

// meaningless reports whether a counter is one that kernels up to 5.2 print for a v2 cgroup too, where nothing counts it:
// memory and swap together cannot be less than memory alone.
func (b *Builder) meaningless(name grammar.MemcgCounterName, c *grammar.Counter) bool {
	m := &b.r.Memcg
	memory, memsw := &m.Counters[grammar.CounterMemory], &m.Counters[grammar.CounterMemsw]
	if name != grammar.CounterMemsw && name != grammar.CounterKmem {
		return false
	}
	return m.Has[grammar.CounterMemsw] && m.Has[grammar.CounterMemory] && memsw.UsageKB.V < memory.UsageKB.V && !c.LimitKB.OK
}

// addStats adds figures of memory.stat, as many as the setting says.
func (b *Builder) addStats() {
	if b.opt.Stats == StatsNone {
		return
	}
	stats := b.r.Memcg.Stats
	if path, ok := b.r.LimitCgroup(); ok && b.r.Memcg.HasStatsPath && path != b.r.Memcg.StatsPath {
		return // those of a cgroup below it: its own line was lost
	}
	first := len(b.attrs)
	for i := range stats {
		s := &stats[i]
		name := statName(s.Name)
		if name == "" {
			if b.opt.Stats != StatsAll {
				continue
			}
			name = FamilyPrefix + string(AppendPrintable(nil, s.Name))
		}
		if !b.has(name, first) {
			b.attrs = append(b.attrs, Attr{Name: name, Value: Int(s.Value)})
		}
	}
}

// statName returns the attribute's name for one of the main figures without making a new string, else "".
func statName(key string) string { return mainStatNames[key] }

var mainStatNames = func() map[string]string {
	m := make(map[string]string, len(MainStats))
	for _, key := range MainStats {
		m[key] = FamilyPrefix + key
	}
	return m
}()

// has reports whether one of the attributes from the given one on has that name.
func (b *Builder) has(name string, from int) bool {
	for i := from; i < len(b.attrs); i++ {
		if b.attrs[i].Name == name {
			return true
		}
	}
	return false
}
