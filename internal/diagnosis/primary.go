// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// Shares of what ran out, in percent.
const (
	dominant    = 40 // a process with this much is the one that filled it
	prominent   = 20 // or with this much, and three times the next one
	substantial = 30 // a kind of memory must be this much to be the cause
	crowded     = 50 // processes of one name must be this much
	noticeable  = 5  // worth a finding beside the cause
)

// findPrimary finds the one cause, and puts it first.
func (c *inquiry) findPrimary() {
	switch {
	case c.r.Manual || c.r.Invocation.Order == kernel.Some(-1):
		c.add(Sysrq, Certain)
		if c.r.Told {
			c.add(NoKillableProcess, Certain)
		}
		return
	case c.r.Ending == assembly.EndPanic && strings.Contains(c.r.Panic, "panic_on_oom"):
		c.add(PanicOnOOM, Certain)
	case c.r.Ending == assembly.EndPanic, c.k == nil && c.r.Told:
		c.noKillable()
	case c.scope == assembly.ScopeCpuset:
		c.nodes(Cpuset)
	case c.scope == assembly.ScopeNUMAPolicy:
		c.nodes(MemoryPolicy)
	}
	if c.scope == assembly.ScopeHost {
		c.findZones()
	}
	c.findHolder()
	if len(c.found) == 0 {
		c.fallback()
	}
}

// noKillable records that all processes that could be killed are exempt.
func (c *inquiry) noKillable() {
	f := c.add(NoKillableProcess, Certain)
	if c.tasks.protected > 0 {
		f.bytes("protected", c.tasks.protected)
	}
}

// nodes records that the memory nodes which were allowed ran out.
func (c *inquiry) nodes(cause Cause) {
	f := c.add(cause, Certain)
	f.Label = allowedNodes(c.r, c.scope)
	c.figure(f, "total", c.mem.total)
	c.figure(f, "outside", c.mem.outside)
}

// figure adds a figure in bytes where it is present.
func (c *inquiry) figure(f *Finding, name string, v kernel.Int) {
	if v.OK {
		f.bytes(name, v.V)
	}
}

// findHolder finds what held most of the memory that ran out.
func (c *inquiry) findHolder() {
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
			c.culprit(f)
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
			c.culprit(f)
		}
	}
	if m.hugetlb.V > 0 && c.atLeast(m.hugetlb.V, noticeable) && !c.has(HugetlbReservation) {
		f := c.add(HugetlbReservation, Certain)
		f.bytes("held", m.hugetlb.V)
		c.figure(f, "unused", m.hugetlbFree)
	}
}

// largestKind returns the kind of memory that held most, Unknown when that is the processes' own or too little to say so.
func (c *inquiry) largestKind() (kind Cause, bytes int64) {
	m := &c.mem
	if !m.total.OK {
		return Unknown, 0
	}
	most := m.anon.V
	for _, candidate := range [...]struct {
		kind Cause
		v    kernel.Int
	}{{SharedMemory, m.shmem}, {KernelMemory, m.kernel}, {HugetlbReservation, m.hugetlb}, {PageCache, m.file}} {
		if candidate.v.OK && candidate.v.V > most && c.atLeast(candidate.v.V, substantial) {
			kind, bytes, most = candidate.kind, candidate.v.V, candidate.v.V
		}
	}
	return kind, bytes
}

// atLeast reports whether bytes is at least so many percent of what ran out. Without a total nothing is.
func (c *inquiry) atLeast(bytes int64, percent int64) bool {
	return c.mem.total.OK && c.mem.total.V > 0 && bytes/percent >= c.mem.total.V/100
}

// mapper adds who maps the shared memory, where the victim itself does.
func (c *inquiry) mapper(f *Finding) {
	if c.k == nil || !c.k.ShmemRSSKB.OK {
		return
	}
	if mapped := kib(c.k.ShmemRSSKB.V); mapped*2 > f.evidence[0].Value {
		f.Process = kernel.Process{PID: c.k.PID, Comm: c.k.Comm}
		f.bytes("mapped", mapped)
	}
}

// culprit adds the slab cache or the call site that holds most, where the report has such a table.
func (c *inquiry) culprit(f *Finding) {
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
		f.bytes("culprit", most)
	}
}

