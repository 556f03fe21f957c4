package assembly

import "github.com/oomtrail/oomtrail/parser/grammar"

// addMemcg takes a named line of the memory-cgroup block.
func (d *draft) addMemcg(read *grammar.Reading, text string) bool {
	switch read.Kind {
	case grammar.MemcgTask:
		return d.addTaskIn(d.text.keep(text))
	case grammar.MemcgCounter:
		d.r.Memcg.Counters[read.Counter.Name], d.r.Memcg.Has[read.Counter.Name] = read.Counter, true
		d.enter(SectionMemcg)
		return true
	case grammar.MemcgStats:
		return d.addStatsHead(d.text.keep(text))
	}
	v, ok := grammar.ParseProtection(text)
	if ok {
		d.r.Memcg.Protection, d.r.Memcg.HasProtection = v, true
		if d.in < SectionTasks {
			d.in = SectionTasks
		}
	}
	return ok
}

func (d *draft) addTaskIn(text string) bool {
	v, ok := grammar.ParseTaskIn(text)
	if !ok {
		d.await(grammar.MemcgTask, text)
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
		d.await(grammar.MemcgTask, text)
	}
	d.enter(SectionMemcg)
	return true
}

// addStatsHead begins the stats of a cgroup. To 5.2 each cgroup of the subtree prints a line of its own with the
// figures on it: the first is the one whose limit was hit, the others are summed. Such a line may break off at any figure.
func (d *draft) addStatsHead(text string) bool {
	path, hasPath, rest, ok := grammar.ParseStatsHead(text)
	m := &d.r.Memcg
	d.enter(SectionMemcgStats)
	if !ok || rest != "" {
		d.await(grammar.MemcgStats, text)
		d.partialBelow = d.statsDone
	}
	if ok && rest != "" && !d.ofLimit(path, hasPath) {
		d.statsDone = true
	}
	if d.statsDone {
		m.Subtree++
		m.below.begin()
		m.below.read(m.Stats, rest)
		return true
	}
	if !ok {
		return true
	}
	m.StatsPath, m.HasStatsPath = path, hasPath
	for {
		v, tail, ok := grammar.NextStat(rest)
		if !ok {
			break
		}
		d.appendStat(v)
		rest, d.statsDone, m.inLines = tail, true, true
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
	return m.Has[grammar.CounterMemory] && d.r.LostRecords == 0
}

// addStat takes one figure of memory.stat (5.3+), by its line.
func (d *draft) addStat(text string) grammar.Kind {
	v, ok := grammar.ParseStat(text)
	if !ok {
		return grammar.Other
	}
	if len(d.r.Memcg.Stats) < maxStats && !d.full() {
		if !v.IsKnown() {
			v.Name = d.text.keep(v.Name)
		}
		d.appendStat(v)
	}
	return grammar.MemcgStat
}

// maxStats bounds the figures kept of one memory.stat; no kernel prints a third of it.
const maxStats = 256

func (d *draft) appendStat(v grammar.Stat) {
	if m := &d.r.Memcg; len(m.Stats) < maxStats {
		m.Stats = append(m.Stats, v)
	}
}
