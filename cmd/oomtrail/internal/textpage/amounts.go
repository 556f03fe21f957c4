// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser/report"
)

// amounts lists how much there was, and what held it.
func (p *page) amounts() {
	start := len(p.text)
	p.heading("How much")
	empty := len(p.text)
	if p.report.Scope(p.victim()) == report.ScopeCgroup {
		p.cgroupAmounts()
	} else {
		p.hostAmounts()
	}
	p.victimAmounts()
	if len(p.text) == empty {
		p.text = p.text[:start]
	}
}

// victim returns the kill of the event, nil where there is none.
func (p *page) victim() *report.Kill {
	if p.Event.Kill < 0 {
		return nil
	}
	return &p.report.Kills[p.Event.Kill]
}

// cgroupAmounts lists the counters of the cgroup and what its memory was.
func (p *page) cgroupAmounts() {
	for _, c := range []struct{ name, prefix string }{
		{"memory", "oom.cgroup_memory."}, {"swap", "oom.cgroup_swap."}, {"memory+swap", "oom.cgroup_memsw."},
	} {
		usage := p.sizeOf(c.prefix + "usage")
		if usage == "" {
			continue
		}
		text := usage + " in use, "
		if limit, ok := p.Number64(c.prefix + "limit"); ok {
			text += "limit " + kill.Size(limit)
		} else {
			text += "no limit"
		}
		if n, ok := p.Number64(c.prefix + "failcnt"); ok && n > 0 {
			text += ", hit " + times(n)
		}
		p.row(c.name, text)
	}
	anon, file := "anon", "file"
	if _, ok := p.Number64("oom.cgroup_stat.rss"); ok { // version 1 to 5.2
		anon, file = "rss", "cache"
	}
	p.row("made up of", p.parts("oom.cgroup_stat.", file, "anon", anon, "shared memory and tmpfs", "shmem", "page cache", file, "kernel", "kernel"))
}

// hostAmounts lists the host's memory and swap.
func (p *page) hostAmounts() {
	if total, ok := p.Number64("oom.host_memory.total"); ok {
		text := kill.Size(total) + " RAM"
		if reserved, ok := p.Number64("oom.host_memory.reserved"); ok && reserved > 0 {
			text += ", " + kill.Size(reserved) + " reserved by the kernel"
		}
		if free, ok := p.Number64("oom.host_memory.free"); ok {
			text += ", " + kill.Size(free) + " free"
		}
		p.row("memory", text)
	}
	p.row("made up of", p.parts("oom.host_memory.", "anon", "anon", "anon", "shared memory and tmpfs", "shmem", "page cache", "file",
		"slab", "slab_unreclaimable", "page tables", "page_tables", "huge pages", "hugetlb"))
	if total, ok := p.Number64("oom.host_swap.total"); ok {
		text := "none"
		if total > 0 {
			text = kill.Size(total)
			if free, ok := p.Number64("oom.host_swap.free"); ok {
				text += ", " + kill.Size(free) + " free"
			}
		}
		p.row("swap", text)
	}
}

// parts joins figures that are more than nothing; pairs are word and attribute. The kernel counts
// shared memory and tmpfs within another figure: that is named by within, and shown without it.
func (p *page) parts(prefix, within string, pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		n, ok := p.Number64(prefix + pairs[i+1])
		if shmem, has := p.Number64(prefix + "shmem"); has && pairs[i+1] == within {
			n -= shmem
		}
		if ok && n > 0 {
			parts = append(parts, pairs[i]+" "+kill.Size(n))
		}
	}
	return strings.Join(parts, ", ")
}

// victimAmounts lists what the victim held.
func (p *page) victimAmounts() {
	rss, ok := p.Number64("oom.victim.memory.rss")
	if !ok {
		return
	}
	text := kill.Size(rss)
	if parts := p.parts("oom.victim.memory.", "", "anon", "anon", "file", "file", "shmem", "shmem", "and in swap", "swap"); parts != "" {
		text += " (" + parts + ")"
	}
	if whole, ok := p.Limit(); ok && rss > whole && p.Record.Text("oom.scope") == "cgroup" {
		text += "; more than the limit, as shared file pages count in each process and the kernel's counters lag"
	}
	p.row("the victim", text)
}

func times(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return number(n) + " times"
}
