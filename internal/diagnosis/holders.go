// SPDX-License-Identifier: Apache-2.0

package diagnosis

import "github.com/oomtrail/oomtrail/parser/report"

// The causes where one kind of memory held most of what ran out.
var (
	sharedMemory = cause{
		name: "shared_memory", meaning: "tmpfs or shared memory held most of the memory, and can outlive the process that filled it",
		summary: func(c *analysis, w *words, f *Finding) {
			c.kindHeld(w, f)
			c.ofWhole(w)
			if f.Process.Comm != "" {
				w.text(", mapped by ")
				w.process(f.Process)
			}
		},
		advice: func(c *analysis, w *words, at place) { c.adviseShared(w, at, &c.found[0]) },
		finding: func(f *Finding, p phrase) string {
			if !p.has("held") {
				return p.meaning
			}
			return "tmpfs and shared memory held " + p.value("held") + ", which can outlive the process that filled it"
		},
	}
	kernelMemory = cause{
		name: "kernel_memory", meaning: "the kernel itself held most of the memory: slab, page tables, stacks, buffers",
		summary: func(c *analysis, w *words, f *Finding) {
			if u, ok := f.Value("unaccounted"); ok {
				w.text("no process and no figure of the report accounts for ")
				w.size(u)
			} else {
				c.kindHeld(w, f)
			}
			c.ofWhole(w)
			if f.Label != "" {
				w.text(", most of what is listed in ")
				w.name(f.Label)
			}
		},
		advice: func(c *analysis, w *words, _ place) { c.adviseKernel(w) },
		finding: func(f *Finding, p phrase) string {
			text := p.meaning
			switch {
			case p.has("unaccounted"):
				text = "no figure of the report accounts for " + p.value("unaccounted")
			case p.has("held"):
				text = "the kernel itself held " + p.value("held")
			}
			if p.has("top_consumer") && p.label != "" {
				text += ", of which " + p.label + " held " + p.value("top_consumer")
			}
			return text
		},
	}
	pageCache = cause{
		name: "page_cache", meaning: "page cache held most of the memory and could not be reclaimed: dirty, under writeback or locked",
		summary: func(c *analysis, w *words, f *Finding) {
			c.kindHeld(w, f)
			c.ofWhole(w)
		},
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Help writeback keep up: a smaller vm.dirty_bytes, faster storage, fsync while writing, or direct I/O. If the pages are unevictable, look for mlock. ")
		},
		finding: func(f *Finding, p phrase) string {
			if !p.has("held") {
				return p.meaning
			}
			return "page cache that could not be reclaimed held " + p.value("held")
		},
	}
	hugetlbReservation = cause{
		name: "hugetlb_reservation", meaning: "reserved huge pages took memory that nothing else can use",
		summary: func(c *analysis, w *words, f *Finding) {
			c.kindHeld(w, f)
			c.ofWhole(w)
			if unused := value(f, "unused"); unused > 0 {
				w.text(", ")
				w.size(unused)
				w.text(" of them unused")
			}
		},
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Reserve fewer huge pages: lower vm.nr_hugepages (and hugepages= at boot) to HugePages_Total minus HugePages_Free in /proc/meminfo. ")
		},
		finding: func(f *Finding, p phrase) string {
			text := p.meaning
			if p.has("held") {
				text = "reserved huge pages held " + p.value("held")
			}
			if p.has("unused") {
				text += ", " + p.value("unused") + " of them unused"
			}
			return text
		},
	}
)

