// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
)

// memInfo prints what show_mem prints for a whole machine.
func (p *printer) memInfo() {
	switch {
	case p.to("2.6.9"):
	case p.to("2.6.24") || p.isRHEL("5.7"):
		p.say(noLevel, "Mem-info:")
	default:
		p.say(noLevel, "Mem-Info:")
	}
	p.pagesets()
	p.counters()
	for _, node := range p.Nodes {
		p.nodeLine(node)
		if p.mainline("4.8") {
			p.zonesOf(node)
		}
	}
	if !p.mainline("4.8") {
		for _, node := range p.Nodes {
			p.zonesOf(node)
		}
	}
	for _, node := range p.Nodes {
		for _, zone := range p.zones() {
			p.buddy(node, zone)
		}
	}
	if p.mainline("3.10") {
		for _, node := range p.Nodes {
			p.say(info, "Node %d hugepages_total=%d hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB", node, p.hugepages(node))
		}
	}
	p.tail()
	p.profile()
	p.slab()
}

// hugepages returns the number of huge pages of a node.
func (v Values) hugepages(node int) int64 { return v.figure(fmt.Sprint("huge", node), "total") % 512 }

// zones returns the zones of a node.
func (p *printer) zones() []string {
	if p.to("2.6.24") || p.isRHEL("5.7") {
		return []string{"DMA", "Normal", "HighMem"}
	}
	return []string{"DMA", "DMA32", "Normal"}
}

// nodePrefix returns "Node 0 ", or nothing without CONFIG_NUMA.
func (p *printer) nodePrefix(node int) string {
	if len(p.Nodes) == 1 && !p.mainline("2.6.36") {
		return ""
	}
	return fmt.Sprintf("Node %d ", node)
}

// pagesets prints the per-cpu lists (to 4.0).
func (p *printer) pagesets() {
	if p.from("4.1") || p.isRHEL("7.7", "8.1", "8.3") {
		return
	}
	for _, node := range p.Nodes {
		for _, zone := range p.zones() {
			p.say(noLevel, "%s%s per-cpu:", p.nodePrefix(node), zone)
			switch {
			case p.to("2.6.9"):
				p.say(noLevel, "cpu 0 hot: low 2, high 6, batch 1")
				p.say(noLevel, "cpu 0 cold: low 0, high 2, batch 1")
			case p.to("2.6.18") || p.isRHEL("5.7"):
				p.say(noLevel, "cpu 0 hot: high 186, batch 31 used:23")
				p.say(noLevel, "cpu 0 cold: high 62, batch 15 used:5")
			case p.to("2.6.24"):
				p.say(noLevel, "CPU    0: Hot: hi:  186, btch:  31 usd: 162   Cold: hi:   62, btch:  15 usd:  55")
			default:
				p.say(noLevel, "CPU    0: hi:  186, btch:  31 usd:  30")
				p.say(noLevel, "CPU    1: hi:  186, btch:  31 usd:   0")
			}
		}
	}
}

// counterLines returns the names of the global counters as the kernel prints them, line by line.
func (p *printer) counterLines() []string {
	lists := []string{"active_anon inactive_anon isolated_anon", "active_file inactive_file isolated_file"}
	dirty, slab := "unevictable dirty writeback unstable", "slab_reclaimable slab_unreclaimable"
	if p.from("5.8") {
		dirty = "unevictable dirty writeback"
	}
	switch {
	case p.to("2.6.20"):
		return []string{"Active inactive dirty writeback unstable free slab mapped pagetables"}
	case p.isRHEL("5.7"):
		return []string{"Active inactive dirty writeback unstable free slab mapped-file mapped-anon pagetables"}
	case p.to("2.6.24"):
		return []string{"Active inactive dirty writeback unstable", "free slab mapped pagetables bounce"}
	case p.to("2.6.31"):
		return []string{"Active_anon active_file inactive_anon", "inactive_file unevictable dirty writeback unstable",
			"free slab mapped pagetables bounce"}
	case p.to("3.6") || p.isRHEL("6.6"):
		return append(lists, dirty, "free "+slab, "mapped shmem pagetables bounce")
	case p.to("4.0"):
		return append(lists, dirty, "free "+slab, "mapped shmem pagetables bounce", "free_cma")
	case p.to("5.11") || p.rhel != 0:
		return append(lists, dirty, slab, "mapped shmem pagetables bounce", "free free_pcp free_cma")
	case p.to("5.19"):
		return append(lists, dirty, slab, "mapped shmem pagetables bounce", "kernel_misc_reclaimable", "free free_pcp free_cma")
	}
	return append(lists, dirty, slab, "mapped shmem pagetables", "sec_pagetables bounce", "kernel_misc_reclaimable", "free free_pcp free_cma")
}

// counters prints the global counters: one record of several lines.
func (p *printer) counters() {
	if p.to("2.6.18") || p.isRHEL("5.7") {
		p.say(noLevel, "Free pages: %11dkB (%dkB HighMem)", p.kb(p.figure("global", "free")), p.figure("global", "highmem"))
	}
	var lines []string
	for _, names := range p.counterLines() {
		var pairs []string
		for _, name := range strings.Fields(names) {
			pairs = append(pairs, fmt.Sprintf("%s:%d", name, p.figure("global", strings.ToLower(name))))
		}
		lines = append(lines, strings.Join(pairs, " "))
	}
	p.say(noLevel, "%s", strings.Join(lines, "\n "))
}

// nodeLine prints a node's own figures (4.8+).
func (p *printer) nodeLine(node int) {
	if !p.mainline("4.8") {
		return
	}
	p.say(noLevel, "Node %d %s", node, p.pairs(fmt.Sprint("node", node), p.nodeForm()))
}