// findProcesses finds the process, or the processes of one name, that held most.
func (c *inquiry) findProcesses() {
	t := &c.tasks
	f := c.hog()
	if c.starting(f) {
		return
	}
	if f != nil {
		return
	}
	if t.count >= 10 {
		if crowd := biggestCrowd(c.r, c.page, c.use()/100*crowded); crowd.count >= 10 && c.shareOfUse(crowd.bytes) >= crowded {
			f := c.add(ManyProcesses, Likely)
			f.Label = crowd.name
			f.number("processes", crowd.count)
			f.bytes("held", crowd.bytes)
			c.figure(f, "total", c.mem.total)
			return
		}
	}
	if c.scope != assembly.ScopeCgroup || !c.mem.total.OK || t.count < 2 || !t.whole {
		return
	}
	if refaulted := c.mem.refaults; refaulted.V/2 > c.mem.total.V || t.rss.OK && c.atLeast(t.rss.V, crowded) {
		f := c.add(LimitBelowWorkingSet, Possible)
		f.bytes("total", c.mem.total.V)
		c.figure(f, "held", t.rss)
		f.number("processes", t.count)
		if refaulted.V/2 > c.mem.total.V {
			f.Confidence = Likely
			f.bytes("refaulted", refaulted.V)
		}
	}
}

// hog records the process that held most, from the table or, without one, from the kill line.
func (c *inquiry) hog() *Finding {
	t := &c.tasks
	p, bytes, next := kernel.Process{}, int64(0), int64(0)
	switch {
	case t.largest != nil:
		p = kernel.Process{PID: t.largest.PID, Comm: t.largest.Name}
		if c.k != nil && t.largest == c.facts.Row && c.k.Comm != "" {
			p = kernel.Process{PID: c.k.PID, Comm: c.k.Comm} // the row may bear another thread's pid and name
		}
		bytes, next = t.bytes(t.largest), t.bytes(t.second)
	case c.k != nil && c.victimBytes.OK:
		p, bytes = kernel.Process{PID: c.k.PID, Comm: c.k.Comm}, c.victimBytes.V
	default:
		return nil
	}
	if c.page == 0 && t.largest != nil {
		return c.hogByPages(p)
	}
	share := c.shareOfUse(bytes)
	if share < dominant && (share < prominent || t.largest == nil || bytes/3 < next) {
		return nil
	}
	confidence := Certain
	if !c.mem.total.OK || share < crowded {
		confidence = Likely
	}
	if victim := c.k != nil && c.k.PID == p.PID; !c.mem.total.OK && !t.whole && !victim {
		confidence = Possible // the largest of those that the log shows
	}
	f := c.add(ProcessHog, confidence)
	f.Process = p
	f.bytes("rss", bytes)
	c.figure(f, "total", c.mem.total)
	if t.second != nil {
		f.bytes("next", next)
	}
	return f
}

// starting records that a cgroup's limit was hit while the runtime put the container together, and nothing but the runtime is large
// there: hog is what was found to be.
func (c *inquiry) starting(hog *Finding) bool {
	if c.scope != assembly.ScopeCgroup || c.k == nil || !strings.HasPrefix(c.k.Comm, "runc:[") {
		return false
	}
	if hog != nil && !strings.HasPrefix(hog.Process.Comm, "runc") {
		return false
	}
	c.found = c.found[:0]
	f := c.add(LimitBelowStart, Likely)
	f.Process = kernel.Process{PID: c.k.PID, Comm: c.k.Comm}
	c.figure(f, "total", c.mem.total)
	return true
}

// hogByPages is hog for a report that does not show the page size: a share of what all processes hold is all it tells.
func (c *inquiry) hogByPages(p kernel.Process) *Finding {
	largest := c.tasks.largest.Values[kernel.ColRSS]
	alone := c.tasks.count < 2 && !c.atLeast(c.mem.anon.V, dominant)
	if alone || c.tasks.pages < 100 || largest/(c.tasks.pages/100) < crowded {
		return nil
	}
	percent := min(100, largest/(c.tasks.pages/100))
	if !c.tasks.whole {
		f := c.add(ProcessHog, Possible)
		f.Process = p
		f.number("percent_of_shown", percent)
		return f
	}
	f := c.add(ProcessHog, Likely)
	f.Process = p
	f.number("percent_of_processes", percent)
	return f
}

// shareOfUse returns bytes in percent of what ran out, 0 where that is not told.
func (c *inquiry) shareOfUse(bytes int64) int64 {
	whole := c.use()
	if whole < 100 {
		return 0
	}
	return bytes / (whole / 100)
}

// use returns what ran out; where that is not told, what all processes hold.
func (c *inquiry) use() int64 {
	if !c.mem.total.OK && c.tasks.count > 1 {
		return c.tasks.rss.V
	}
	return c.mem.total.V
}

// fallback records the little that is known when nothing stands out.
func (c *inquiry) fallback() {
	cause, confidence := Unknown, Possible
	switch c.scope {
	case assembly.ScopeCgroup:
		cause, confidence = CgroupLimit, Certain
	case assembly.ScopeHost:
		cause, confidence = HostExhausted, Likely
	}
	f := c.add(cause, confidence)
	c.figure(f, "total", c.mem.total)
	c.figure(f, "victim", c.victimBytes)
}
