// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// A long line can come in pieces. printk breaks one where another CPU logs between two pr_cont calls
// (the pieces stand close by, with no blank lost), syslog(2) and dmesg break one at a newline in a name (the pieces carry
// the same stamp), and mail wraps one at a blank.

// await keeps a line that breaks off until its rest comes, or until it is clear that it will not.
func (d *draft) await(kind kernel.Kind, kept string) {
	if len(kept) <= maxHeld {
		d.partial, d.partialKind = kept, kind
	}
}

// forget gives the broken line up.
func (d *draft) forget() { d.partial, d.partialKind = "", kernel.Other }

// rejoin takes text as the rest of the report's broken line, when the two make sense together.
func (a *Assembler) rejoin(d *draft, l *format.Line, text string) bool {
	if d.held != "" {
		return a.rejoinKill(d, l, text)
	}
	if d.partial == "" || len(d.partial)+len(text) > maxHeld {
		return false
	}
	if !l.Wrapped && !l.Continues && (l.Fragment || kernel.JoinsFragment(d.partial, text)) {
		return d.resume(l, text, "")
	}
	if a.sameRecord(l) && d.resume(l, text, "\n") {
		return true
	}
	if wraps(l) {
		text = strings.TrimLeft(text, " \t")
		if d.partialKind == kernel.MemcgTask && !strings.Contains(d.partial+" "+text, " killed as a result of limit of ") {
			return false // any text would go on with a path
		}
		return d.resume(l, text, " ") || d.partialKind.WrapsAnywhere() && d.resume(l, text, "")
	}
	return false
}

// sameStamp reports whether the line carries the very stamp and level of the line before it, as the pieces of a record do that a
// frontend splits at newlines. Two records of the same microsecond do too.
func (a *Assembler) sameStamp(l *format.Line) bool {
	return l.HasUptime && a.last.hasUptime && l.Uptime == a.last.uptime && l.Level == a.last.level
}

// sameRecord reports whether the line may be a further piece of the record before it.
func (a *Assembler) sameRecord(l *format.Line) bool { return l.Continues || a.sameStamp(l) }

// takePiece takes a further piece of a record that a frontend split inside a task's name. Whatever it looks like by itself, it is that
// as long as the name fits: a kernel prints no lines that are as short in such a place.
func (a *Assembler) takePiece(l *format.Line) (out Outcome, ok bool) {
	if len(a.open) == 0 || l.Fragment || !mayTear(l) || !a.sameRecord(l) {
		return out, false
	}
	text := view(l.Text)
	for i := len(a.open) - 1; i >= 0; i-- {
		d := a.open[i]
		switch {
		case d.foreign(l):
		case d.held != "":
			if a.rejoinKill(d, l, text) {
				return d.outcome(kernel.FragmentLine), true
			}
		case d.partial != "" && kernel.EndsInName(d.partialKind, d.partial):
			if len(d.partial)+len(text) < maxHeld && d.resume(l, text, "\n") {
				return d.outcome(kernel.FragmentLine), true
			}
		case d.in == SectionTasks && a.last.outcome.Kind == kernel.TaskRow && d.addNameTail(text):
			d.mark(l, kernel.TaskRow, text)
			return d.outcome(kernel.TaskRow), true
		}
	}
	return out, false
}

// wraps reports whether a line may be the rest of one that was wrapped on its way.
func wraps(l *format.Line) bool {
	return l.Wrapped || l.Continues || l.Format == format.None
}

// resume reads the broken line and text as one line and keeps what it says, if it says something.
func (d *draft) resume(l *format.Line, text, glue string) bool {
	kind, before := d.partialKind, d.text.size
	joined := d.text.join(d.partial, glue, text)
	complete, ok := d.reread(kind, joined)
	if !ok && glue != "" && !(glue == "\n" && kernel.EndsInName(kind, joined)) {
		d.text.undo(before)
		return false
	}
	// A piece that the kernel itself broke off belongs here even while the whole makes no sense yet.
	if complete {
		d.forget()
	} else {
		d.partial = joined
	}
	d.mark(l, kernel.FragmentLine, text)
	return true
}

