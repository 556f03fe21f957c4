// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// takeQuick takes a line of the kinds that most lines of a report are, a row of its task table, a figure of memory.stat
// and a stack frame, in the section where they stand. It takes only what [Assembler.take] would take
// just so, and spares it to try all other kinds first.
func (a *Assembler) takeQuick(l *format.Line, text string) (out Outcome, ok bool) {
	d := a.undisturbed(l)
	if d == nil {
		return out, false
	}
	kind := d.addQuick(text)
	if kind == kernel.Other {
		return out, false
	}
	d.mark(l, kind, text)
	if l.HasSequence && !a.record.stats && !a.completed() {
		a.smooth = d
	}
	return d.outcome(kind), true
}

// goOn takes a further line of that kind where the line before it was one: the next record of the kernel, soon after it. Nothing
// of what else [Assembler.Line] looks at can have changed since.
func (a *Assembler) goOn(d *draft, l *format.Line) (out Outcome, ok bool) {
	last := &d.r.Last
	at, ok := l.LogTime()
	if !l.HasSequence || l.Sequence != a.lastSeq+1 || !a.trusts(l.Origin) || l.Lost != 0 || l.Fragment || l.Truncated || len(l.Host) > 0 ||
		len(l.Text) == 0 || !ok || !last.HasLogTime || at < last.LogTime || at-last.LogTime > a.opt.Timeout || d.foreign(l) {
		return out, false
	}
	text := view(l.Text)
	kind := d.addQuick(text)
	if kind == kernel.Other {
		return out, false
	}
	a.lastSeq = l.Sequence
	a.record = measured{bytes: len(text)}
	d.mark(l, kind, text)
	out = d.outcome(kind)
	a.last.noteFigures(l, out)
	return out, true
}

// takeQuickStat is takeQuick for a line of a record of several, which is nothing but a figure.
func (a *Assembler) takeQuickStat(l *format.Line, text string) (out Outcome, ok bool) {
	d := a.undisturbed(l)
	if d == nil || d.in != SectionMemcgStats || d.addStat(text) == kernel.Other {
		return out, false
	}
	d.mark(l, kernel.MemcgStat, text)
	return d.outcome(kernel.MemcgStat), true
}

// undisturbed returns the one report that is open, if nothing stands between its lines and nothing of it is missing; else nil.
func (a *Assembler) undisturbed(l *format.Line) *draft {
	if len(a.open) != 1 || a.plain || a.failure || l.Fragment {
		return nil
	}
	d := a.open[0]
	if d.held != "" || d.partial != "" || d.killed() || d.foreign(l) {
		return nil
	}
	return d
}

// addQuick takes a line of such a kind in the section that it continues.
func (d *draft) addQuick(text string) kernel.Kind {
	switch d.in {
	case SectionMemcgStats:
		return d.addStat(text)
	case SectionTrace:
		if kernel.IsPlainTrace(text) {
			d.keepFrame(text)
			return kernel.Trace
		}
	case SectionTasks:
		if text[0] == '[' && d.addPlainRow(text) {
			return kernel.TaskRow
		}
	}
	return kernel.Other
}

// addPlainRow takes a row whose name is too short to hide the words of an invocation.
func (d *draft) addPlainRow(text string) bool {
	t := &d.r.Tasks
	if d.table.Len < kernel.MinColumns {
		return false
	}
	row := t.Rows.Add()
	if !kernel.ReadTask(row, text, &d.table) || len(row.Name) > maxComm {
		t.Rows.Drop()
		return false
	}
	d.countTask(row)
	return true
}
