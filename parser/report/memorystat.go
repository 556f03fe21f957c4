// SPDX-License-Identifier: Apache-2.0

package report

// AppendMemoryStat appends memory.stat of the cgroup whose limit was hit, with its subtree. To 5.1
// a line counts only what is charged to its own cgroup, so the lines of the tree are summed. From
// 5.2 on, and in older kernels with that change backported, a line counts its subtree. The sum must
// equal what is charged: else a line was lost, and nothing is appended.
func (r *Report) AppendMemoryStat(dst []Stat) []Stat {
	m := &r.Memcg
	if v, known := ParseRelease(r.CPU.Release); !m.OneLine || known && !v.Before(5, 2) {
		return append(dst, m.Stats...)
	}
	var own, below int64
	for i := range m.Stats {
		switch m.Stats[i].Key {
		case StatCache, StatRSS:
			own, below = AddStats(own, m.Stats[i].Value), AddStats(below, m.below(i))
		}
	}
	switch lost := r.Damaged.Has(SectionMemcgStats) || r.LostRecords > 0; {
	case m.charged(AddStats(own, below)) && !lost:
		for i, v := range m.Stats {
			v.Value = AddStats(v.Value, m.below(i))
			dst = append(dst, v)
		}
	case m.charged(own) && !m.BelowExceeds:
		dst = append(dst, m.Stats...)
	}
	return dst
}

// below returns the i-th value summed over the cgroups below.
func (m *Memcg) below(i int) int64 {
	if i >= len(m.Below) {
		return 0
	}
	return m.Below[i]
}

// AddStats returns a + b, or -1 where one of them is negative: a counter that lags gives no sum. No
// machine holds so much that it overflows.
func AddStats(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return min(a, 1<<60) + min(b, 1<<60)
}

// charged reports whether so many bytes of page cache and anonymous memory are what is charged,
// within what the counters lag behind.
func (m *Memcg) charged(bytes int64) bool {
	usage, kernel := m.Counters[CounterMemory].UsageKB, m.Counters[CounterKmem].UsageKB
	if !usage.OK || usage.V < 0 || usage.V > 1<<45 || bytes < 0 {
		return false
	}
	charged := (usage.V - min(max(kernel.V, 0), usage.V)) << 10
	return max(bytes-charged, charged-bytes) <= charged/32+1<<20
}
