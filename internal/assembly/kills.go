// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// takeKill places a kill line: in the report it ends, in the group kill it continues, or by itself.
func (a *Assembler) takeKill(l *format.Line, text string) Outcome {
	v := &a.classifier.reading.Kill
	if ofAnotherLevel(l) {
		return other
	}
	d := a.reports.killTarget(v)
	logTime, ok := l.LogTime()
	if a.isRepeated(view(l.Host), logTime, ok, v) && (d == nil || d.killed() || !a.reported.comesAgain(d, v.PID)) {
		return a.takeRepeated(l, text, v)
	}
	if d == nil {
		ofGroup := a.reports.mayBeOfGroup(v)
		a.closeKilled()
		for _, open := range a.reports.open {
			open.killUnmatched = !open.lone
		}
		d = a.begin(l, text)
		d.r.LostRecords = a.loss.take()
		d.r.Bare, d.r.HeldBack, d.r.MayBeOfGroup = true, a.heldBack(l) && !ofGroup, ofGroup
		a.loss.started = true
	}
	d.r.Doubtful = d.r.Doubtful || a.piece.doubtful
	if !v.Complete || (!v.TotalVMKB.OK && mayTear(l)) {
		d.holdKill(l, text)
		return d.outcome(kernel.KillLine)
	}
	at := d.stamp(l)
	d.countLine(l, kernel.KillLine, text)
	kept := d.text.keep(text)
	kernel.MoveKill(v, kept, text)
	a.kill(d, at, kept, v)
	return d.outcome(kernel.KillLine)
}

// levelErr is the level of every kernel's kill lines.
const levelErr = 3

// ofAnotherLevel reports whether the format shows that the kernel printed the line at a level that
// no kill line has. Then it is the end of another line, torn at a newline in a name. Formats that
// keep a record whole tear none, and a relay may have set a level of its own.
func ofAnotherLevel(l *format.Line) bool {
	return l.Format.Source() == report.SourceSyslog && l.Facility == 0 && l.Level > levelErr
}

// takeRepeated counts the line to the report that killed, if it is still open.
func (a *Assembler) takeRepeated(l *format.Line, text string, v *report.KillLine) Outcome {
	if d := a.reports.killer(v.PID); d != nil {
		d.countLine(l, kernel.KillLine, text)
		return d.outcome(kernel.KillLine)
	}
	return Outcome(kernel.KillLine)
}

// tornAtPID reads a pasted kill line that was wrapped right after its pid into v.
func tornAtPID(text string, v *report.KillLine) bool {
	if len(text) == 0 || text[len(text)-1] < '0' || text[len(text)-1] > '9' || !strings.Contains(text, "Killed process ") {
		return false
	}
	whole, ok := kernel.ParseKill(text + " (")
	*v = report.KillLine{PID: whole.PID, Message: whole.Message}
	return ok
}

// mayTear reports whether the format can break a record into several lines.
func mayTear(l *format.Line) bool { return !l.Format.IsWhole() }

// kill notes a killed process, and makes an event of it if it was not reported before. text, of
// which v was read, must be kept already.
func (a *Assembler) kill(d *openReport, at report.Stamp, text string, v *report.KillLine) {
	repeated := a.isRepeated(at.Host, at.LogTime, at.HasLogTime, v)
	if d.r.Disordered && !d.killed() {
		d.dropDoubtful(v.PID)
	}
	group := d.r.HasGroup && d.killed()
	if v.HasComm && v.PID == d.r.OOMKill.PID.V {
		d.settleChosen(v.Comm)
	}
	d.enter(report.SectionKill)
	d.r.Ending = report.EndKill
	d.r.Kills = append(d.r.Kills, report.Kill{KillLine: *v, Text: text, At: at, Group: group})
	k := &d.r.Kills[len(d.r.Kills)-1]
	if d.r.RowPageSize == 0 {
		d.r.RowPageSize = d.r.Tasks.PageSize(&k.KillLine)
	}
	if len(d.r.Kills) == 1 && lacksChosen(d.r) {
		d.r.Damaged |= 1 << report.SectionTasks
	}
	if repeated || !group && v.PID == d.r.OOMKill.PID.V && a.reported.chose(d) {
		d.repeated++
		return
	}
	a.reported.addChoice(d)
	a.kills.add(d, k)
	a.completed.events = append(a.completed.events, report.Event{Kind: report.EventKill, Report: d.r, Kill: len(d.r.Kills) - 1, At: at, Text: text})
}

// lacksChosen reports whether the task table lacks the row of the process that the kernel chose out
// of it, so that the log lost rows. Only a task that is killed because it allocates need not stand
// there.
func lacksChosen(r *report.Report) bool {
	return r.OOMKill.PID.OK && r.Tasks.Count > 0 && int64(r.Tasks.Rows.Len()) == r.Tasks.Count &&
		r.Kills[0].Message != report.MessageAllocating && r.Tasks.ByPID(r.OOMKill.PID.V) == nil
}

// settleChosen reads the oom-kill: line anew where it can be read in several ways, now that another
// line has the process's name.
func (d *openReport) settleChosen(comm string) {
	if !d.r.OOMKill.Doubtful {
		return
	}
	if v, ok := kernel.ParseOOMKillOf(d.ending.chosen.text, comm); ok {
		d.r.OOMKill = v
	}
}

