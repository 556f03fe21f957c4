// SPDX-License-Identifier: Apache-2.0

package report

import "strings"

// Scope tells what ran out. The oom-kill: line says it for certain; before 5.0, the cgroup block or the
// words of the kill line do. k may be nil.
func (r *Report) Scope(k *Kill) Scope {
	switch r.Constraint(k) {
	case ConstraintNone:
		return ScopeHost
	case ConstraintMemcg:
		return ScopeCgroup
	case ConstraintCpuset:
		return ScopeCpuset
	case ConstraintMemoryPolicy:
		return ScopeNUMAPolicy
	}
	return r.scopeOfWords(k)
}

// Constraint returns the kernel's constraint: as printed, or what follows from other words of the report where no
// constraint was printed, and where 5.0 printed NONE for all. Unknown when nothing tells. k may be nil.
func (r *Report) Constraint(k *Kill) Constraint {
	o := &r.OOMKill
	switch {
	case o.HasOOMMemcg:
		return ConstraintMemcg
	case o.Constraint > ConstraintNone:
		return o.Constraint
	case r.Memcg.HasLimit, r.Memcg.Has[CounterMemory], r.Seen.Has(SectionMemcgStats):
		return ConstraintMemcg
	case k != nil && k.Message == MessageMemcg:
		return ConstraintMemcg
	case k != nil && k.Message == MessageMempolicy:
		return ConstraintMemoryPolicy
	case k != nil && k.Message == MessageCpuset:
		return ConstraintCpuset
	case r.HasSelection && r.Selection.Message == MessageMemcg:
		return ConstraintMemcg
	case r.HasSelection && r.Selection.Message == MessageMempolicy:
		return ConstraintMemoryPolicy
	case r.HasSelection && r.Selection.Message == MessageCpuset:
		return ConstraintCpuset
	case o.Constraint == ConstraintNone && (o.Global || o.Complete || k != nil && k.Message == MessageOutOfMemory && r.after50(k)):
		return ConstraintNone
	}
	return ConstraintUnknown
}

// after50 reports whether the kernel is known to be newer than 5.0, which prints NONE for all: by its release, or by the page tables of
// the kill line (5.4+).
func (r *Report) after50(k *Kill) bool {
	v, known := ParseRelease(r.CPU.Release)
	return known && !v.Before(5, 1) || !known && k.PgtablesKB.OK
}

// scopeOfWords tells the scope where no constraint is known: the kernel's "Out of memory" means the host, but
// for a cpuset or a memory policy, which say the same words; so only a bare Mem-Info block or the words tell.
func (r *Report) scopeOfWords(k *Kill) Scope {
	if strings.Contains(r.Panic, "ompulsory panic_on_oom") && r.mayShowBoth() {
		return ScopeUnknown // said of any constraint, and to 3.8 a cgroup's report shows Mem-Info too
	}
	message := MessageNone
	if k != nil {
		message = k.Message
	}
	if message == MessageNone && r.HasSelection {
		message = r.Selection.Message
	}
	if message == MessageOutOfMemory || message == MessageAllocating || panicsForHost(r.Panic) {
		return ScopeHost
	}
	if r.Seen.Has(SectionMemInfo) && !r.mayShowBoth() {
		return ScopeHost
	}
	return ScopeUnknown
}

// panicsForHost reports whether the kernel panics in these words only when the whole host ran out.
func panicsForHost(reason string) bool {
	return strings.HasPrefix(reason, "Out of memory and no killable") || strings.HasPrefix(reason, "System is deadlocked on memory") ||
		strings.HasSuffix(reason, "system-wide panic_on_oom is enabled") || reason == "out of memory. panic_on_oom is selected"
}

// mayShowBoth reports whether the kernel may print Mem-Info for a cgroup's OOM too: those with cgroups do, to 3.8.
func (r *Report) mayShowBoth() bool {
	v, known := ParseRelease(r.CPU.Release)
	if !known {
		return !r.HeadSeen || r.Invocation.HasComm && !r.Invocation.GFP.HasNames
	}
	return v.Before(3, 9)
}

