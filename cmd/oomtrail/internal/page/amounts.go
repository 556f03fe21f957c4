// SPDX-License-Identifier: Apache-2.0

package page

import (
	"math"
	"strconv"
	"strings"

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
		if limit, ok := p.int64Of(c.prefix + "limit"); ok {
			text += "limit " + size(limit)
		} else {
			text += "no limit"
		}
		if n, ok := p.int64Of(c.prefix + "failcnt"); ok && n > 0 {
			text += ", hit " + times(n)
		}
		p.row(c.name, text)
	}
	anon, file := "anon", "file"
	if _, ok := p.int64Of("oom.cgroup_stat.rss"); ok { // version 1 to 5.2
		anon, file = "rss", "cache"
	}
	p.row("made up of", p.parts("oom.cgroup_stat.", file, "anon", anon, "shared memory and tmpfs", "shmem", "page cache", file, "kernel", "kernel"))
}

// hostAmounts lists the host's memory and swap.
func (p *page) hostAmounts() {
	if total, ok := p.int64Of("oom.host_memory.total"); ok {
		text := size(total) + " RAM"
		if reserved, ok := p.int64Of("oom.host_memory.reserved"); ok && reserved > 0 {
			text += ", " + size(reserved) + " reserved by the kernel"
		}
		if free, ok := p.int64Of("oom.host_memory.free"); ok {
			text += ", " + size(free) + " free"
		}
		p.row("memory", text)
	}
	p.row("made up of", p.parts("oom.host_memory.", "anon", "anon", "anon", "shared memory and tmpfs", "shmem", "page cache", "file",
		"slab", "slab_unreclaimable", "page tables", "page_tables", "huge pages", "hugetlb"))
	if total, ok := p.int64Of("oom.host_swap.total"); ok {
		text := "none"
		if total > 0 {
			text = size(total)
			if free, ok := p.int64Of("oom.host_swap.free"); ok {
				text += ", " + size(free) + " free"
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
		n, ok := p.int64Of(prefix + pairs[i+1])
		if shmem, has := p.int64Of(prefix + "shmem"); has && pairs[i+1] == within {
			n -= shmem
		}
		if ok && n > 0 {
			parts = append(parts, pairs[i]+" "+size(n))
		}
	}
	return strings.Join(parts, ", ")
}

// victimAmounts lists what the victim held.
func (p *page) victimAmounts() {
	rss, ok := p.int64Of("oom.victim.memory.rss")
	if !ok {
		return
	}
	text := size(rss)
	if parts := p.parts("oom.victim.memory.", "", "anon", "anon", "file", "file", "shmem", "shmem", "and in swap", "swap"); parts != "" {
		text += " (" + parts + ")"
	}
	p.row("the victim", text)
}

// gauge draws how much of what there was the victim, or the whole group, held, and says why that
// can be more than there was.
func (p *page) gauge() {
	share, ok := p.Record.Get("oom.victim.share")
	rss, _ := p.int64Of("oom.victim.memory.rss")
	if !ok || rss == 0 || p.report.Manual {
		return
	}
	whole, what, who := p.sizeOf("oom.host_memory.total"), " of RAM", "the victim"
	inCgroup := p.Record.Text("oom.scope") == "cgroup"
	if inCgroup {
		whole, _ = p.limit()
		what = ""
	}
	part := share.Float64()
	if p.inGroup() {
		held := int64(0)
		for i := range p.report.Kills {
			k := &p.report.Kills[i]
			if !k.AnonRSSKB.OK || !k.FileRSSKB.OK {
				return
			}
			held += (k.AnonRSSKB.V + k.FileRSSKB.V + k.ShmemRSSKB.V) << 10
		}
		part = min(1, part/float64(rss)*float64(held))
		rss, who = held, "its "+number(int64(len(p.report.Kills)))+" victims"
	}
	percent := math.Round(part * 100)
	text := strconv.FormatFloat(percent, 'f', 0, 64) + " %"
	if percent < 1 {
		text = "under 1 %"
	}
	p.line("")
	p.line(bar(percent) + "  " + text + ": " + who + " held " + size(rss) + " of " + whole + what)
	if inCgroup && part >= 1 && size(rss) != whole {
		p.paragraph("", "", "(It can be more than the limit: shared file pages count for each process that maps them, and the kernel's counters lag.)")
	}
}

// bar draws a share.
func bar(percent float64) string {
	const cells = 20
	n := min(cells, max(0, int(math.Round(percent/100*cells))))
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", cells-n) + "]"
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
