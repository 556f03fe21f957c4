// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// belowStats sums the memory.stat lines of the cgroups below the one whose limit was hit.
type belowStats struct {
	// sum is the sum of all lines but the newest, newest that one's, by the index of the same figure in [Memcg.Stats].
	sum, newest []int64
	// exceeds is true where a figure of theirs is larger than the same of the cgroup above them.
	exceeds bool
}

// begin readies for the figures of a further cgroup.
func (b *belowStats) begin() {
	for i, v := range b.newest {
		b.sum[i] = addStats(b.sum[i], v)
	}
	clear(b.newest)
}

// read takes the figures of the newest of these cgroups, as far as its line shows them.
func (b *belowStats) read(above []kernel.Stat, rest string) {
	for n := len(above) - len(b.sum); n > 0; n-- {
		b.sum, b.newest = append(b.sum, 0), append(b.newest, 0)
	}
	for i := 0; ; i++ {
		v, tail, ok := kernel.NextStat(rest)
		if !ok {
			return
		}
		rest = tail
		at := i
		if at >= len(above) || above[at].Name != v.Name {
			at = slices.IndexFunc(above, func(s kernel.Stat) bool { return s.Name == v.Name })
		}
		if at >= 0 && at < len(b.newest) {
			b.newest[at] = v.Value
			b.exceeds = b.exceeds || v.Value > above[at].Value
		}
	}
}

// total returns what the cgroups below have of the i-th figure.
func (b *belowStats) total(i int) int64 {
	if i >= len(b.sum) {
		return 0
	}
	return addStats(b.sum[i], b.newest[i])
}

// addStats is a + b; no machine holds so much as to overflow it. It is negative where one of them is: counters that lag say nothing.
func addStats(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return min(a, 1<<60) + min(b, 1<<60)
}

func (b *belowStats) clone() belowStats {
	return belowStats{sum: slices.Clone(b.sum), newest: slices.Clone(b.newest), exceeds: b.exceeds}
}

func (b *belowStats) reset() belowStats { return belowStats{sum: b.sum[:0], newest: b.newest[:0]} }

// AppendMemoryStat appends memory.stat of the cgroup whose limit was hit, with all that is below it. Before 5.2 each line counts
// only what is charged to its own cgroup, so the lines of the tree are summed; from 5.2 on, and where distributions took that
// change into older kernels, a line counts all below. What the lines count must add up to what is charged: else one of them was
// lost, and nothing is appended.
func (r *Report) AppendMemoryStat(dst []kernel.Stat) []kernel.Stat {
	m := &r.Memcg
	if v, known := ParseRelease(r.CPU.Release); !m.inLines || known && !v.Before(5, 2) {
		return append(dst, m.Stats...)
	}
	var own, below int64
	for i := range m.Stats {
		switch m.Stats[i].Key {
		case kernel.StatCache, kernel.StatRSS:
			own, below = addStats(own, m.Stats[i].Value), addStats(below, m.below.total(i))
		}
	}
	switch lost := r.Damaged.Has(SectionMemcgStats) || r.LostRecords > 0; {
	case m.charged(addStats(own, below)) && !lost:
		for i, v := range m.Stats {
			v.Value = addStats(v.Value, m.below.total(i))
			dst = append(dst, v)
		}
	case m.charged(own) && !m.below.exceeds:
		dst = append(dst, m.Stats...)
	}
	return dst
}

// charged reports whether so many bytes of page cache and anonymous memory are what is charged, within what the counters lag behind.
func (m *Memcg) charged(bytes int64) bool {
	usage, kernel := m.Counters[kernel.CounterMemory].UsageKB, m.Counters[kernel.CounterKmem].UsageKB
	if !usage.OK || usage.V < 0 || usage.V > 1<<45 || bytes < 0 {
		return false
	}
	charged := (usage.V - min(max(kernel.V, 0), usage.V)) << 10
	return max(bytes-charged, charged-bytes) <= charged/32+1<<20
}
