// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// addMemInfo takes a named line of the Mem-Info block.
func (d *draft) addMemInfo(read *kernel.Reading, text string) bool {
	d.enter(SectionMemInfo)
	mi := &d.r.MemInfo
	if d.full() {
		*mi = MemInfo{Totals: mi.Totals} // of a part of the zones all sums would be wrong
	}
	switch read.Kind {
	case kernel.MemInfoCounters:
		if !d.full() {
			mi.Counters = appendPairs(mi.Counters, kernel.WholeCounters(d.text.keep(text)))
		}
	case kernel.NodeLine, kernel.ZoneLine:
		return d.addNodeOrZone(text)
	case kernel.LowmemReserve:
		if z := d.lastZone(); z != nil {
			d.setReserve(z, text)
		}
		if !d.full() {
			d.await(kernel.LowmemReserve, d.text.keep(text))
		}
	case kernel.Buddy:
		d.addBuddy(text)
	case kernel.HugepagesLine:
		if len(mi.Hugepages) < maxHugepages && !d.full() {
			mi.Hugepages = append(mi.Hugepages, read.Hugepages)
		}
	case kernel.Pagecache, kernel.Swap, kernel.Pages:
		mi.Totals[read.Total.Name] = kernel.Int{V: max(0, read.Total.Value), OK: read.Total.Value >= 0}
	}
	return true
}

// No kernel prints as much of anything as these bounds, which keep what is read of one report, and the time to read it, small.
const (
	maxPairs     = 256  // figures of one line, or of all lines of global counters
	maxNumbers   = 64   // reserves of a zone, orders of a free list
	maxZones     = 8192 // 1024 nodes have at most 6144
	maxHugepages = 8192 // 1024 nodes, at most seven sizes
)

// appendPairs reads the pairs of a line.
func appendPairs(dst []kernel.Pair, text string) []kernel.Pair {
	for len(dst) < maxPairs {
		p, tail, ok := kernel.NextPair(text)
		if !ok {
			break
		}
		dst, text = append(dst, p), tail
	}
	return dst
}

// setReserve reads a zone's reserves; ok is false when the text holds something else.
func (d *draft) setReserve(z *Zone, text string) (ok bool) {
	values, ok := kernel.ParseLowmemReserve(text, d.numbers[:0])
	d.numbers = values[:0]
	if ok && len(values) <= maxNumbers {
		z.LowmemReserve = append(z.LowmemReserve[:0], values...)
	}
	return ok
}

// addNodeOrZone takes a per-node or per-zone line. One that breaks off waits for its rest.
func (d *draft) addNodeOrZone(text string) bool {
	if d.full() {
		return true
	}
	if d.partialKind == kernel.ZoneLine && kernel.JoinsFragment(d.partial, text) {
		text = d.text.join(d.partial, "", text)
		d.forget()
	} else {
		text = d.text.keep(text)
	}
	head, rest, ok := kernel.ParseNodeOrZone(text)
	if !ok {
		d.await(kernel.ZoneLine, text)
		return true
	}
	if len(d.r.MemInfo.Nodes) >= maxZones || len(d.r.MemInfo.Zones) >= maxZones {
		d.r.Damaged |= 1 << SectionMemInfo
		return true
	}
	if head.Zone == "" {
		n := d.nextNode()
		n.ID = head.Node.V
		n.Pairs = appendPairs(n.Pairs, rest)
		return true
	}
	z := d.nextZone()
	z.Node, z.Name = head.Node, head.Zone
	z.Pairs = appendPairs(z.Pairs, rest)
	return true
}

// nextNode appends a node, with the memory of an earlier report's node where there is one.
func (d *draft) nextNode() *Node {
	n := next(&d.r.MemInfo.Nodes)
	*n = Node{Pairs: n.Pairs[:0]}
	return n
}

// nextZone appends a zone, with the memory of an earlier report's zone where there is one.
func (d *draft) nextZone() *Zone {
	z := next(&d.r.MemInfo.Zones)
	*z = Zone{Pairs: z.Pairs[:0], LowmemReserve: z.LowmemReserve[:0], Buddy: z.Buddy[:0]}
	return z
}

// next makes a slice longer by one and returns the new element, which holds what stood there before.
func next[T any](s *[]T) *T {
	n := len(*s)
	if n == cap(*s) {
		*s = slices.Grow(*s, 1)
	}
	*s = (*s)[:n+1]
	return &(*s)[n]
}

// lastZone returns the zone that lines behind a zone line belong to.
func (d *draft) lastZone() *Zone {
	if n := len(d.r.MemInfo.Zones); n > 0 {
		return &d.r.MemInfo.Zones[n-1]
	}
	return nil
}

// addBuddy puts a free list to its zone; the lists stand behind all zone lines.
func (d *draft) addBuddy(text string) {
	if d.full() {
		return
	}
	text = d.text.keep(text)
	head, items, total, ok := kernel.ParseBuddy(text, d.buddy[:0])
	if !ok {
		return
	}
	d.buddy = items
	if len(items) > maxNumbers || len(d.r.MemInfo.Zones) >= maxZones {
		return
	}
	z := d.zone(head)
	z.Buddy, z.BuddyTotalKB = append(z.Buddy[:0], items...), total
	if !total.OK {
		d.await(kernel.Buddy, text)
	}
}

// zone returns the zone of that name and node; one whose own line was lost is made.
func (d *draft) zone(head kernel.NodeOrZone) *Zone {
	zones := d.r.MemInfo.Zones
	for i := range zones {
		if zones[i].Name == head.Zone && zones[i].Node == head.Node {
			return &zones[i]
		}
	}
	z := d.nextZone()
	z.Node, z.Name = head.Node, head.Zone
	return z
}
