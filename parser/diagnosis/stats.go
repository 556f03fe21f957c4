package diagnosis

import (
	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/internal/facts"
)

// stats are the figures of a cgroup's memory.stat that findings rest on.
type stats [facts.NumStats]grammar.Int

// readStats picks them out of the kernel's list in one pass.
func readStats(f *facts.Facts) (s stats) {
	for i, which := range f.Stats {
		if v := f.Report.Memcg.Stats[i].Value; which != facts.StatOther && v >= 0 {
			s[which] = grammar.Some(min(v, 1<<56))
		}
	}
	return s
}

// first returns the first of two figures that is present.
func (s *stats) first(a, b facts.Stat) grammar.Int {
	if s[a].OK {
		return s[a]
	}
	return s[b]
}
