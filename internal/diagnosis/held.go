// SPDX-License-Identifier: Apache-2.0

package diagnosis

import "github.com/oomtrail/oomtrail/parser/report"

// Held is how much memory there was, and what held it, in bytes. The parts do not overlap, but the
// kernel reads its counters one after another, so that they may add up to a little more than the
// total. A figure that the report does not give is absent.
type Held struct {
	// Total is the limit of the cgroup, or the usable memory of the host or of the nodes that were
	// allowed.
	Total report.Int
	// Anon is the processes' own memory, Shmem tmpfs and shared memory, File other page cache,
	// Kernel what the kernel holds for itself, Hugetlb the reserved huge pages.
	Anon, Shmem, File, Kernel, Hugetlb report.Int
	// Locked is what can neither be dropped nor swapped out: mlock, ramfs. A cgroup's is part of
	// the others.
	Locked report.Int
	// Swap is what is in swap, where memory and swap are counted together.
	Swap report.Int
	// Free is what was left.
	Free report.Int
	// Plenty is set where so much was free that memory as a whole had not run out: this allocation
	// found none.
	Plenty bool
}

// held returns what there was. The analysis is under way.
func (c *analysis) held() Held {
	m := &c.mem
	h := Held{
		Total: m.total, Anon: m.anon, Shmem: m.shmem, File: m.file, Kernel: m.kernel, Hugetlb: m.hugetlb, Locked: m.locked,
		Swap: m.swap, Free: m.free,
	}
	if c.scope != report.ScopeCgroup {
		h.Plenty = m.plenty()
	} else if usage := sumKB(c.r.Memcg.Counters[m.hit].UsageKB); usage.OK {
		h.Free = minus(m.total, usage)
	}
	return h
}
