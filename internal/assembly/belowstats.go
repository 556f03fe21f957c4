// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// belowStats sums the memory.stat lines of the cgroups below the one whose limit was hit.
type belowStats struct {
	// sum is the sum of all lines but the newest, newest that line's, by the index of the same
	// value in [Memcg.Stats].
	sum, newest []int64
}

// begin prepares for the line of a further cgroup.
func (b *belowStats) begin() {
	for i, v := range b.newest {
		b.sum[i] = report.AddStats(b.sum[i], v)
	}
	clear(b.newest)
}

// read takes the values of the newest of these cgroups, as far as its line shows them, and puts the
// sums into m.
func (b *belowStats) read(m *report.Memcg, rest string) {
	for n := len(m.Stats) - len(b.sum); n > 0; n-- {
		b.sum, b.newest = append(b.sum, 0), append(b.newest, 0)
	}
	for i := 0; ; i++ {
		v, tail, ok := kernel.NextStat(rest)
		if !ok {
			break
		}
		rest = tail
		at := i
		if at >= len(m.Stats) || m.Stats[at].Name != v.Name {
			at = slices.IndexFunc(m.Stats, func(s report.Stat) bool { return s.Name == v.Name })
		}
		if at >= 0 && at < len(b.newest) {
			b.newest[at] = v.Value
			m.BelowExceeds = m.BelowExceeds || v.Value > m.Stats[at].Value
		}
	}
	m.Below = m.Below[:0]
	for i, v := range b.sum {
		m.Below = append(m.Below, report.AddStats(v, b.newest[i]))
	}
}

func (b *belowStats) clone() belowStats {
	return belowStats{sum: slices.Clone(b.sum), newest: slices.Clone(b.newest)}
}

func (b *belowStats) reset() belowStats { return belowStats{sum: b.sum[:0], newest: b.newest[:0]} }
