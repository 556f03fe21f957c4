// SPDX-License-Identifier: Apache-2.0

package report

import "strings"

// Scope returns what ran out, as seen from a kill of the report; k may be nil. The oom-kill: line
// (5.0+) states it. For older kernels it follows from the cgroup block, or from the words of the
// kill line.
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

// Constraint returns the kernel's constraint, as seen from a kill of the report; k may be nil. It
// is as printed. Where it was not printed, and on 5.0, which prints NONE for all, it follows from
// other lines; unknown where none shows it.
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

// after50 reports whether the kernel is known to be newer than 5.0: by its release, or by the page
// tables on the kill line (5.4+).
func (r *Report) after50(k *Kill) bool {
	v, known := ParseRelease(r.CPU.Release)
	return known && !v.Before(5, 1) || !known && k.PgtablesKB.OK
}

// scopeOfWords returns the scope where no constraint is known. "Out of memory" means the host, but
// also a cpuset or a memory policy: then only a Mem-Info block or other words show which.
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

// panicsForHost reports whether the kernel panics in these words only where the whole host ran out.
func panicsForHost(reason string) bool {
	return strings.HasPrefix(reason, "Out of memory and no killable") || strings.HasPrefix(reason, "System is deadlocked on memory") ||
		strings.HasSuffix(reason, "system-wide panic_on_oom is enabled") || reason == "out of memory. panic_on_oom is selected"
}

// mayShowBoth reports whether the kernel may print Mem-Info for a cgroup's OOM too: to 3.8.
func (r *Report) mayShowBoth() bool {
	v, known := ParseRelease(r.CPU.Release)
	if !known {
		return !r.HeadSeen || r.Invocation.HasComm && !r.Invocation.GFP.HasNames
	}
	return v.Before(3, 9)
}

// LimitHit returns the counter of the cgroup that ran out: the one at its limit. On v1 memory and
// swap together may be, while memory alone has room. Kernel memory at its limit fails an allocation
// and kills no process. ok is false where memory has room and the log lost the line that would show
// the other.
func (r *Report) LimitHit() (name MemcgCounterName, ok bool) {
	m := &r.Memcg
	memory, memsw := &m.Counters[CounterMemory], &m.Counters[CounterMemsw]
	if !m.Has[CounterMemory] || !memory.Failcnt.OK || m.atLimit(CounterMemory) {
		return CounterMemory, true
	}
	if m.atLimit(CounterMemsw) || !memory.LimitKB.OK && memsw.LimitKB.OK {
		return CounterMemsw, true
	}
	return CounterMemory, m.Has[CounterSwap] || m.Has[CounterMemsw] && memsw.Failcnt.OK
}

// atLimit reports whether a counter is at its limit, within the per-CPU stock and a huge page.
func (m *Memcg) atLimit(name MemcgCounterName) bool {
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

// VictimCgroup returns the path of the chosen victim's cgroup.
func (r *Report) VictimCgroup() (path string, ok bool) {
	switch {
	case r.OOMKill.HasTaskMemcg:
		return r.OOMKill.TaskMemcg, true
	case r.Memcg.HasTask && r.Memcg.HasLimit: // without the limit behind it the path may have been cut
		return r.Memcg.Task, true
	}
	return "", false
}

// PageSize returns the page size in bytes: RowPageSize, else the first block size of a free list,
// else that of the architecture: see [Report.AssumedPageSize]. ok is false where none is known.
func (r *Report) PageSize() (bytes int64, ok bool) {
	if bytes, ok = r.shownPageSize(); !ok {
		bytes, ok = pageSizeOf(r.CPU.Release)
	}
	return bytes, ok
}

// AssumedPageSize reports whether the page size is that of the architecture in the release, and not
// one that the report shows.
func (r *Report) AssumedPageSize() bool {
	_, shown := r.shownPageSize()
	_, known := pageSizeOf(r.CPU.Release)
	return !shown && known
}

// pageSizeOf returns the page size of an architecture that has only one, by the end of a release.
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