// findHolder finds what held most of the memory that ran out.
func (c *analysis) findHolder() {
	if c.has(Sysrq) {
		return
	}
	m := &c.mem
	switch kind, bytes := c.largestKind(); kind {
	case SharedMemory, KernelMemory, PageCache, HugetlbReservation:
		confidence := Certain
		if !c.atLeast(bytes, crowded) {
			confidence = Likely
		}
		f := c.add(kind, confidence)
		f.bytes("held", bytes)
		c.figure(f, "total", m.total)
		switch kind {
		case SharedMemory:
			c.mapper(f)
		case KernelMemory:
			c.topConsumer(f)
		case PageCache:
			c.figure(f, "stuck", m.stuck)
		case HugetlbReservation:
			c.figure(f, "unused", m.hugetlbFree)
		}
	default:
		c.findProcesses()
		if u := m.unaccounted; u.OK && c.atLeast(u.V, substantial) {
			f := c.add(KernelMemory, Possible)
			f.bytes("unaccounted", u.V)
			c.figure(f, "total", m.total)
			c.topConsumer(f)
		}
	}
	if m.hugetlb.V > 0 && c.atLeast(m.hugetlb.V, noticeable) && !c.has(HugetlbReservation) {
		f := c.add(HugetlbReservation, Certain)
		f.bytes("held", m.hugetlb.V)
		c.figure(f, "unused", m.hugetlbFree)
	}
}

// largestKind returns the kind of memory that held most, Unknown when that is the processes' own or
// too little to say so.
func (c *analysis) largestKind() (kind Cause, bytes int64) {
	m := &c.mem
	if !m.total.OK {
		return Unknown, 0
	}
	most := m.anon.V
	for _, candidate := range [...]struct {
		kind Cause
		v    report.Int
	}{{SharedMemory, m.shmem}, {KernelMemory, m.kernel}, {HugetlbReservation, m.hugetlb}, {PageCache, m.file}} {
		if candidate.v.OK && candidate.v.V > most && c.atLeast(candidate.v.V, substantial) {
			kind, bytes, most = candidate.kind, candidate.v.V, candidate.v.V
		}
	}
	return kind, bytes
}

// mapper adds who maps the shared memory, where the victim itself does.
func (c *analysis) mapper(f *Finding) {
	if c.k == nil || !c.k.ShmemRSSKB.OK {
		return
	}
	if mapped := kib(c.k.ShmemRSSKB.V); mapped*2 > f.evidence[0].Value {
		f.Process = report.Process{PID: c.k.PID, Comm: c.k.Comm}
		f.bytes("mapped", mapped)
	}
}

// topConsumer adds the slab cache or the call site that holds most, where the report has such a
// table.
func (c *analysis) topConsumer(f *Finding) {
	var most int64
	for i := range c.r.Slab {
		if kb := c.r.Slab[i].TotalKB; kb > most {
			most, f.Label = kb, c.r.Slab[i].Name
		}
	}
	most = kib(most)
	for i := range c.r.Allocations {
		if a := &c.r.Allocations[i]; a.Bytes > most {
			most, f.Label = a.Bytes, a.Func
		}
	}
	if f.Label != "" {
		f.bytes("top_consumer", most)
	}
}

// kindHeld writes how much the finding's kind of memory held.
func (c *analysis) kindHeld(w *words, f *Finding) {
	w.text(kindName(f.Cause))
	w.text(" held ")
	w.size(value(f, "held"))
}

func kindName(cause Cause) string {
	switch cause {
	case SharedMemory:
		return "shared memory or tmpfs"
	case KernelMemory:
		return "the kernel itself"
	case HugetlbReservation:
		return "reserved huge pages"
	}
	return "page cache"
}

// adviseShared speaks of memory that outlives processes.
func (c *analysis) adviseShared(w *words, at place, f *Finding) {
	if f.Process.Comm != "" {
		w.text("Memory that only the victim mapped was freed. Files in tmpfs and System V segments were not. ")
	} else {
		w.text("A kill does not free files in tmpfs. ")
	}
	w.text("Find them (df -h -t tmpfs, du /dev/shm, ipcs -m), delete what is not needed, and ")
	w.capShared(at.platform)
	w.text(". More RAM will not help: it would fill up too. ")
}

// adviseKernel speaks of memory that the kernel holds.
func (c *analysis) adviseKernel(w *words) {
	if c.scope == report.ScopeCgroup {
		w.text("See what the kernel holds for it (slab, sock, percpu, pagetables in memory.stat): full pipes and sockets, many open files, threads or mappings are the usual reasons. ")
		return
	}
	w.text("See what the kernel holds: slabtop, /proc/meminfo (SUnreclaim, PageTables, KernelStack, Percpu), /proc/allocinfo on 6.10+. If one cache keeps growing, suspect a leak in the kernel or a driver: try another kernel version. ")
}
