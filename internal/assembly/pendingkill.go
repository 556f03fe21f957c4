// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// pendingKill is an incomplete kill line that waits for its rest. The zero value is none.
type pendingKill struct {
	keptLine
	// nameless is set where the line was broken inside the name, and what it held there is not
	// known.
	nameless bool
}

// holdKill keeps a kill line that breaks off, or that may have lost its values to a line break.
func (d *openReport) holdKill(l *format.Line, text string) {
	d.held = pendingKill{keptLine: d.keepLine(l, text)}
	d.countLine(l, kernel.KillLine, text)
}

// rejoinKill takes text as the rest of the kill line that is held, when the two say more together.
// A whole line ends the wait; else a further piece may come.
func (a *Assembler) rejoinKill(d *openReport, l *format.Line, text string) bool {
	if len(d.held.text)+len(text) > maxJoined {
		return false
	}
	glues := [...]string{"\n", " ", ""}
	tries := glues[:]
	switch {
	case !wraps(l):
		tries = glues[:1]
	case !a.last.isSameRecord(l):
		tries = glues[1:]
	}
	before, _ := kernel.ParseKill(d.held.text)
	for _, glue := range tries {
		if glue == "\n" && !a.last.isSameRecord(l) {
			continue
		}
		piece, size := text, d.text.size
		if glue != "\n" {
			piece = strings.Trim(text, " \t")
		}
		joined := d.text.join(d.held.text, glue, piece)
		v, ok := kernel.ParseKill(joined)
		inName := glue == "\n" && !v.HasComm // a parenthesis may be part of the name
		if !ok || figures(&v) <= figures(&before) && !inName || glue != "\n" && before.Complete && v.Comm != before.Comm {
			d.text.undo(size)
			continue
		}
		d.held.text = joined
		if glue != "\n" && !before.HasComm && v.HasComm {
			d.held.nameless = !d.isCalled(v.PID, v.Comm)
		}
		d.countLine(l, kernel.FragmentLine, text)
		if v.Complete && v.OOMScoreAdj.OK {
			a.releaseKills()
		}
		return true
	}
	return false
}

// isCalled reports whether another line of the report names the process so.
func (d *openReport) isCalled(pid int64, comm string) bool {
	r := d.r
	row := r.Tasks.ByPID(pid)
	return row != nil && row.Name == comm || r.OOMKill.HasTask && r.OOMKill.PID.V == pid && r.OOMKill.Task == comm ||
		r.HasSelection && r.Selection.PID == pid && r.Selection.Comm == comm
}

// figures counts the values of a kill line.
func figures(v *report.KillLine) (n int) {
	if v.HasComm {
		n++
	}
	for _, value := range kernel.ValuesOfKill(v) {
		if value.OK {
			n++
		}
	}
	return n
}

// releaseKills takes held kill lines for what they say by themselves.
func (a *Assembler) releaseKills() {
	for _, d := range a.reports.open {
		a.releaseKill(d)
	}
}

// releaseKill takes the kill line that a report holds, if it holds one.
func (a *Assembler) releaseKill(d *openReport) {
	if d.held.text == "" {
		return
	}
	held := d.held
	d.held = pendingKill{}
	v, ok := kernel.ParseKill(held.text)
	if held.nameless {
		v.Comm, v.HasComm = "", false
	}
	if ok && (!a.isRepeated(held.at.Host, held.at.LogTime, held.at.HasLogTime, &v) || a.reported.comesAgain(d, v.PID)) { // a line torn at its pid did not tell
		a.kill(d, held.at, held.text, &v)
	}
}
