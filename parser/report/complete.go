// SPDX-License-Identifier: Apache-2.0

package report

// Missing returns the sections that the kernel must have printed and the log does not show, whole
// or in part. A bare kill line misses nothing where it is proven that the kernel held its report
// back; a doubtful one misses it.
func (r *Report) Missing() Sections {
	missing := r.Damaged
	if !r.HeadSeen && !(r.HeldBack && r.LostRecords == 0 && !r.Doubtful) {
		missing |= 1 << SectionInvocation
	}
	if r.Ending == EndUnresolved {
		missing |= 1 << SectionKill
	}
	if r.Bare {
		return missing // of a report that is not there at all, no part is missing by itself
	}
	expect := func(s Section, when bool) {
		if when && !r.Seen.Has(s) {
			missing |= 1 << s
		}
	}
	v, known := ParseRelease(r.CPU.Release)
	modern := r.Seen.Has(SectionOOMKill) || (known && !v.Before(5, 0))
	scope := r.Scope(r.firstKill())
	expect(SectionCPU, r.HeadSeen && r.Invocation.GFP.HasNames)
	expect(SectionTrace, r.Seen.Has(SectionCPU))
	expect(SectionMemcg, scope == ScopeCgroup)
	if r.Seen.Has(SectionMemcg) && scope == ScopeCgroup && !r.Memcg.Has[CounterMemory] {
		missing |= 1 << SectionMemcg // what was used of the limit stands in every such block
	}
	expect(SectionMemInfo, scope != ScopeCgroup && scope != ScopeUnknown)
	expect(SectionOOMKill, modern && r.Ending == EndKill)
	// The table is absent by vm.oom_dump_tasks=0 too; a log that dropped level info dropped the
	// oom-kill: line as well.
	expect(SectionTasks, modern && r.Ending == EndKill && !r.Seen.Has(SectionOOMKill))
	if r.Seen.Has(SectionOOMKill) && !r.OOMKill.Complete {
		missing |= 1 << SectionOOMKill
	}
	if k := r.firstKill(); k != nil && (k.Lost || !k.Complete) {
		missing |= 1 << SectionKill
	}
	return missing
}

// Complete reports whether the log shows the whole report, and all of it was kept.
func (r *Report) Complete() bool {
	return r.Missing() == 0 && r.LostRecords == 0 && !r.Overflow && !r.Doubtful && !r.Disordered
}

// firstKill returns the kill that ended the report, or nil.
func (r *Report) firstKill() *Kill {
	if len(r.Kills) == 0 {
		return nil
	}
	return &r.Kills[0]
}

// TableWhole reports whether the log shows all rows of the task table, as far as a log can show
// that: the report is there from its head on, and nothing but the stack is known to be lost. Only
// then do sums and shares of all processes hold.
func (r *Report) TableWhole() bool {
	return r.Tasks.Count > 0 && int64(r.Tasks.Rows.Len()) == r.Tasks.Count &&
		r.HeadSeen && r.Missing()&^(1<<SectionTrace) == 0 && r.LostRecords == 0 && !r.Overflow
}
