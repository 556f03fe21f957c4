// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser/report"
)

// details writes what few need.
func (w *writer) details(p *page.Page) {
	if len(p.Victims) > page.Named+1 { // else the first sentence names them
		w.heading("The " + number(int64(len(p.Victims))) + " victims of this report")
		for _, v := range p.Victims {
			line := indent + right(number(v.PID), 9) + "  " + v.Name
			if v.Group {
				line += "  (with the group)"
			}
			w.line(line)
		}
	}
	w.facts("Who asked for memory", p.Asker)
	if len(p.Stats) > 0 {
		w.heading("memory.stat of the cgroup")
		for i := range p.Stats {
			s := &p.Stats[i]
			w.line(indent + left(s.Name, 30) + " " + right(s.Value.String(), 16))
		}
	}
	w.zones(p.Zones)
	if len(p.Slab) > 0 {
		w.heading("Unreclaimable slab")
		for i := range p.Slab {
			w.line(indent + left(p.Slab[i].Name, 30) + " " + right(p.Slab[i].Text, 12))
		}
	}
	if len(p.Allocations) > 0 {
		w.heading("Allocation profile")
		for _, a := range p.Allocations {
			w.line(indent + right(kill.Size(a.Bytes), 12) + "  " + a.Func + "  " + a.Site)
		}
	}
}

// zones writes the memory zones and how near to their marks they were.
func (w *writer) zones(zones []page.Zone) {
	if len(zones) == 0 {
		return
	}
	w.heading("Zones")
	w.line(indent + left("node zone", 16) + right("managed", 12) + right("free", 12) + right("min", 12))
	for i := range zones {
		z := &zones[i]
		line := indent + left(z.Name, 16)
		for _, figure := range [...]report.Int{z.Managed, z.Free, z.Min} {
			text := "-"
			if figure.OK {
				text = kill.Size(figure.V)
			}
			line += right(text, 12)
		}
		w.line(line)
	}
}
