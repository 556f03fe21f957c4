// SPDX-License-Identifier: Apache-2.0

package assembly

import "github.com/oomtrail/oomtrail/internal/kernel"

// addMemcg takes a named line of the memory-cgroup block.
func (d *draft) addMemcg(read *kernel.Reading, text string) bool {
	switch read.Kind {
	case kernel.MemcgTask:
		return d.addTaskIn(d.text.keep(text))
	case kernel.MemcgCounter:
		d.r.Memcg.Counters[read.Counter.Name], d.r.Memcg.Has[read.Counter.Name] = read.Counter, true
		d.enter(SectionMemcg)
		return true
	case kernel.MemcgStats:
		return d.addStatsHead(d.text.keep(text))
	}
	v, ok := kernel.ParseProtection(text)
	if ok {
		d.r.Memcg.Protection, d.r.Memcg.HasProtection = v, true
		if d.in < SectionTasks {
			d.in = SectionTasks
		}
	}
	return ok
}

func (d *draft) addTaskIn(text string) bool {
	v, ok := kernel.ParseTaskIn(text)
	if !ok {
		d.await(kernel.MemcgTask, text)
		d.enter(SectionMemcg)
		return true
	}
	m := &d.r.Memcg
	if v.HasTask {
		m.Task, m.HasTask = v.Task, true
	}
	if v.HasLimit {
		m.Limit, m.HasLimit = v.Limit, true
	}
	if v.HasTask && !v.HasLimit {
		d.await(kernel.MemcgTask, text)
	}
	d.enter(SectionMemcg)
	return true
}

// addStatsHead begins the stats of a cgroup. To 5.2 each cgroup of the subtree prints a line of its own with the
// figures on it: the first is the one whose limit was hit, the others are summed. Such a line may break off at any figure.
func (d *draft) addStatsHead(text string) bool {
	path, hasPath, rest, ok := kernel.ParseStatsHead(text)
	m := &d.r.Memcg
	d.enter(SectionMemcgStats)
	if !ok || rest != "" {
		d.await(kernel.MemcgStats, text)
		d.partialBelow = d.statsDone
	}
	if ok && rest != "" && !d.ofLimit(path, hasPath) {
		d.statsDone = true
	}
	if d.statsDone {
		m.Subtree++
		d.below.begin()
		d.below.read(m, rest)
		return true
	}
	if !ok {
		return true
	}
	m.StatsPath, m.HasStatsPath = path, hasPath
	for {
		v, tail, ok := kernel.NextStat(rest)
		if !ok {
			break
		}
		d.appendStat(v)
		rest, d.statsDone, m.OneLine = tail, true, true
	}
	return true
}

// ofLimit reports whether a line of stats is that of the cgroup whose limit was hit, which stands first: the path tells, else
// that the counters stand before it and nothing was lost.
func (d *draft) ofLimit(path string, hasPath bool) bool {
	m := &d.r.Memcg
	if m.HasLimit && hasPath {
		return path == m.Limit
	}
	return m.Has[kernel.CounterMemory] && d.r.LostRecords == 0
}

// addStat takes one figure of memory.stat (5.3+), by its line.
func (d *draft) addStat(text string) kernel.Kind {
	v, ok := kernel.ParseStat(text)
	if !ok {
		return kernel.Other
	}
	if len(d.r.Memcg.Stats) < maxStats && !d.full() {
		if !v.Known {
			v.Name = d.text.keep(v.Name)
		}
		d.appendStat(v)
	}
	return kernel.MemcgStat
}

// maxStats bounds the figures kept of one memory.stat; no kernel prints a third of it.
const maxStats = 256

func (d *draft) appendStat(v kernel.Stat) {
	if m := &d.r.Memcg; len(m.Stats) < maxStats {
		m.Stats = append(m.Stats, v)
	}
}
