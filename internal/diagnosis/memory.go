// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/parser/report"
)

// memory is what ran out and what held it, in bytes. A figure that the report does not give is
// absent.
type memory struct {
	// total is all there was: the limit, or the memory of the host or of the nodes that were
	// allowed.
	total report.Int
	// anon is private memory of processes; shmem tmpfs and shared memory; file other page cache;
	// kernel what the kernel holds for itself; hugetlb reserved huge pages, hugetlbFree those that
	// nobody uses.
	anon, shmem, file, kernel, hugetlb, hugetlbFree report.Int
	// locked is what can neither be dropped nor swapped out: mlock, ramfs. Of a cgroup it is part
	// of the others, and absent here.
	locked report.Int
	// swap is what a cgroup has in swap, where memory and swap are counted together.
	swap report.Int
	// stuck is the part of file that cannot be dropped at once: dirty, under writeback or locked.
	stuck report.Int
	// rest is what is charged to a cgroup and explained by no figure (before 5.18); unaccounted the
	// same of a host.
	rest, unaccounted report.Int
	// refaults is page cache and swap that was thrown out and read back.
	refaults report.Int
	// outside is free memory on nodes that were not allowed.
	outside report.Int
	// free is free memory where the allocation might look, high the sum of the marks from which on
	// it is enough; movable is the part of free that only movable pages may use.
	free, high, movable report.Int
	// hit is the counter of a cgroup that stands at its limit.
	hit report.MemcgCounterName
	// v1 is true for a cgroup of version 1.
	v1 bool
}

// cgroupMemory reads the figures of the cgroup block.
func cgroupMemory(f *facts.Facts) (mem memory) {
	m := &f.Report.Memcg
	mem.hit, mem.total = f.Hit, sumKB(f.LimitKB)
	usage := sumKB(m.Counters[f.Hit].UsageKB)
	mem.v1 = m.Has[report.CounterMemsw] || m.Has[report.CounterKmem]
	s := readStats(f)
	mem.anon, mem.shmem = s.first(report.StatAnon, report.StatRSS), s[report.StatShmem]
	mem.file = minus(s.first(report.StatFile, report.StatCache), mem.shmem)
	mem.stuck = plus(s.first(report.StatFileDirty, report.StatDirty), s.first(report.StatFileWriteback, report.StatWriteback))
	if unevictable := s[report.StatUnevictable]; unevictable.OK && mem.file.OK {
		mem.stuck = plus(mem.stuck, report.Some(min(unevictable.V, mem.file.V)))
	}
	if refaults := plus(s[report.StatRefaultFile], s[report.StatRefaultAnon], s[report.StatRefault]); refaults.OK {
		mem.refaults = report.Some(scale(refaults.V, max(f.PageSize, 4096)))
	}
	if mem.hit == report.CounterMemsw {
		mem.swap = s[report.StatSwap]
	}
	if mem.kernel = s[report.StatKernel]; mem.kernel.OK {
		return mem
	}
	// Before 5.18 no one figure holds it all, and none what is charged page by page (pipe buffers):
	// that is what is left.
	mem.kernel = plus(s[report.StatSlab], s[report.StatKernelStack], s[report.StatPageTables], s[report.StatPercpu], s[report.StatSock])
	if kmem := m.Counters[report.CounterKmem].UsageKB; kmem.OK && kib(kmem.V) > mem.kernel.V {
		mem.kernel = sumKB(kmem)
	}
	if mem.anon.OK && mem.file.OK {
		mem.rest = minus(usage, plus(mem.anon, mem.file, mem.shmem, s[report.StatSwapCached], mem.swap))
	}
	return mem
}

// settleRest takes what no figure of the cgroup explains as the kernel's, unless the processes' own
// memory explains it: figures of memory.stat may lag behind.
func (m *memory) settleRest(processes report.Int) {
	if m.rest.OK && m.total.OK {
		m.rest.V = min(m.rest.V, m.total.V-processes.V)
	}
	if m.rest.V > m.kernel.V {
		m.kernel = m.rest
	}
}

