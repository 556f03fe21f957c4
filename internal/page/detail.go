// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// victims lists all who died by this report, where they are several.
func (m *maker) victims() (victims []Victim) {
	if len(m.report.Kills) < 2 {
		return nil
	}
	for i := range m.report.Kills {
		k := &m.report.Kills[i]
		v := Victim{PID: k.PID, Name: plain.Printable(k.Comm), Group: k.Group}
		v.Held = bytesOf(heldKB(k))
		victims = append(victims, v)
	}
	return victims
}

// heldKB is what a victim had of its own and of files, in KiB.
func heldKB(k *report.Kill) (kb int64, ok bool) {
	return k.AnonRSSKB.V + k.FileRSSKB.V + k.ShmemRSSKB.V, k.AnonRSSKB.OK && k.FileRSSKB.OK
}

// asker lists whose allocation failed, and what it asked for.
func (m *maker) asker() (asker facts) {
	name := m.Record.Text("oom.trigger.name")
	if name == "" {
		return nil
	}
	if pid, ok := m.Number64("oom.trigger.pid"); ok {
		name += " (pid " + number(pid) + ")"
	}
	asker.add("process", name)
	if order, ok := m.Number64("oom.trigger.order"); ok {
		switch {
		case order < 0:
			asker.add("for", "nothing: sysrq-f")
		case order == 0:
			asker.add("for", "a single page")
		default:
			asker.add("for", number(1<<min(order, 20))+" pages in one piece")
		}
	}
	asker.add("flags", m.Record.Text("oom.trigger.gfp_flags"))
	asker.add("kernel", m.Record.Text("oom.kernel.release"))
	return asker
}

// stats returns the figures of the cgroup's memory.stat that are more than nothing.
func (m *maker) stats() (stats []Figure) {
	for _, s := range m.report.AppendMemoryStat(nil) {
		if s.Value > 0 {
			known := statOf(s.Name)
			f := Figure{Name: plain.Printable(s.Name), Text: number(s.Value), Value: record.Int64Value(s.Value), Means: known.means}
			if !known.count {
				f.Text = kill.Size(s.Value)
			}
			stats = append(stats, f)
		}
	}
	return stats
}

// zones returns the memory zones.
func (m *maker) zones() (zones []Zone) {
	for i := range m.report.MemInfo.Zones {
		z := &m.report.MemInfo.Zones[i]
		name := z.Name
		if z.Node.OK {
			name = number(z.Node.V) + " " + name
		}
		value := func(name string) report.Int { return bytesOf(z.Value(name)) }
		zones = append(zones, Zone{
			Name: plain.Printable(name), Managed: value("managed"), Free: value("free"), Min: value("min"), Low: value("low"), High: value("high"),
		})
	}
	return zones
}

// slab returns the unreclaimable slab caches of more than a megabyte.
func (m *maker) slab() (caches []Figure) {
	for _, s := range m.report.Slab {
		if s.TotalKB >= 1024 && s.TotalKB < 1<<50 {
			caches = append(caches, sizeFigure(s.Name, s.TotalKB<<10))
		}
	}
	return caches
}

// allocations returns the call sites of the allocation profile.
func (m *maker) allocations() (sites []Allocation) {
	for _, a := range m.report.Allocations {
		sites = append(sites, Allocation{Bytes: a.Bytes, Func: plain.Printable(a.Func), Site: plain.Printable(a.Site)})
	}
	return sites
}

// lines returns the lines of the report, where they were kept; without a report those of the
// record.
func (m *maker) lines() (lines []Line) {
	if m.report == nil {
		for text := range strings.Lines(m.Record.Text("log.record.original")) {
			lines = append(lines, Line{Kind: m.Killer(), Text: strings.TrimSuffix(text, "\n")})
		}
		return lines
	}
	for i := range m.report.Lines {
		l := &m.report.Lines[i]
		lines = append(lines, Line{Number: l.Number, Kind: l.Kind, Text: plain.Printable(l.Text)})
	}
	return lines
}

// State says in plain words how near to its marks the zone was, "" where that is not known.
func (z *Zone) State() string {
	switch {
	case !z.Free.OK || !z.Min.OK || z.Min.V == 0:
		return ""
	case z.Free.V < z.Min.V:
		return "below min: exhausted"
	case z.Low.OK && z.Free.V < z.Low.V:
		return "between min and low: short"
	case z.High.OK && z.Free.V < z.High.V:
		return "between low and high"
	}
	return "above its marks"
}
