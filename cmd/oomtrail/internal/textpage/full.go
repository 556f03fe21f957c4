// SPDX-License-Identifier: Apache-2.0

package textpage

import "github.com/oomtrail/oomtrail/internal/kill"

// victims lists all who died by this report, where they are several.
func (p *page) victims() {
	kills := p.report.Kills
	if len(kills) <= named+1 {
		return // the first sentence names them
	}
	p.heading("The " + number(int64(len(kills))) + " victims of this report")
	for i := range kills {
		k := &kills[i]
		line := indent + right(number(k.PID), 9) + "  " + printable(k.Comm)
		if k.Group {
			line += "  (with the group)"
		}
		p.line(line)
	}
}

// asker tells whose allocation failed, and what it asked for.
func (p *page) asker() {
	name := p.Record.Text("oom.trigger.name")
	if name == "" {
		return
	}
	p.heading("Who asked for memory")
	if pid, ok := p.Number64("oom.trigger.pid"); ok {
		name += " (pid " + number(pid) + ")"
	}
	p.row("process", name)
	if order, ok := p.Number64("oom.trigger.order"); ok {
		switch {
		case order < 0:
			p.row("for", "nothing: sysrq-f")
		case order == 0:
			p.row("for", "a single page")
		default:
			p.row("for", number(1<<min(order, 20))+" pages in one piece")
		}
	}
	p.row("flags", p.Record.Text("oom.trigger.gfp_flags"))
	p.row("kernel", p.Record.Text("oom.kernel.release"))
}

// stats lists the figures of the cgroup's memory.stat that are more than nothing.
func (p *page) stats() {
	stats := p.report.AppendMemoryStat(nil)
	if len(stats) == 0 {
		return
	}
	p.heading("memory.stat of the cgroup")
	for _, s := range stats {
		if s.Value > 0 {
			p.line(indent + left(printable(s.Name), 30) + " " + right(number(s.Value), 16))
		}
	}
}

// zones lists the memory zones and how near to their marks they were.
func (p *page) zones() {
	zones := p.report.MemInfo.Zones
	if len(zones) == 0 {
		return
	}
	p.heading("Zones")
	p.line(indent + left("node zone", 16) + right("managed", 12) + right("free", 12) + right("min", 12))
	for i := range zones {
		z := &zones[i]
		name := z.Name
		if z.Node.OK {
			name = number(z.Node.V) + " " + name
		}
		line := indent + left(printable(name), 16)
		for _, figure := range [...]string{"managed", "free", "min"} {
			text := "-"
			if kb, ok := z.Value(figure); ok && kb >= 0 && kb < 1<<50 {
				text = kill.Size(kb << 10)
			}
			line += right(text, 12)
		}
		p.line(line)
	}
}

// slab lists the unreclaimable slab caches of more than a megabyte, and the call sites of the
// allocation profile.
func (p *page) slab() {
	if len(p.report.Slab) > 0 {
		p.heading("Unreclaimable slab")
		for _, s := range p.report.Slab {
			if s.TotalKB >= 1024 && s.TotalKB < 1<<50 {
				p.line(indent + left(printable(s.Name), 30) + " " + right(kill.Size(s.TotalKB<<10), 12))
			}
		}
	}
	if len(p.report.Allocations) > 0 {
		p.heading("Allocation profile")
		for _, a := range p.report.Allocations {
			p.line(indent + right(kill.Size(a.Bytes), 12) + "  " + printable(a.Func) + "  " + printable(a.Site))
		}
	}
}