// LimitHit returns which counter of the cgroup ran out: the one that stands at its limit. On version 1 memory and swap together may,
// while memory alone has room. Kernel memory at its limit fails an allocation and kills nobody. ok is false where memory has room and
// the log lost the line that would say whether the other was hit.
func (r *Report) LimitHit() (name MemcgCounterName, ok bool) {
	m := &r.Memcg
	memory, memsw := &m.Counters[CounterMemory], &m.Counters[CounterMemsw]
	if !m.Has[CounterMemory] || !memory.Failcnt.OK || m.stands(CounterMemory) {
		return CounterMemory, true
	}
	if m.stands(CounterMemsw) || !memory.LimitKB.OK && memsw.LimitKB.OK {
		return CounterMemsw, true
	}
	return CounterMemory, m.Has[CounterSwap] || m.Has[CounterMemsw] && memsw.Failcnt.OK
}

// stands reports whether a counter stands at its limit: within what the processors hold in stock and a huge page.
func (m *Memcg) stands(name MemcgCounterName) bool {
	c := &m.Counters[name]
	if !m.Has[name] || !c.UsageKB.OK || !c.LimitKB.OK {
		return false
	}
	return c.UsageKB.V >= c.LimitKB.V-max(c.LimitKB.V/50, 4096)
}

// LimitCgroup returns the path of the cgroup whose limit was hit.
func (r *Report) LimitCgroup() (path string, ok bool) {
	switch {
	case r.OOMKill.HasOOMMemcg:
		return r.OOMKill.OOMMemcg, true
	case r.Memcg.HasLimit:
		return r.Memcg.Limit, true
	case r.Memcg.HasStatsPath && r.Memcg.Has[CounterMemory]:
		return r.Memcg.StatsPath, true
	}
	return "", false
}

// VictimCgroup returns the path of the cgroup of the report's chosen victim.
func (r *Report) VictimCgroup() (path string, ok bool) {
	switch {
	case r.OOMKill.HasTaskMemcg:
		return r.OOMKill.TaskMemcg, true
	case r.Memcg.HasTask && r.Memcg.HasLimit: // without the limit behind it the path may have been cut
		return r.Memcg.Task, true
	}
	return "", false
}

// PageSize returns the page size in bytes, as the report itself shows it: a kill line's total-vm against the same
// process's total_vm in pages, else the first block size of a free list; else that of the architecture, see [Report.AssumedPageSize].
// ok is false when none is known.
func (r *Report) PageSize() (bytes int64, ok bool) {
	if bytes, ok = r.shownPageSize(); !ok {
		bytes, ok = pageSizeOf(r.CPU.Release)
	}
	return bytes, ok
}

// AssumedPageSize reports whether the page size is that of the architecture which the release names, not one that the report shows.
func (r *Report) AssumedPageSize() bool {
	_, shown := r.shownPageSize()
	_, known := pageSizeOf(r.CPU.Release)
	return !shown && known
}

// pageSizeOf returns the page size of an architecture that has one only, by the end of a kernel's release.
func pageSizeOf(release string) (bytes int64, ok bool) {
	for _, arch := range [...]string{"x86_64", "amd64", "i686", "i586", "i386", "686-pae", "s390x"} {
		if strings.HasSuffix(release, arch) {
			return 4096, true
		}
	}
	return 0, false
}

func (r *Report) shownPageSize() (bytes int64, ok bool) {
	if r.RowPageSize > 0 {
		return r.RowPageSize, true
	}
	for i := range r.MemInfo.Zones {
		if b := r.MemInfo.Zones[i].Buddy; len(b) > 0 && b[0].SizeKB >= 4 && b[0].SizeKB <= 64 {
			return b[0].SizeKB << 10, true
		}
	}
	return 0, false
}
