// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// addHostMemory adds the state of the whole host, which a report holds when not a cgroup's limit ran out (and
// up to 3.8 always). Counts are in pages: without a page size there are no bytes.
func (b *Builder) addHostMemory() {
	if !b.r.Seen.Has(assembly.SectionMemInfo) {
		return
	}
	mi := &b.r.MemInfo
	b.addHostPages(fHostMemoryTotal, mi.Totals[kernel.TotalRAM])
	b.addHostPages(fHostMemoryFree, b.pages(facts.CounterFree))
	b.addHostPages(fHostMemoryReserved, mi.Totals[kernel.TotalReserved])
	b.addHostPages(fHostMemoryAnon, b.anonPages())
	b.addHostPages(fHostMemoryFile, b.lists(b.pages(facts.CounterActiveFile), facts.CounterInactiveFile, facts.CounterIsolatedFile))
	b.addHostPages(fHostMemoryShmem, b.pages(facts.CounterShmem))
	b.addHostPages(fHostMemoryUnevictable, b.pages(facts.CounterUnevictable))
	b.addHostPages(fHostMemoryDirty, b.pages(facts.CounterDirty))
	b.addHostPages(fHostMemoryWriteback, b.pages(facts.CounterWriteback))
	b.addHostPages(fHostMemorySlabReclaimable, b.pages(facts.CounterSlabReclaimable))
	b.addHostPages(fHostMemorySlabUnreclaimable, b.pages(facts.CounterSlabUnreclaimable))
	b.addKB(fHostMemoryKernelStack, b.sumOfParts("kernel_stack"))
	b.addHostPages(fHostMemoryPageTables, b.pages(facts.CounterPageTables))
	b.addKB(fHostMemoryMlocked, b.sumOfParts("mlocked"))
	b.addHugetlb()
	b.addKB(fHostSwapTotal, mi.Totals[kernel.TotalSwap])
	b.addKB(fHostSwapFree, mi.Totals[kernel.TotalSwapFree])
}

// mostPages bounds a count of pages: no machine has as many.
const mostPages = 1 << 45

// hostPages returns a count of pages in bytes.
func (b *Builder) hostPages(pages kernel.Int) (bytes int64, ok bool) {
	if !pages.OK || b.facts.PageSize == 0 || pages.V < 0 || pages.V > mostPages {
		return 0, false
	}
	return pages.V * b.facts.PageSize, true
}

func (b *Builder) addHostPages(f field, pages kernel.Int) {
	if v, ok := b.hostPages(pages); ok {
		b.addNumber(f, v)
	}
}

// pages returns a global counter.
func (b *Builder) pages(c facts.Counter) kernel.Int { return possible(b.facts.Counters[c]) }

// possible takes a count of pages that no machine has for none.
func possible(pages kernel.Int) kernel.Int {
	pages.OK = pages.OK && pages.V >= 0 && pages.V <= mostPages
	return pages
}

// anonPages sums the lists of anonymous pages; 2.6.28 and 2.6.31 wrote the first with a capital.
func (b *Builder) anonPages() kernel.Int {
	active := b.pages(facts.CounterActiveAnon)
	if !active.OK {
		v, ok := b.r.MemInfo.Counter("Active_anon")
		active = possible(kernel.Int{V: v, OK: ok})
	}
	return b.lists(active, facts.CounterInactiveAnon, facts.CounterIsolatedAnon)
}

// lists sums the pages on the active and inactive lists, and those taken off them for the moment. One of
// them missing makes the sum unknown.
func (b *Builder) lists(active kernel.Int, inactiveList, isolatedList facts.Counter) kernel.Int {
	inactive, isolated := b.pages(inactiveList), b.pages(isolatedList)
	return kernel.Int{V: active.V + inactive.V + isolated.V, OK: active.OK && inactive.OK && (isolated.OK || b.countsNoIsolated())}
}

