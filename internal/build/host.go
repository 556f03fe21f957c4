// SPDX-License-Identifier: Apache-2.0

package build

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// addHostMemory adds the memory of the host, which a report has unless a cgroup's limit ran out
// (and always to 3.8). Counts are in pages: without a page size there are no bytes.
func (b *Builder) addHostMemory() {
	if !b.r.Seen.Has(report.SectionMemInfo) {
		return
	}
	mi := &b.r.MemInfo
	b.addHostPages(record.HostMemoryTotal, mi.Totals[report.TotalRAM])
	b.addHostPages(record.HostMemoryFree, b.pages(facts.CounterFree))
	b.addHostPages(record.HostMemoryReserved, mi.Totals[report.TotalReserved])
	b.addHostPages(record.HostMemoryAnon, b.anonPages())
	b.addHostPages(record.HostMemoryFile, b.lists(b.pages(facts.CounterActiveFile), facts.CounterInactiveFile, facts.CounterIsolatedFile))
	b.addHostPages(record.HostMemoryShmem, b.pages(facts.CounterShmem))
	b.addHostPages(record.HostMemoryUnevictable, b.pages(facts.CounterUnevictable))
	b.addHostPages(record.HostMemoryDirty, b.pages(facts.CounterDirty))
	b.addHostPages(record.HostMemoryWriteback, b.pages(facts.CounterWriteback))
	b.addHostPages(record.HostMemorySlabReclaimable, b.pages(facts.CounterSlabReclaimable))
	b.addHostPages(record.HostMemorySlabUnreclaimable, b.pages(facts.CounterSlabUnreclaimable))
	b.addKB(record.HostMemoryKernelStack, b.sumOfParts("kernel_stack"))
	b.addHostPages(record.HostMemoryPageTables, b.pages(facts.CounterPageTables))
	b.addKB(record.HostMemoryMlocked, b.sumOfParts("mlocked"))
	b.addHugetlb()
	b.addKB(record.HostSwapTotal, mi.Totals[report.TotalSwap])
	b.addKB(record.HostSwapFree, mi.Totals[report.TotalSwapFree])
}

// mostPages bounds a count of pages: no machine has as many.
const mostPages = 1 << 45

// hostPages returns a count of pages in bytes.
func (b *Builder) hostPages(pages report.Int) (bytes int64, ok bool) {
	if !pages.OK || b.facts.PageSize == 0 || pages.V < 0 || pages.V > mostPages {
		return 0, false
	}
	return pages.V * b.facts.PageSize, true
}

func (b *Builder) addHostPages(f record.ID, pages report.Int) {
	if v, ok := b.hostPages(pages); ok {
		b.AddInt64(f, v)
	}
}

// pages returns a global counter.
func (b *Builder) pages(c facts.Counter) report.Int { return plausiblePages(b.facts.Counters[c]) }

// plausiblePages returns a count of pages, absent where no machine has as many.
func plausiblePages(pages report.Int) report.Int {
	pages.OK = pages.OK && pages.V >= 0 && pages.V <= mostPages
	return pages
}

// anonPages sums the lists of anonymous pages; 2.6.28 and 2.6.31 wrote the first with a capital.
func (b *Builder) anonPages() report.Int {
	active := b.pages(facts.CounterActiveAnon)
	if !active.OK {
		v, ok := b.r.MemInfo.Counter("Active_anon")
		active = plausiblePages(report.Int{V: v, OK: ok})
	}
	return b.lists(active, facts.CounterInactiveAnon, facts.CounterIsolatedAnon)
}

// lists sums the pages on the active and inactive lists, and those isolated from them. The sum is
// absent where one of them is.
func (b *Builder) lists(active report.Int, inactiveList, isolatedList facts.Counter) report.Int {
	inactive, isolated := b.pages(inactiveList), b.pages(isolatedList)
	return report.Int{V: active.V + inactive.V + isolated.V, OK: active.OK && inactive.OK && (isolated.OK || b.countsNoIsolated())}
}

// countsNoIsolated reports whether the kernel does not count isolated pages apart: 2.6.28 to
// 2.6.31.
func (b *Builder) countsNoIsolated() bool {
	v, ok := report.ParseRelease(b.r.CPU.Release)
	return ok && v.Major == 2 && v.Patch < 32
}

// sumOfParts sums a figure in KiB over all nodes, else over all zones. The kernel leaves out zones
// and nodes that the failed request could not use: where the zones shown are not all of RAM, the
// sum is not known.
func (b *Builder) sumOfParts(name string) (sum report.Int) {
	mi := &b.r.MemInfo
	if !b.showsAllZones() {
		return report.Int{}
	}
	told := 0
	for i := range mi.Nodes {
		if v, ok := mi.Nodes[i].Value(name); ok {
			sum = report.Some(sum.V + clampKB(v))
			told++
		}
	}
	if told > 0 && told < b.zoneNodes() {
		return report.Int{} // a node's line was lost
	}
	if sum.OK {
		return sum
	}
	for i := range mi.Zones {
		v, ok := mi.Zones[i].Value(name)
		if !ok {
			return report.Int{} // not printed, or a zone's line was cut
		}
		sum = report.Some(sum.V + clampKB(v))
	}
	return sum
}

// clampKB bounds a value in KiB, so that a sum of implausible values does not overflow.
func clampKB(kb int64) int64 { return max(-mostKB, min(kb, 1<<49)) }

// showsAllZones reports whether the printed zones are all of RAM: what they manage is RAM less what
// is reserved.
func (b *Builder) showsAllZones() bool {
	mi := &b.r.MemInfo
	ram, reserved := mi.Totals[report.TotalRAM], mi.Totals[report.TotalReserved]
	size := b.facts.PageSize
	if !ram.OK || !reserved.OK || size == 0 || ram.V < 0 || ram.V > mostPages || reserved.V < 0 || reserved.V > mostPages {
		return false
	}
	var managedKB, presentKB int64
	for i := range mi.Zones {
		m, _ := mi.Zones[i].Value("managed")
		p, _ := mi.Zones[i].Value("present")
		managedKB, presentKB = managedKB+clampKB(m), presentKB+clampKB(p)
	}
	if managedKB == 0 { // to 3.7
		return presentKB > 0 && presentKB >= (ram.V-reserved.V)*(size/kib)
	}
	return managedKB >= (ram.V-reserved.V)*(size/kib)
}

// zoneNodes counts the nodes whose zones were printed; the zones of a node are adjacent.
func (b *Builder) zoneNodes() (n int) {
	zones := b.r.MemInfo.Zones
	for i := range zones {
		if zones[i].Node.OK && (i == 0 || zones[i].Node != zones[i-1].Node) {
			n++
		}
	}
	return n
}

// addHugetlb adds the memory of huge pages, used or not, where each size was printed for each node.
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
	b.addKB(record.HostMemoryHugetlb, report.Some(sum))
}