// dropImplausibleTotal drops the total where one process holds more than it: the log showed a part
// of the block only.
func (m *memory) dropImplausibleTotal(process int64) {
	if m.total.OK && process/2 > m.total.V {
		m.total, m.unaccounted = report.Int{}, report.Int{}
	}
}

// hostMemory reads the Mem-Info block; with a cpuset or a policy, that of the nodes that were
// allowed.
func hostMemory(f *facts.Facts) (mem memory) {
	r, info := f.Report, &f.Report.MemInfo
	if f.Scope == report.ScopeCpuset || f.Scope == report.ScopeNUMAPolicy {
		if nodes := allowedNodes(r, f.Scope); nodes != "" {
			return nodesMemory(info, nodes)
		}
	}
	mem.total = managed(info, "", f.PageSize)
	mem.readFree(info, "")
	pages := func(c facts.Counter) (v report.Int) {
		if n := f.Counters[c]; n.OK && f.PageSize > 0 {
			v = report.Some(scale(n.V, f.PageSize))
		}
		return v
	}
	mem.shmem = pages(facts.CounterShmem)
	lruAnon := plus(pages(facts.CounterActiveAnon), pages(facts.CounterInactiveAnon), pages(facts.CounterIsolatedAnon))
	lruFile := plus(pages(facts.CounterActiveFile), pages(facts.CounterInactiveFile), pages(facts.CounterIsolatedFile))
	unevictable := pages(facts.CounterUnevictable)
	mem.anon, mem.file, mem.locked = minus(lruAnon, mem.shmem), lruFile, unevictable
	mem.stuck = plus(pages(facts.CounterDirty), pages(facts.CounterWriteback))
	stack := nodesKB(info, "kernel_stack", "")
	tables := pages(facts.CounterPageTables)
	slab := plus(pages(facts.CounterSlabReclaimable), pages(facts.CounterSlabUnreclaimable))
	mem.kernel = plus(slab, tables, pages(facts.CounterSecPageTables), stack)
	mem.hugetlb, mem.hugetlbFree = hugetlb(info)
	if known := plus(lruAnon, lruFile, unevictable, mem.kernel, mem.hugetlb, pages(facts.CounterFree), pages(facts.CounterFreePCP)); mem.total.OK && slab.OK && lruAnon.OK {
		mem.unaccounted = minus(mem.total, known)
	}
	return mem
}

// readFree reads what is free in the zones of the listed nodes, and their marks.
func (m *memory) readFree(info *report.MemInfo, nodes string) {
	for i := range info.Zones {
		z := &info.Zones[i]
		free, ok := z.Value("free")
		high, ok2 := z.Value("high")
		if !ok || !ok2 || !inList(nodes, z.Node.V) {
			continue
		}
		m.free, m.high = plus(m.free, report.Some(kib(free))), plus(m.high, report.Some(kib(high)))
		if z.Name == "Movable" {
			m.movable = plus(m.movable, report.Some(kib(free)))
		}
	}
}

// plenty reports whether so much was free that memory as a whole had not run out.
func (m *memory) plenty() bool {
	return m.free.OK && m.total.OK && m.free.V > max(4*m.high.V, m.total.V/10)
}

// hugetlb sums the reserved huge pages of all nodes and sizes.
func hugetlb(info *report.MemInfo) (total, free report.Int) {
	for i := range info.Hugepages {
		h := &info.Hugepages[i]
		size := kib(h.SizeKB)
		total = plus(total, report.Some(scale(h.Total, size)))
		free = plus(free, report.Some(scale(h.Free, size)))
	}
	return total, free
}

// plus adds what is present; it is absent when nothing is.
func plus(parts ...report.Int) (sum report.Int) {
	for _, p := range parts {
		if p.OK {
			sum = report.Some(add(sum.V, p.V))
		}
	}
	return sum
}

// minus takes b from a, not below 0; an absent b is 0.
func minus(a, b report.Int) report.Int {
	if a.OK {
		a.V = max(0, a.V-b.V)
	}
	return a
}