// killTarget finds the open report that a kill line belongs to, or nil for one that stands by
// itself.
func (s *openReports) killTarget(v *report.KillLine) *openReport {
	for _, d := range s.open {
		if !d.killed() && d.held.text == "" && d.r.HasSelection && d.r.Selection.PID == v.PID && d.expects(v) {
			return d
		}
	}
	for i := len(s.open) - 1; i >= 0; i-- {
		d := s.open[i]
		if d.killed() {
			if d.r.HasGroup && d.groupHas(v) {
				return d
			}
			continue
		}
		if d.held.text == "" && d.expects(v) {
			return d
		}
	}
	return nil
}

// maxGroup bounds the victims kept of one group kill whose report has no task table.
const maxGroup = 4096

// groupHas reports whether a victim belongs to the report's group kill. The report's own task table
// lists the members; without one, only the kernel's words distinguish them from a kill of another
// report.
func (d *openReport) groupHas(v *report.KillLine) bool {
	r := d.r
	if len(r.Kills) >= maxGroup || (v.Message != report.MessageNone && v.Message != r.Kills[0].Message) {
		return false
	}
	if r.Tasks.Rows.Len() > 0 && !r.Overflow && !r.Damaged.Has(report.SectionTasks) {
		return r.Tasks.ByPID(v.PID) != nil
	}
	return true
}

// expects reports whether a kill line can be the end of this report. A rate limiter keeps whole
// reports back but never a kill line, so the line may belong to a report that was not printed.
func (d *openReport) expects(v *report.KillLine) bool {
	r := d.r
	if d.hasNoVictim() || !d.agreesOnScope(v) || d.lone && r.Reaped.PID != v.PID {
		return false
	}
	if !r.Seen.Has(report.SectionOOMKill) || !r.OOMKill.PID.OK {
		whole := r.Tasks.Rows.Len() > 0 && !r.Overflow && !r.Damaged.Has(report.SectionTasks) && r.LostRecords == 0
		return r.HasSelection || !whole || r.Tasks.ByPID(v.PID) != nil
	}
	chosen := r.OOMKill.PID.V
	if chosen == v.PID || r.HasSelection {
		return true
	}
	sameUser := r.OOMKill.UID.OK && v.UID.OK && uint32(r.OOMKill.UID.V) == uint32(v.UID.V)
	if v.Message == report.MessageAllocating {
		return sameUser // the oom-kill: line names the thread that asked for memory, which no table shows
	}
	if row := r.Tasks.ByPID(v.PID); row != nil {
		return r.Tasks.Table.Has(report.ColTGID) && row.Values[report.ColTGID] == chosen
	}
	// A thread of the chosen process that the table does not show, or lost: the same user's, and
	// nothing between.
	return r.Tasks.Rows.Len() == 0 && r.LostRecords == 0 && sameUser
}

// agreesOnScope reports whether the words of the kill line and the report speak of the same thing:
// a cgroup's limit, or the host.
func (d *openReport) agreesOnScope(v *report.KillLine) bool {
	r := d.r
	switch v.Message {
	case report.MessageMemcg:
		return !r.OOMKill.Global
	case report.MessageOutOfMemory, report.MessageAllocating:
		return !r.OOMKill.HasOOMMemcg && !r.Memcg.HasLimit && !r.Memcg.Has[report.CounterMemory]
	}
	return true
}

// takeOOMKill takes the oom-kill: line, or its first piece.
func (a *Assembler) takeOOMKill(l *format.Line, text string) Outcome {
	v := &a.classifier.reading.OOMKill
	d := a.reports.killer(v.PID.V)
	if d == nil || d.r.Seen.Has(report.SectionOOMKill) || !v.PID.OK {
		d = a.reportFor(l, kernel.OOMKillLine, text)
	}
	if d.r.Seen.Has(report.SectionOOMKill) {
		a.close(d)
		d = a.begin(l, text)
	}
	kept := d.text.keep(text)
	kernel.MoveOOMKill(v, kept, text)
	d.r.OOMKill = *v
	d.ending.chosen = keptLine{d.stamp(l), kept}
	d.enter(report.SectionOOMKill)
	d.countLine(l, kernel.OOMKillLine, text)
	d.partial.clear()
	if !d.r.OOMKill.Complete {
		d.partial.set(kernel.OOMKillLine, kept)
	}
	a.inAllocFailure = false
	return d.outcome(kernel.OOMKillLine)
}

// takeGroupKill notes that the rest of a cgroup dies with the victim (memory.oom.group, 4.19+).
func (a *Assembler) takeGroupKill(l *format.Line, text string) Outcome {
	for i := len(a.reports.open) - 1; i >= 0; i-- {
		d := a.reports.open[i]
		if !d.killed() {
			continue
		}
		if !d.r.HasGroup {
			path, ok := kernel.ParseGroupKill(d.text.keep(text))
			if !ok {
				return other
			}
			d.r.GroupPath, d.r.HasGroup = path, true
		}
		d.countLine(l, kernel.GroupKillLine, text)
		return d.outcome(kernel.GroupKillLine)
	}
	return Outcome(kernel.GroupKillLine)
}

// takeSkip ends a report whose chosen victim was dying already (5.9+).
func (a *Assembler) takeSkip(l *format.Line, text string) Outcome {
	d := a.reports.unkilled()
	if d == nil {
		return Outcome(kernel.SkipLine)
	}
	v, ok := kernel.ParseSkip(d.text.keep(text))
	if !ok {
		return other
	}
	d.r.Skipped, d.r.HasSkipped, d.r.Doubtful = v, true, a.piece.doubtful
	a.kills.add(d, &report.Kill{KillLine: report.KillLine{PID: v.PID, Comm: v.Comm, HasComm: true}, At: d.stamp(l)}) // it may yet be reaped
	d.countLine(l, kernel.SkipLine, text)
	out := d.outcome(kernel.SkipLine)
	a.close(d)
	return out
}
