// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// memInfoSection reads the Mem-Info block: docs/formats.md, section 4.
type memInfoSection struct {
	// buddy is room to read a free list into, reserves room to read a zone's reserves into.
	buddy    []report.BuddyItem
	reserves []int64
}

// No kernel prints as much of anything as these bounds, which keep what is read of one report, and
// the time to read it, small.
const (
	maxPairs     = 256  // values of one line, or of all lines of global counters
	maxNumbers   = 64   // reserves of a zone, orders of a free list
	maxZones     = 8192 // 1024 nodes have at most 6144
	maxHugepages = 8192 // 1024 nodes, at most seven sizes
)

func (s *memInfoSection) take(d *openReport, l line) taken {
	kind := l.kind()
	if kind == kernel.Other {
		if l.read == nil {
			return taken{}
		}
		return s.begin(l.text)
	}
	d.enter(report.SectionMemInfo)
	mi := &d.r.MemInfo
	if d.full() {
		*mi = report.MemInfo{Totals: mi.Totals} // of a part of the zones all sums would be wrong
		if kind != kernel.Pagecache && kind != kernel.Swap && kind != kernel.Pages {
			return took(kind)
		}
	}
	switch kind {
	case kernel.MemInfoCounters:
		mi.Counters = appendPairs(mi.Counters, kernel.WholeCounters(d.text.keep(l.text)))
	case kernel.NodeLine, kernel.ZoneLine:
		return s.takeNodeOrZone(d, kind, l.text)
	case kernel.LowmemReserve:
		if z := lastZone(mi); z != nil {
			s.readReserves(z, l.text)
		}
		return begins(kind, d.text.keep(l.text)) // at any number it may break off
	case kernel.Buddy:
		if text := d.text.keep(l.text); s.readBuddy(mi, text) == more {
			return begins(kind, text)
		}
	case kernel.HugepagesLine:
		if len(mi.Hugepages) < maxHugepages {
			mi.Hugepages = append(mi.Hugepages, l.read.Hugepages)
		}
	case kernel.Pagecache, kernel.Swap, kernel.Pages:
		t := &l.read.Total
		mi.Totals[t.Name] = report.Int{V: max(0, t.Value), OK: t.Value >= 0}
	}
	return took(kind)
}

// begin takes the "Node 0 " of a zone's line, torn apart after it.
func (*memInfoSection) begin(text string) taken {
	number, ok := strings.CutPrefix(strings.TrimRight(text, " "), "Node ")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return taken{}
	}
	return begins(kernel.ZoneLine, "Node "+number+" ")
}

// takeNodeOrZone takes a line of a node or a zone. What follows a torn "Node 0 " looks like a whole
// line.
func (s *memInfoSection) takeNodeOrZone(d *openReport, kind kernel.Kind, text string) taken {
	if d.partial.kind == kernel.ZoneLine && kernel.JoinsFragment(d.partial.text, text) {
		text = d.text.join(d.partial.text, "", text)
		d.partial.clear()
	} else {
		text = d.text.keep(text)
	}
	if !s.readNodeOrZone(d.r, text) {
		return begins(kernel.ZoneLine, text)
	}
	return took(kind)
}

// readNodeOrZone reads a line of a node or a zone, false for one that breaks off.
func (*memInfoSection) readNodeOrZone(r *report.Report, text string) (whole bool) {
	head, rest, ok := kernel.ParseNodeOrZone(text)
	if !ok {
		return false
	}
	mi := &r.MemInfo
	switch {
	case len(mi.Nodes) >= maxZones || len(mi.Zones) >= maxZones:
		r.Damaged |= 1 << report.SectionMemInfo
	case head.Zone == "":
		n := nextNode(mi)
		n.ID = head.Node.V
		n.Pairs = appendPairs(n.Pairs, rest)
	default:
		z := nextZone(mi)
		z.Node, z.Name = head.Node, head.Zone
		z.Pairs = appendPairs(z.Pairs, rest)
	}
	return true
}

// readReserves reads a zone's reserves. It is false when the text holds something else.
func (s *memInfoSection) readReserves(z *report.Zone, text string) (ok bool) {
	values, ok := kernel.ParseLowmemReserve(text, s.reserves[:0])
	s.reserves = values[:0]
	if ok && len(values) <= maxNumbers {
		z.LowmemReserve = append(z.LowmemReserve[:0], values...)
	}
	return ok
}

// readBuddy puts a free list to its zone. The lists stand after all zone lines.
func (s *memInfoSection) readBuddy(mi *report.MemInfo, text string) verdict {
	head, items, total, ok := kernel.ParseBuddy(text, s.buddy[:0])
	if !ok {
		return notMine
	}
	s.buddy = items
	if len(items) > maxNumbers || len(mi.Zones) >= maxZones {
		return mine
	}
	z := zoneOf(mi, head)
	z.Buddy, z.BuddyTotalKB = append(z.Buddy[:0], items...), total
	if !total.OK {
		return more
	}
	return mine
}

func (s *memInfoSection) resume(d *openReport, kind kernel.Kind, joined string) verdict {
	mi := &d.r.MemInfo
	switch kind {
	case kernel.ZoneLine:
		if _, _, ok := kernel.ParseNodeOrZone(joined); !ok {
			return notMine
		}
		if !d.full() {
			s.readNodeOrZone(d.r, joined)
		}
		return mine
	case kernel.LowmemReserve:
		if z := lastZone(mi); z == nil || !s.readReserves(z, joined) {
			return notMine
		}
		return more
	}
	if d.full() {
		_, _, total, ok := kernel.ParseBuddy(joined, s.buddy[:0])
		switch {
		case !ok:
			return notMine
		case !total.OK:
			return more
		}
		return mine
	}
	return s.readBuddy(mi, joined)
}

// appendPairs reads the pairs of a line.
func appendPairs(dst []report.Pair, text string) []report.Pair {
	for len(dst) < maxPairs {
		p, tail, ok := kernel.NextPair(text)
		if !ok {
			break
		}
		dst, text = append(dst, p), tail
	}
	return dst
}

// nextNode appends a node, with the memory of an earlier report's node where there is one.
func nextNode(mi *report.MemInfo) *report.Node {
	n := next(&mi.Nodes)
	*n = report.Node{Pairs: n.Pairs[:0]}
	return n
}

// nextZone appends a zone, with the memory of an earlier report's zone where there is one.
func nextZone(mi *report.MemInfo) *report.Zone {
	z := next(&mi.Zones)
	*z = report.Zone{Pairs: z.Pairs[:0], LowmemReserve: z.LowmemReserve[:0], Buddy: z.Buddy[:0]}
	return z
}

// next makes a slice longer by one and returns the new element, which holds what stood there
// before.
func next[T any](s *[]T) *T {
	n := len(*s)
	if n == cap(*s) {
		*s = slices.Grow(*s, 1)
	}
	*s = (*s)[:n+1]
	return &(*s)[n]
}

// lastZone returns the zone that lines after a zone line belong to, nil for none.
func lastZone(mi *report.MemInfo) *report.Zone {
	if n := len(mi.Zones); n > 0 {
		return &mi.Zones[n-1]
	}
	return nil
}

// zoneOf returns the zone of that name and node. One whose own line was lost is made.
func zoneOf(mi *report.MemInfo, head kernel.NodeOrZone) *report.Zone {
	for i := range mi.Zones {
		if z := &mi.Zones[i]; z.Name == head.Zone && z.Node == head.Node {
			return z
		}
	}
	z := nextZone(mi)
	z.Node, z.Name = head.Node, head.Zone
	return z
}
