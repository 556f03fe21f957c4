package assembly

import (
	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// inFailure reports whether a page-allocation failure prints lines of this kind too.
func inFailure(k grammar.Kind) bool {
	switch k {
	case grammar.CPULine, grammar.Taint, grammar.Hardware, grammar.Workqueue, grammar.Trace, grammar.CpusetLine,
		grammar.MemInfoHead, grammar.MemInfoCounters, grammar.Pageset, grammar.NodeLine, grammar.ZoneLine,
		grammar.LowmemReserve, grammar.Buddy, grammar.HugepagesLine, grammar.Pagecache, grammar.Swap, grammar.Pages,
		grammar.AllocProfile, grammar.MemcgProtection:
		return true
	}
	return false
}

// reportFor finds the open report that a line of this kind continues: the one whose task the carrier
// names, else the newest that has not come past the line's section, else the newest. With none open, a line that only
// OOM reports have opens one whose head is lost, and so does any line of a report right after a loss.
func (a *Assembler) reportFor(l *transport.Line, kind grammar.Kind, text string) *draft {
	s, known := sectionOf(kind)
	if len(a.open) > 1 {
		if d := a.namedBy(kind, text); d != nil {
			return d
		}
	}
	for i := len(a.open) - 1; i >= 0 && known; i-- {
		d := a.open[i]
		if d.foreign(l) || d.killed() || d.lone || d.past(s) {
			continue
		}
		return d
	}
	if known && (opensReport(kind) || (!a.started && kind != grammar.Trace && kind != grammar.CpusetLine)) {
		d := a.begin(l, text)
		d.r.LostRecords, a.lost = a.lost, 0
		if kind == grammar.SelectionLine { // the rate limiter keeps the report back, never this line
			d.r.Bare, d.r.HeldBack = true, a.heldBack(l)
		}
		return d
	}
	return nil
}

// namedBy tells apart reports that were printed into each other, where a line itself does: by the name of the task that asked for
// memory. Of reports that are equally far, the one that began first chooses its victim first.
func (a *Assembler) namedBy(kind grammar.Kind, text string) *draft {
	for _, d := range a.open {
		s, _ := sectionOf(kind)
		if d.killed() || d.r.Seen.Has(s) && kind != grammar.SelectionLine {
			continue
		}
		comm := d.r.Invocation.Comm
		switch kind {
		case grammar.CPULine:
			if v, _ := grammar.ParseCPU(text); comm != "" && v.Comm == comm {
				return d
			}
		case grammar.CpusetLine:
			if v, _ := grammar.ParseCpuset(text, comm); comm != "" && v.Comm == comm {
				return d
			}
		case grammar.SelectionLine:
			if !d.r.HasSelection {
				return d
			}
		}
	}
	return nil
}

// past reports whether the report has come too far for a line of section s to be its own.
func (d *draft) past(s Section) bool {
	switch s {
	case SectionCPU, SectionCpuset:
		return d.r.Seen.Has(s) && d.in > SectionCpuset
	}
	return s < d.in && d.in >= SectionTasks
}

// opensReport reports whether only OOM reports print lines of this kind.
func opensReport(k grammar.Kind) bool {
	switch k {
	case grammar.MemcgTask, grammar.MemcgCounter, grammar.MemcgStats, grammar.TaskBanner, grammar.TaskHead, grammar.OOMKillLine,
		grammar.SelectionLine:
		return true
	}
	return false
}

// sectionOf returns the section that lines of a kind belong to.
func sectionOf(k grammar.Kind) (Section, bool) {
	switch k {
	case grammar.InvocationLine, grammar.Compaction:
		return SectionInvocation, true
	case grammar.CpusetLine:
		return SectionCpuset, true
	case grammar.CPULine, grammar.Taint, grammar.Hardware, grammar.Workqueue:
		return SectionCPU, true
	case grammar.Trace:
		return SectionTrace, true
	case grammar.MemcgTask, grammar.MemcgCounter:
		return SectionMemcg, true
	case grammar.MemcgStats, grammar.MemcgStat:
		return SectionMemcgStats, true
	case grammar.MemInfoHead, grammar.MemInfoCounters, grammar.Pageset, grammar.NodeLine, grammar.ZoneLine,
		grammar.LowmemReserve, grammar.Buddy, grammar.HugepagesLine, grammar.Pagecache, grammar.Swap, grammar.Pages:
		return SectionMemInfo, true
	case grammar.AllocProfile:
		return SectionAllocations, true
	case grammar.Slab:
		return SectionSlab, true
	case grammar.MemcgProtection, grammar.TaskBanner, grammar.TaskHead, grammar.TaskRow:
		return SectionTasks, true
	case grammar.OOMKillLine, grammar.SelectionLine, grammar.SharingLine, grammar.SkipLine:
		return SectionOOMKill, true
	case grammar.KillLine, grammar.GroupKillLine:
		return SectionKill, true
	}
	return 0, false
}

// foreign reports whether the carrier shows that another task than the report's printed the line.
func (d *draft) foreign(l *transport.Line) bool {
	return d.ownCaller != "" && len(l.Caller) > 0 && d.ownCaller != string(l.Caller)
}
