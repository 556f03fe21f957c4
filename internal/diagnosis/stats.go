// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/parser/report"
)

// stats are the figures of a cgroup's memory.stat that findings rest on.
type stats [report.NumStatKeys]report.Int

// readStats picks them out of the kernel's list in one pass.
func readStats(f *facts.Facts) (s stats) {
	for i := range f.Stat {
		if v := &f.Stat[i]; v.Key != report.StatOther && v.Value >= 0 {
			s[v.Key] = report.Some(min(v.Value, 1<<56))
		}
	}
	return s
}

// first returns the first of two figures that is present.
func (s *stats) first(a, b report.StatKey) report.Int {
	if s[a].OK {
		return s[a]
	}
	return s[b]
}
