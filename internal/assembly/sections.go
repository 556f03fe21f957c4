// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// add puts a named line into the report. It is false when the line turns out not to be what its
// words promised.
func (d *draft) add(l *format.Line, v *kernel.Reading, text string) bool {
	if d.partialKind != v.Kind {
		d.forget() // the kernel prints the pieces of a line before the next one
	}
	if !d.addTo(v, text) {
		return false
	}
	d.mark(l, v.Kind, text)
	return true
}

func (d *draft) addTo(v *kernel.Reading, text string) bool {
	switch kind := v.Kind; kind {
	case kernel.TaskRow:
		return d.addTask(text)
	case kernel.TaskHead:
		d.setTable(v.Table)
		d.tableSeen = true
		d.enter(SectionTasks)
		return true
	case kernel.TaskBanner:
		d.tableSeen = true
		d.enter(SectionTasks)
		return true
	case kernel.NodeLine, kernel.ZoneLine, kernel.MemInfoCounters, kernel.MemInfoHead, kernel.LowmemReserve, kernel.Buddy,
		kernel.HugepagesLine, kernel.Pagecache, kernel.Swap, kernel.Pages, kernel.Pageset:
		return d.addMemInfo(v, text)
	case kernel.MemcgTask, kernel.MemcgCounter, kernel.MemcgStats, kernel.MemcgProtection:
		return d.addMemcg(v, text)
	}
	return d.addHead(v.Kind, d.text.keep(text))
}

// addHead takes the lines between the invocation and the tables, and the few behind them that are kept whole.
func (d *draft) addHead(kind kernel.Kind, text string) bool {
	r := d.r
	switch kind {
	case kernel.CPULine:
		v, ok := kernel.ParseCPU(text)
		if !ok {
			d.await(kernel.CPULine, text)
			return true
		}
		r.CPU = v
		if v.Release == "" {
			d.await(kernel.CPULine, text)
		}
		d.correctTrigger()
		d.enter(SectionCPU)
	case kernel.CpusetLine:
		v, ok := kernel.ParseCpuset(text, r.Invocation.Comm)
		if !ok {
			return false
		}
		r.Cpuset = v
		d.enter(SectionCpuset)
	case kernel.Hardware:
		_, r.Hardware, _ = strings.Cut(text, ": ")
	case kernel.Workqueue:
		r.Workqueue = text
		if strings.Contains(text, "moom_callback") {
			r.Manual = true
		}
	case kernel.Trace:
		d.enter(SectionTrace)
	case kernel.AllocProfile:
		d.enter(SectionAllocations)
	case kernel.Slab:
		d.enter(SectionSlab)
	case kernel.SelectionLine:
		v, ok := kernel.ParseSelection(text)
		if !ok {
			return false
		}
		r.Selection, r.HasSelection = v, true
		if !v.HasScore {
			d.await(kernel.SelectionLine, text)
		}
		d.in = SectionOOMKill
	case kernel.SharingLine:
		v, ok := kernel.ParseSharing(text)
		if !ok || d.full() {
			return ok
		}
		r.Sharing = append(r.Sharing, v)
	}
	return true
}

// correctTrigger mends the trigger's name where its head was lost with what was split off at a newline in it, or was taken for a
// prefix of the line's, or where a prefix was taken for its head. The CPU line has it in its middle, and so for certain.
func (d *draft) correctTrigger() {
	if inv, cpu := &d.r.Invocation, &d.r.CPU; inv.HasComm && (isTail(inv.Comm, cpu.Comm) || isTail(cpu.Comm, inv.Comm)) {
		inv.Comm = cpu.Comm
	}
}

// isTail reports whether tail is the end of whole, behind no letter or digit.
func isTail(tail, whole string) bool {
	head, ok := strings.CutSuffix(whole, tail)
	if !ok || head == "" {
		return false
	}
	c := head[len(head)-1]
	return c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z')
}