// zonesOf prints the zones of a node and what each keeps in reserve.
func (p *printer) zonesOf(node int) {
	for _, zone := range p.zones() {
		p.say(noLevel, "%s%s %s", p.nodePrefix(node), zone, p.pairs(zonePart(node, zone), p.zoneForm()))
		if p.to("2.6.9") {
			p.say(noLevel, "protections[]: 0 0 0")
			continue
		}
		p.say(noLevel, "lowmem_reserve[]: 0 1802 1802 1802")
	}
}

// zonePart names a zone's figures.
func zonePart(node int, zone string) string { return fmt.Sprint("zone", node, zone) }

// pairs prints the figures of a form, in which "name" stands for "name:1kB", "name:" for "name:
// 1kB", "name#" for "name:1", "name^" for "name:1KB" and "name?" for "name? no".
func (p *printer) pairs(part, form string) string {
	var pairs []string
	for _, field := range strings.Fields(form) {
		name := strings.TrimRight(field, ":#^?")
		v := p.figure(part, name)
		switch field[len(name):] {
		case ":":
			pairs = append(pairs, fmt.Sprintf("%s: %dkB", name, v))
		case "#":
			pairs = append(pairs, fmt.Sprintf("%s:%d", name, v))
		case "^":
			pairs = append(pairs, fmt.Sprintf("%s:%dKB", name, v))
		case "?":
			pairs = append(pairs, name+"? "+[]string{"no", "yes"}[v%2])
		default:
			pairs = append(pairs, fmt.Sprintf("%s:%dkB", name, v))
		}
	}
	return strings.Join(pairs, " ")
}

// nodeForm returns the figures of a node's line.
func (p *printer) nodeForm() string {
	f := "active_anon inactive_anon active_file inactive_file unevictable isolated(anon) isolated(file) mapped dirty writeback shmem "
	if p.from("6.6") {
		f += "shmem_thp shmem_pmdmapped anon_thp "
	} else {
		f += "shmem_thp: shmem_pmdmapped: anon_thp: "
	}
	if !p.from("6.17") {
		f += "writeback_tmp "
	}
	if !p.from("5.8") {
		f += "unstable "
	}
	if p.to("4.10") {
		f += "pages_scanned# "
	}
	if p.from("5.9") {
		f += "kernel_stack "
	}
	if p.from("5.11") {
		f += "pagetables "
	}
	if p.from("6.1") {
		f += "sec_pagetables "
	}
	f += "all_unreclaimable?"
	if p.from("6.17") {
		f += " Balloon"
	}
	if p.from("7.1") {
		f += " gpu_active gpu_reclaim"
	}
	return f
}

// zoneForm returns the figures of a zone's line.
func (p *printer) zoneForm() string {
	lists := "active_anon inactive_anon active_file inactive_file unevictable "
	switch {
	case p.to("2.6.9"):
		return "free min low high active inactive present"
	case p.to("2.6.24") || p.isRHEL("5.7"):
		return "free min low high active inactive present pages_scanned# all_unreclaimable?"
	case p.to("2.6.31"):
		return "free min low high " + lists + "present pages_scanned# all_unreclaimable?"
	case p.to("4.7") || p.isRHEL("6.6", "7.7"):
		return p.zoneFormMiddle(lists)
	}
	f := "free "
	if p.from("5.17") {
		f += "boost "
	}
	f += "min low high "
	switch {
	case p.from("7.3"):
		f += "reserved_highatomic free_highatomic "
	case p.from("6.17"):
		f += "reserved_highatomic^ free_highatomic^ "
	case p.from("5.7"):
		f += "reserved_highatomic^ "
	}
	f += lists + "writepending "
	if p.from("6.18") {
		f += "zspages "
	}
	f += "present managed mlocked "
	if p.to("4.12") {
		f += "slab_reclaimable slab_unreclaimable "
	}
	if !p.from("5.9") {
		f += "kernel_stack "
	}
	if !p.from("5.11") {
		f += "pagetables "
	}
	return f + "bounce free_pcp local_pcp free_cma"
}

// zoneFormMiddle is the form of 2.6.32 to 4.7, and of Red Hat 6 and 7.
func (p *printer) zoneFormMiddle(lists string) string {
	f := "free min low high " + lists + "isolated(anon) isolated(file) present "
	if p.mainline("3.8") {
		f += "managed "
	}
	f += "mlocked dirty writeback mapped shmem slab_reclaimable slab_unreclaimable kernel_stack pagetables unstable bounce "
	if p.from("4.1") || p.isRHEL("7.7") {
		f += "free_pcp local_pcp "
	}
	if p.mainline("3.8") {
		f += "free_cma "
	}
	return f + "writeback_tmp pages_scanned# all_unreclaimable?"
}

// buddy prints the free lists of a zone.
func (p *printer) buddy(node int, zone string) {
	var b strings.Builder
	total := int64(0)
	for order := range 11 {
		count, kb := p.figure(zonePart(node, zone), fmt.Sprint("order", order))%9, p.PageKB<<order
		total += count * kb
		fmt.Fprintf(&b, "%d*%dkB ", count, kb)
		if count > 0 && p.mainline("3.8") {
			b.WriteString([]string{"(U) ", "(UME) ", "(M) "}[order%3])
		}
	}
	if p.to("2.6.18") && zone == "HighMem" {
		p.say(noLevel, "%s%s: empty", p.nodePrefix(node), zone)
		return
	}
	p.say(noLevel, "%s%s: %s= %dkB", p.nodePrefix(node), zone, b.String(), total)
}
