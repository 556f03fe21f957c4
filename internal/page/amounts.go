// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// amounts lists how much there was, and what held it.
func (m *maker) amounts() (amounts facts) {
	if m.report.Scope(m.victim()) == report.ScopeCgroup {
		m.cgroupAmounts(&amounts)
	} else {
		m.hostAmounts(&amounts)
	}
	m.victimAmounts(&amounts)
	return amounts
}

// cgroupAmounts lists the counters of the cgroup and what its memory was.
func (m *maker) cgroupAmounts(amounts *facts) {
	for _, c := range []struct{ name, prefix string }{
		{"memory", "oom.cgroup_memory."}, {"swap", "oom.cgroup_swap."}, {"memory+swap", "oom.cgroup_memsw."},
	} {
		usage, ok := m.figure("in use", c.prefix+"usage")
		if !ok {
			continue
		}
		f := Fact{Name: c.name, Text: usage.Text + " in use, ", Figures: []Figure{usage}, Used: report.Some(usage.Value.Int64())}
		if limit, ok := m.figure("limit", c.prefix+"limit"); ok {
			f.Text += "limit " + limit.Text
			f.Figures, f.Of = append(f.Figures, limit), report.Some(limit.Value.Int64())
		} else {
			f.Note = "no limit"
			f.Text += f.Note
		}
		if n, ok := m.Number64(c.prefix + "failcnt"); ok && n > 0 {
			hit := Figure{Name: "limit hit", Text: times(n), Value: record.Int64Value(n), Field: c.prefix + "failcnt", Means: meaning(c.prefix + "failcnt")}
			f.Text += ", hit " + hit.Text
			f.Figures = append(f.Figures, hit)
		}
		*amounts = append(*amounts, f)
	}
	anon, file := "anon", "file"
	if _, ok := m.Number64("oom.cgroup_stat.rss"); ok { // version 1 to 5.2
		anon, file = "rss", "cache"
	}
	amounts.addParts("made up of", m.parts("oom.cgroup_stat.", file, "anon", anon, "shared memory and tmpfs", "shmem", "page cache", file, "kernel", "kernel"))
}

// hostAmounts lists the host's memory and swap.
func (m *maker) hostAmounts(amounts *facts) {
	if total, ok := m.figure("RAM", "oom.host_memory.total"); ok {
		f := Fact{Name: "memory", Text: total.Text + " RAM", Figures: []Figure{total}}
		if reserved, ok := m.figure("reserved by the kernel", "oom.host_memory.reserved"); ok && reserved.Value.Int64() > 0 {
			f.Text += ", " + reserved.Text + " reserved by the kernel"
			f.Figures = append(f.Figures, reserved)
		}
		if free, ok := m.figure("free", "oom.host_memory.free"); ok {
			f.Text += ", " + free.Text + " free"
			f.Figures = append(f.Figures, free)
			f.setUsed(total.Value.Int64(), free.Value.Int64())
		}
		*amounts = append(*amounts, f)
	}
	amounts.addParts("made up of", m.parts("oom.host_memory.", "anon", "anon", "anon", "shared memory and tmpfs", "shmem", "page cache", "file",
		"slab", "slab_unreclaimable", "page tables", "page_tables", "huge pages", "hugetlb"))
	if total, ok := m.figure("swap", "oom.host_swap.total"); ok {
		f := Fact{Name: "swap", Text: "none", Note: "none", Figures: []Figure{total}}
		if total.Value.Int64() > 0 {
			f.Text, f.Note = total.Text, ""
			if free, ok := m.figure("free", "oom.host_swap.free"); ok {
				f.Text += ", " + free.Text + " free"
				f.Figures = append(f.Figures, free)
				f.setUsed(total.Value.Int64(), free.Value.Int64())
			}
		}
		*amounts = append(*amounts, f)
	}
}

// setUsed sets how much was used of a total, in bytes, where so much can have been free.
func (f *Fact) setUsed(total, free int64) {
	if total > 0 && free >= 0 && free <= total {
		f.Used, f.Of = report.Some(total-free), report.Some(total)
	}
}

// parts returns the figures that are more than nothing; pairs are word and attribute. The kernel
// counts shared memory and tmpfs within another figure: that is named by within, and shown without
// it.
func (m *maker) parts(prefix, within string, pairs ...string) (parts []Figure) {
	for i := 0; i < len(pairs); i += 2 {
		field := prefix + pairs[i+1]
		n, ok := m.Number64(field)
		f := size(pairs[i], field, n)
		if shmem, has := m.Number64(prefix + "shmem"); has && pairs[i+1] == within {
			f = size(pairs[i], "", n-shmem)
			f.Means = meaning(field)
			n -= shmem
		}
		if ok && n > 0 {
			parts = append(parts, f)
		}
	}
	return parts
}

// joined writes figures behind their names.
func joined(figures []Figure) string {
	words := make([]string, len(figures))
	for i, f := range figures {
		words[i] = f.Name + " " + f.Text
	}
	return strings.Join(words, ", ")
}

// addParts lists what something is made up of; nothing without figures.
func (f *facts) addParts(name string, figures []Figure) {
	if len(figures) > 0 {
		*f = append(*f, Fact{Name: name, Text: joined(figures), Figures: figures})
	}
}

// victimAmounts lists what the victim held.
func (m *maker) victimAmounts(amounts *facts) {
	rss, ok := m.figure("in RAM", "oom.victim.memory.rss")
	if !ok {
		return
	}
	f := Fact{Name: "the victim", Text: rss.Text, Figures: []Figure{rss}}
	if parts := m.parts("oom.victim.memory.", "", "anon", "anon", "file", "file", "shmem", "shmem", "and in swap", "swap"); len(parts) > 0 {
		f.Text += " (" + joined(parts) + ")"
		f.Figures = append(f.Figures, parts...)
	}
	if whole, ok := m.Limit(); ok && rss.Value.Int64() > whole && m.Record.Text("oom.scope") == "cgroup" {
		f.Note = "more than the limit, as shared file pages count in each process and the kernel's counters lag"
		f.Text += "; " + f.Note
	}
	*amounts = append(*amounts, f)
}

// bytesOf is a size of the report that no record has, absent where it cannot be one.
func bytesOf(kb int64, ok bool) report.Int {
	if !ok || kb < 0 || kb >= 1<<50 {
		return report.Int{}
	}
	return report.Some(kb << 10)
}

// sizeFigure is a size that the report has and no record.
func sizeFigure(name string, bytes int64) Figure {
	return Figure{Name: plain.Printable(name), Text: kill.Size(bytes), Value: record.Int64Value(bytes)}
}