// contextual tells the kind of an unnamed line by the section it stands in, and takes it.
func (d *draft) contextual(l *format.Line, text string) kernel.Kind {
	if l.Fragment {
		return kernel.Other
	}
	if d.killed() {
		return d.awaitGroupKill(text)
	}
	if d.in >= SectionTrace {
		if kind := d.awaitName(text); kind != kernel.Other {
			return kind
		}
		if d.table.Len == 0 && kernel.BeginsTaskHead(text) {
			d.await(kernel.TaskHead, d.text.keep(text))
			d.enter(SectionTasks)
			return kernel.TaskHead
		}
	}
	switch d.in {
	case SectionInvocation, SectionCpuset:
		if !kernel.IsIndentedFrame(text) {
			return kernel.Other
		}
		d.keepFrame(text)
		return kernel.Trace
	case SectionCPU, SectionTrace:
		if d.awaitPath(text) {
			return kernel.MemcgTask
		}
		return d.addTrace(text)
	case SectionMemcgStats:
		return d.addStat(text)
	case SectionMemInfo:
		return d.awaitZone(text)
	case SectionAllocations:
		return d.addAllocation(text)
	case SectionSlab:
		return d.addSlab(text)
	case SectionTasks:
		if d.table.Len > 0 && d.awaitRow(text) {
			return kernel.TaskRow
		}
		return d.addName(l, text)
	}
	return kernel.Other
}

// awaitName takes the beginning of a line that names a task, broken by a newline in the name: the line that chooses a victim,
// or the one that spares it.
func (d *draft) awaitName(text string) kernel.Kind {
	for _, line := range [...]struct {
		words string
		kind  kernel.Kind
	}{{": Kill process ", kernel.SelectionLine}, {": kill process ", kernel.SelectionLine}, {"ut of memory: OOM victim ", kernel.SkipLine}} {
		_, rest, ok := strings.Cut(text, line.words)
		if ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			d.await(line.kind, d.text.keep(text))
			return line.kind
		}
	}
	return kernel.Other
}

// awaitZone takes the "Node 0 " of a zone's line, torn apart behind it.
func (d *draft) awaitZone(text string) kernel.Kind {
	number, ok := strings.CutPrefix(strings.TrimRight(text, " "), "Node ")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return kernel.Other
	}
	d.await(kernel.ZoneLine, "Node "+number+" ")
	return kernel.ZoneLine
}

// awaitPath takes the beginning of the line with the cgroups' paths, torn apart before the first of them.
func (d *draft) awaitPath(text string) bool {
	for _, words := range [...]string{"Task in ", "Memory limit reached of cgroup "} {
		if strings.TrimRight(text, " ") == words[:len(words)-1] {
			d.await(kernel.MemcgTask, words)
			d.enter(SectionMemcg)
			return true
		}
	}
	return false
}

// awaitGroupKill takes the beginning of a group kill's line, which other lines can tear apart behind "Tasks in " and behind
// the path.
func (d *draft) awaitGroupKill(text string) kernel.Kind {
	if d.r.HasGroup || strings.TrimRight(text, " ") != "Tasks in" && !kernel.BeginsGroupKill(text) {
		return kernel.Other
	}
	d.await(kernel.GroupKillLine, d.text.keep(text))
	return kernel.GroupKillLine
}

func (d *draft) addTrace(text string) kernel.Kind {
	if !kernel.IsTrace(text) {
		return kernel.Other
	}
	d.keepFrame(text)
	return kernel.Trace
}

// keepFrame notes a line of the stack trace, and keeps it where lines are kept and there is room.
func (d *draft) keepFrame(text string) {
	d.enter(SectionTrace)
	if d.keepLines && !d.full() {
		d.r.Trace = append(d.r.Trace, d.text.keep(strings.TrimSpace(text)))
	}
}

func (d *draft) addAllocation(text string) kernel.Kind {
	v, ok := kernel.ParseAllocation(text)
	if !ok {
		return kernel.Other
	}
	if !d.full() {
		v, _ = kernel.ParseAllocation(d.text.keep(text))
		d.r.Allocations = append(d.r.Allocations, v)
	}
	return kernel.AllocProfile
}

func (d *draft) addSlab(text string) kernel.Kind {
	v, ok := kernel.ParseSlabCache(text)
	if !ok {
		return kernel.Other
	}
	if !d.full() {
		v.Name = d.text.keep(v.Name)
		d.r.Slab = append(d.r.Slab, v)
	}
	return kernel.Slab
}

// maxComm is the longest name of a task: TASK_COMM_LEN less its zero byte.
const maxComm = 15
