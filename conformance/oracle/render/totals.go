// SPDX-License-Identifier: Apache-2.0

package render

import "fmt"

// total returns a figure of the tail of Mem-Info.
func (v Values) total(name string) int64 { return v.figure("total", name) }

// ramPages returns the RAM: what is reserved and what the zones manage. Where a cpuset hides zones
// it is more.
func (p *printer) ramPages() int64 {
	name := "managed"
	if !p.mainline("3.8") {
		name = "present"
	}
	kb := int64(0)
	for _, node := range p.Nodes {
		for _, zone := range p.zones() {
			kb += p.figure(zonePart(node, zone), name)
		}
	}
	if p.Constraint == "CPUSET" {
		kb += 4096
	}
	return p.total("reserved") + kb/p.PageKB
}

// tail prints the last lines of show_mem.
func (p *printer) tail() {
	if p.to("2.6.24") || p.isRHEL("5.7") {
		p.oldTail()
		return
	}
	p.say(noLevel, "%d total pagecache pages", p.total("pagecache"))
	p.say(noLevel, "%d pages in swap cache", p.total("swapcache"))
	if !p.from("6.1") {
		p.say(noLevel, "Swap cache stats: add 1, delete 2, find 3/4")
	}
	p.say(noLevel, "Free swap  = %dkB", p.total("free swap"))
	p.say(noLevel, "Total swap = %dkB", p.total("swap"))
	p.say(noLevel, "%d pages RAM", p.ramPages())
	switch {
	case p.from("3.11") || p.isRHEL("7.7", "8.1", "8.3"):
		p.say(noLevel, "0 pages HighMem/MovableOnly")
	case p.seed%2 == 0:
		p.say(noLevel, "%d pages HighMem", p.total("highmem"))
	}
	p.say(noLevel, "%d pages reserved", p.total("reserved"))
	if p.to("3.10") || p.isRHEL("6.6") {
		p.say(noLevel, "%d pages shared", p.total("shared"))
		p.say(noLevel, "%d pages non-shared", p.total("non-shared"))
	}
	if p.from("3.19") || p.isRHEL("8.1", "8.3") {
		p.say(noLevel, "0 pages cma reserved")
	}
	if p.from("3.14") || p.isRHEL("8.1", "8.3") {
		p.say(noLevel, "%d pages hwpoisoned", p.total("hwpoisoned"))
	}
}

// oldTail is the tail of kernels to 2.6.24.
func (p *printer) oldTail() {
	if p.isRHEL("5.7") {
		p.say(noLevel, "%d pagecache pages", p.total("pagecache"))
	}
	p.say(noLevel, "Swap cache: add 1, delete 2, find 3/4, race 5+6")
	if !p.to("2.6.9") {
		p.say(noLevel, "Free swap  = %dkB", p.total("free swap"))
		p.say(noLevel, "Total swap = %dkB", p.total("swap"))
	}
	p.say(noLevel, "Free swap:       %6dkB", p.total("free swap"))
	p.say(noLevel, "%d pages of RAM", p.ramPages())
	p.say(noLevel, "%d pages of HIGHMEM", p.total("highmem"))
	p.say(noLevel, "%d reserved pages", p.total("reserved"))
	p.say(noLevel, "%d pages shared", p.total("shared"))
	p.say(noLevel, "%d pages swap cached", p.total("swapcache"))
	if p.from("2.6.18") {
		for _, name := range []string{"dirty", "writeback", "mapped", "slab", "pagetables"} {
			p.say(noLevel, "%d pages %s", p.total(name), name)
		}
	}
}

// profile prints the largest allocation sites (6.10+, where configured).
func (p *printer) profile() {
	if !p.Profile || !p.from("6.10") {
		return
	}
	head := "Memory allocations:"
	if p.from("6.18") {
		head = "Memory allocations (profiling is currently turned on):"
	}
	p.say(notice, "%s", head)
	if !p.from("6.12") {
		p.say(notice, "%12d %8d %s:%d func:%s", 16777216, 4096, "mm/slub.c", 2304, "alloc_slab_page")
		p.say(notice, "%12d %8d %s:%d [%s] func:%s", 1048576, 12, "drivers/net/virtio_net.c", 99, "virtio_net", "probe")
		return
	}
	p.say(notice, "%12s %8d %s:%d func:%s", "16.0 MiB", 4096, "mm/slub.c", 2304, "alloc_slab_page")
	p.say(notice, "%12s %8d %s:%d [%s] func:%s", "1.00 MiB", 12, "drivers/net/virtio_net.c", 99, "virtio_net", "probe")
}

// slab prints the table of unreclaimable slab caches (4.15+, where they outweigh the rest).
func (p *printer) slab() {
	if !p.Slab || !p.from("4.15") && !p.isRHEL("8.1", "8.3") {
		return
	}
	p.say(info, "Unreclaimable slab info:")
	p.say(info, "Name                      Used          Total")
	for _, name := range []string{"kmalloc-8k", "a_cache_with_a_long_name(1:2)", "dentry"} {
		p.say(info, "%-17s %10dKB %10dKB", name, p.figure("slab", name), p.figure("slab", fmt.Sprint(name, "total")))
	}
}