// countsNoIsolated reports whether the kernel is so old that pages isolated from the lists are not counted apart: 2.6.28 to 2.6.31.
func (b *Builder) countsNoIsolated() bool {
	v, ok := assembly.ParseRelease(b.r.CPU.Release)
	return ok && v.Major == 2 && v.Patch < 32
}

// sumOfParts sums a figure in KiB over all nodes, else over all zones. The kernel leaves out zones and nodes that the
// failed request could not use: where the zones shown are not all of RAM, the sum is not known.
func (b *Builder) sumOfParts(name string) (sum kernel.Int) {
	mi := &b.r.MemInfo
	if !b.showsAllZones() {
		return kernel.Int{}
	}
	told := 0
	for i := range mi.Nodes {
		if v, ok := mi.Nodes[i].Value(name); ok {
			sum = kernel.Some(sum.V + within(v))
			told++
		}
	}
	if told > 0 && told < b.zoneNodes() {
		return kernel.Int{} // a node's line was lost
	}
	if sum.OK {
		return sum
	}
	for i := range mi.Zones {
		v, ok := mi.Zones[i].Value(name)
		if !ok {
			return kernel.Int{} // not printed, or a zone's line was cut
		}
		sum = kernel.Some(sum.V + within(v))
	}
	return sum
}

// within keeps a figure in KiB that cannot be from making a sum overflow, which is too large to be told anyway.
func within(kb int64) int64 { return max(-mostKB, min(kb, 1<<49)) }

// showsAllZones reports whether the zones printed hold all of RAM: what they manage is RAM less what is reserved.
func (b *Builder) showsAllZones() bool {
	mi := &b.r.MemInfo
	ram, reserved := mi.Totals[kernel.TotalRAM], mi.Totals[kernel.TotalReserved]
	size := b.facts.PageSize
	if !ram.OK || !reserved.OK || size == 0 || ram.V < 0 || ram.V > mostPages || reserved.V < 0 || reserved.V > mostPages {
		return false
	}
	var managedKB, presentKB int64
	for i := range mi.Zones {
		m, _ := mi.Zones[i].Value("managed")
		p, _ := mi.Zones[i].Value("present")
		managedKB, presentKB = managedKB+within(m), presentKB+within(p)
	}
	if managedKB == 0 { // to 3.7
		return presentKB > 0 && presentKB >= (ram.V-reserved.V)*(size/kib)
	}
	return managedKB >= (ram.V-reserved.V)*(size/kib)
}

// zoneNodes counts the nodes that zones were printed of; the zones of a node stand together.
func (b *Builder) zoneNodes() (n int) {
	zones := b.r.MemInfo.Zones
	for i := range zones {
		if zones[i].Node.OK && (i == 0 || zones[i].Node != zones[i-1].Node) {
			n++
		}
	}
	return n
}

// addHugetlb adds the memory that huge pages hold, used or not, where each size was printed of each node.
func (b *Builder) addHugetlb() {
	pages := b.r.MemInfo.Hugepages
	if len(pages) == 0 || !b.showsAllZones() {
		return
	}
	type size struct {
		kb    int64
		lines int
	}
	var sizes [16]size // no machine has as many
	n, sum := 0, int64(0)
	for i := range pages {
		p := &pages[i]
		if p.SizeKB <= 0 || p.SizeKB > 1<<40 || p.Total < 0 || p.Total > (1<<50)/p.SizeKB {
			return
		}
		sum += p.Total * p.SizeKB
		at := slices.IndexFunc(sizes[:n], func(s size) bool { return s.kb == p.SizeKB })
		if at < 0 {
			if at = n; n == len(sizes) {
				return
			}
			n++
			sizes[at].kb = p.SizeKB
		}
		sizes[at].lines++
	}
	nodes := b.zoneNodes()
	if slices.ContainsFunc(sizes[:n], func(s size) bool { return s.lines < nodes }) {
		return // a line was lost
	}
	b.addKB(fHostMemoryHugetlb, kernel.Some(sum))
}