// reread reads a line that was put together, in place of the broken one. complete is false when more may come.
func (d *draft) reread(kind kernel.Kind, joined string) (complete, ok bool) {
	r := d.r
	switch kind {
	case kernel.InvocationLine:
		v, ok := kernel.ParseInvocation(joined)
		ok = ok && (v.Complete || strings.HasSuffix(strings.TrimRight(joined, " "), ",")) // behind a comma a whole piece ends
		if ok {
			r.Invocation = v
		}
		return v.Complete, ok
	case kernel.OOMKillLine:
		v, ok := kernel.ParseOOMKill(joined)
		ok = ok && (v.Complete || strings.IndexByte(joined, '\n') < 0 || kernel.EndsInName(kind, joined)) // no other part has newlines
		if ok {
			r.OOMKill, d.chosenText = v, joined
		}
		return v.Complete, ok
	case kernel.CPULine:
		v, ok := kernel.ParseCPU(joined)
		ok = ok && v.Release != ""
		if ok {
			r.CPU = v
			d.correctTrigger()
			d.enter(SectionCPU)
		}
		return ok, ok
	case kernel.MemcgTask:
		v, ok := kernel.ParseTaskIn(joined)
		if ok {
			d.addTaskIn(joined)
		}
		return ok && v.HasLimit, ok
	case kernel.MemcgStats:
		_, _, rest, ok := kernel.ParseStatsHead(joined)
		if ok && d.partialBelow {
			d.below.read(&r.Memcg, rest)
		}
		if ok && !d.partialBelow {
			d.statsDone = false
			r.Memcg.Stats = r.Memcg.Stats[:0]
			d.addStatsHead(joined)
		}
		return false, ok
	case kernel.ZoneLine:
		_, _, ok := kernel.ParseNodeOrZone(joined)
		if ok {
			d.forget()
			d.addNodeOrZone(joined)
		}
		return ok, ok
	case kernel.LowmemReserve:
		z := d.lastZone()
		if z == nil {
			return false, false
		}
		return false, d.setReserve(z, joined)
	case kernel.Buddy:
		_, _, total, ok := kernel.ParseBuddy(joined, d.buddy[:0])
		if ok {
			d.addBuddy(joined)
		}
		return total.OK, ok
	case kernel.SelectionLine:
		v, ok := kernel.ParseSelection(joined)
		if ok {
			r.Selection, r.HasSelection = v, true
		}
		return ok, ok
	case kernel.SkipLine:
		v, ok := kernel.ParseSkip(joined)
		if ok {
			r.Skipped, r.HasSkipped = v, true
		}
		return ok, ok
	case kernel.GroupKillLine:
		path, ok := kernel.ParseGroupKill(joined)
		if ok {
			r.GroupPath, r.HasGroup = path, true
		}
		return ok, ok || kernel.BeginsGroupKill(joined)
	case kernel.TaskHead:
		v, ok := kernel.ParseTaskHead(joined)
		if ok {
			d.setTable(v)
		}
		return ok, ok || kernel.BeginsTaskHead(joined)
	case kernel.TaskRow:
		var row kernel.Task
		ok := kernel.ReadTask(&row, joined, &d.table) && len(row.Name) <= maxComm
		if ok {
			d.endRow(&row)
		}
		return ok, ok || kernel.BeginsTaskRow(joined)
	}
	return false, false
}

// hold keeps a kill line that breaks off, or that may have lost its figures to a line break.
func (d *draft) hold(l *format.Line, text string) {
	d.held, d.heldAt, d.heldNameless = d.text.keep(text), d.stamp(l), false
	d.mark(l, kernel.KillLine, text)
}

// rejoinKill takes text as the rest of the kill line that is held, when the two say more together. A whole line ends the
// wait; else a further piece may come.
func (a *Assembler) rejoinKill(d *draft, l *format.Line, text string) bool {
	if len(d.held)+len(text) > maxHeld {
		return false
	}
	glues := [...]string{"\n", " ", ""}
	tries := glues[:]
	switch {
	case !wraps(l):
		tries = glues[:1]
	case !a.sameRecord(l):
		tries = glues[1:]
	}
	before, _ := kernel.ParseKill(d.held)
	for _, glue := range tries {
		if glue == "\n" && !a.sameRecord(l) {
			continue
		}
		piece, size := text, d.text.size
		if glue != "\n" {
			piece = strings.Trim(text, " \t")
		}
		joined := d.text.join(d.held, glue, piece)
		v, ok := kernel.ParseKill(joined)
		inName := glue == "\n" && !v.HasComm // a parenthesis may be part of the name
		if !ok || figures(&v) <= figures(&before) && !inName || glue != "\n" && before.Complete && v.Comm != before.Comm {
			d.text.undo(size)
			continue
		}
		d.held = joined
		if glue != "\n" && !before.HasComm && v.HasComm {
			d.heldNameless = !d.isCalled(v.PID, v.Comm)
		}
		d.mark(l, kernel.FragmentLine, text)
		if v.Complete && v.OOMScoreAdj.OK {
			a.releaseHeld()
		}
		return true
	}
	return false
}

// isCalled reports whether another line of the report names the process so.
func (d *draft) isCalled(pid int64, comm string) bool {
	r := d.r
	row := r.Tasks.ByPID(pid)
	return row != nil && row.Name == comm || r.OOMKill.HasTask && r.OOMKill.PID.V == pid && r.OOMKill.Task == comm ||
		r.HasSelection && r.Selection.PID == pid && r.Selection.Comm == comm
}

// figures counts what a kill line tells.
func figures(v *kernel.Kill) (n int) {
	for _, has := range [...]bool{v.HasComm, v.TotalVMKB.OK, v.AnonRSSKB.OK, v.FileRSSKB.OK, v.ShmemRSSKB.OK, v.UID.OK, v.PgtablesKB.OK, v.OOMScoreAdj.OK} {
		if has {
			n++
		}
	}
	return n
}

// releaseHeld takes held kill lines for what they say by themselves.
func (a *Assembler) releaseHeld() {
	for _, d := range a.open {
		a.release(d)
	}
}

// release takes the kill line that a report holds, if it holds one.
func (a *Assembler) release(d *draft) {
	if d.held == "" {
		return
	}
	text := d.held
	d.held = ""
	v, ok := kernel.ParseKill(text)
	if d.heldNameless {
		v.Comm, v.HasComm = "", false
	}
	if ok && (!a.repeated(d.heldAt.Host, d.heldAt.LogTime, d.heldAt.HasLogTime, &v) || a.comesAgain(d, v.PID)) { // a line torn at its pid did not tell
		a.kill(d, d.heldAt, text, &v)
	}
}
