// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// The causes where memory was free, and of no use to the allocation.
var (
	fragmentation = cause{
		name: "fragmentation", meaning: "memory was free, but not enough of it in one piece",
		summary: func(_ *analysis, w *words, f *Finding) {
			w.text("No free piece of ")
			w.size(value(f, "needed"))
			w.text(" was left although ")
			w.size(value(f, "free"))
			w.text(" was free: memory is fragmented")
		},
		advice: func(c *analysis, w *words, _ place) {
			w.text("Raise vm.min_free_kbytes")
			if !c.before(5, 9) {
				w.text(" and vm.compaction_proactiveness")
			}
			w.text("; look for the driver or network buffer that asks for large pieces. ")
		},
		finding: func(f *Finding, p phrase) string {
			return p.meaning + ": " + p.value("needed") + " was needed in one piece, and " + p.value("free") + " was free"
		},
	}
	lowZone = cause{
		name: "low_zone", meaning: "a low memory zone ran out while others had free memory",
		summary: func(_ *analysis, w *words, f *Finding) {
			w.text("The low zone ")
			w.name(f.Label)
			w.text(" ran out while ")
			w.size(value(f, "high_free"))
			w.text(" was free in high memory, which this allocation may not use")
		},
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Run a 64-bit kernel; until then raise vm.lowmem_reserve_ratio's protection and look for what fills low memory (slabtop). ")
		},
		finding: func(f *Finding, p phrase) string {
			return "zone " + p.label + " had " + p.value("free") + " free, high memory " + p.value("high_free")
		},
	}
)

// findZones finds the two ways in which memory runs out while memory is free: no piece that is
// large enough, and no memory in the zones that the allocation may use.
func (c *analysis) findZones() {
	inv := &c.r.Invocation
	if c.scope != report.ScopeHost || c.has(Sysrq) || len(c.r.MemInfo.Zones) == 0 {
		return
	}
	if order := inv.Order; c.r.Seen.Has(report.SectionInvocation) && order.OK && order.V > 0 && c.page > 0 {
		c.fragmented(order.V)
	}
	if !c.has(Fragmentation) {
		c.lowZone()
	}
}

// fragmented records an allocation of 2^order pages that found none although a zone was above its
// mark.
func (c *analysis) fragmented(order int64) {
	if order > 20 {
		return
	}
	need := c.page << order
	var free int64
	for i := range c.r.MemInfo.Zones {
		z := &c.r.MemInfo.Zones[i]
		zoneFree, ok := z.Value("free")
		mark, ok2 := z.Value("min")
		if !ok || !ok2 || len(z.Buddy) == 0 || z.Name == "DMA" {
			continue
		}
		for _, b := range z.Buddy {
			if b.Count > 0 && kib(b.SizeKB) >= need {
				return
			}
		}
		if zoneFree > mark+mark/4 {
			free += kib(zoneFree)
		}
	}
	if free > 0 {
		f := c.add(Fragmentation, Likely)
		f.number("order", order)
		f.bytes("needed", need)
		f.bytes("free", free)
	}
}

// lowZone records that Normal (or DMA32) was below its mark while HighMem, which the allocation
// may not use, had plenty: 32-bit kernels.
func (c *analysis) lowZone() {
	if strings.Contains(c.r.Invocation.GFP.Names, "HIGHUSER") || strings.Contains(c.r.Invocation.GFP.Names, "__GFP_HIGHMEM") {
		return
	}
	var low, highFree report.Int
	var name string
	for i := range c.r.MemInfo.Zones {
		z := &c.r.MemInfo.Zones[i]
		free, ok := z.Value("free")
		mark, ok2 := z.Value("min")
		if !ok || !ok2 {
			continue
		}
		switch z.Name {
		case "Normal":
			if free <= mark+mark/8 {
				low, name = plus(low, report.Some(kib(free))), z.Name
			}
		case "HighMem":
			if high, ok := z.Value("high"); ok && free/4 > high {
				highFree = plus(highFree, report.Some(kib(free)))
			}
		}
	}
	if low.OK && highFree.OK {
		confidence := Certain
		if !c.r.Seen.Has(report.SectionInvocation) {
			confidence = Likely // what the allocation might use is not told, but had it been high memory there was enough
		}
		f := c.add(LowZone, confidence)
		f.Label = name
		f.bytes("free", low.V)
		f.bytes("high_free", highFree.V)
	}
}
