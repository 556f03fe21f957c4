// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// statsSection reads memory.stat of a cgroup: docs/formats.md, sections 3.3 and 3.4.
type statsSection struct {
	// done is set after the values of the first cgroup: what follows is its subtree (to 5.2).
	done bool
	// below sums the values of that subtree.
	below belowStats
	// partialBelow is set where the partial line is of a cgroup below the first.
	partialBelow bool
}

// maxStats bounds the values kept of one memory.stat. No kernel prints a third of it.
const maxStats = 256

func (s *statsSection) take(d *openReport, l line) taken {
	if l.kind() != kernel.MemcgStats {
		return s.takeValue(d, l.text)
	}
	text := d.text.keep(l.text)
	if s.readHead(d, text) == more {
		return begins(kernel.MemcgStats, text)
	}
	return took(kernel.MemcgStats)
}

// takeValue takes one value, by its line (5.3+).
func (*statsSection) takeValue(d *openReport, text string) taken {
	v, ok := kernel.ParseStat(text)
	if !ok {
		return taken{}
	}
	if m := &d.r.Memcg; len(m.Stats) < maxStats && !d.full() {
		if !v.Known {
			v.Name = d.text.keep(v.Name)
		}
		m.Stats = append(m.Stats, v)
	}
	return took(kernel.MemcgStat)
}

// readHead begins the values of a cgroup. To 5.2 each cgroup of the subtree prints a line of its
// own with the values on it: the first is the one whose limit was hit, the others are summed. Such
// a line may break off at any value.
func (s *statsSection) readHead(d *openReport, text string) verdict {
	path, hasPath, rest, ok := kernel.ParseStatsHead(text)
	m := &d.r.Memcg
	d.enter(report.SectionMemcgStats)
	out := mine
	if !ok || rest != "" {
		out = more
		s.partialBelow = s.done
	}
	if ok && rest != "" && !ofLimit(d.r, path, hasPath) {
		s.done = true
	}
	if s.done {
		m.Subtree++
		s.below.begin()
		s.below.read(m, rest)
		return out
	}
	if !ok {
		return out
	}
	m.StatsPath, m.HasStatsPath = path, hasPath
	for {
		v, tail, ok := kernel.NextStat(rest)
		if !ok {
			return out
		}
		if len(m.Stats) < maxStats {
			m.Stats = append(m.Stats, v)
		}
		rest, s.done, m.OneLine = tail, true, true
	}
}

// ofLimit reports whether a line of values is that of the cgroup whose limit was hit, which stands
// first: the path says so, else that the counters stand before it and nothing was lost.
func ofLimit(r *report.Report, path string, hasPath bool) bool {
	m := &r.Memcg
	if m.HasLimit && hasPath {
		return path == m.Limit
	}
	return m.Has[report.CounterMemory] && r.LostRecords == 0
}

func (s *statsSection) resume(d *openReport, _ kernel.Kind, joined string) verdict {
	_, _, rest, ok := kernel.ParseStatsHead(joined)
	if !ok {
		return notMine
	}
	m := &d.r.Memcg
	if s.partialBelow {
		s.below.read(m, rest)
		return more
	}
	s.done = false
	m.Stats = m.Stats[:0]
	s.readHead(d, joined)
	return more
}
