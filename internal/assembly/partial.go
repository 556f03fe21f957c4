// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// A long line can come in pieces. printk breaks one where another CPU logs between two pr_cont
// calls (the pieces stand close by, with no space lost), syslog(2) and dmesg break one at a newline
// in a name (the pieces carry the same timestamp), and mail wraps one at a space.

// partialLine is a line of a report that breaks off. Its rest may come in pieces. The zero value is
// none.
type partialLine struct {
	text string
	kind kernel.Kind
}

// maxJoined bounds a line that is put together from pieces.
const maxJoined = 16 << 10

// set keeps a line that breaks off until its rest comes, or until it is clear that it will not.
func (p *partialLine) set(kind kernel.Kind, kept string) {
	if len(kept) <= maxJoined {
		p.text, p.kind = kept, kind
	}
}

// clear gives the partial line up.
func (p *partialLine) clear() { *p = partialLine{} }

// rejoin takes text as the rest of the report's broken line, when the two make sense together.
func (a *Assembler) rejoin(d *openReport, l *format.Line, text string) bool {
	if d.held.text != "" {
		return a.rejoinKill(d, l, text)
	}
	if d.partial.text == "" || len(d.partial.text)+len(text) > maxJoined {
		return false
	}
	if !l.Wrapped && !l.Continues && (l.Fragment || kernel.JoinsFragment(d.partial.text, text)) {
		return d.resume(l, text, "")
	}
	if a.last.isSameRecord(l) && d.resume(l, text, "\n") {
		return true
	}
	if wraps(l) {
		text = strings.TrimLeft(text, " \t")
		if d.partial.kind == kernel.MemcgTask && !strings.Contains(d.partial.text+" "+text, " killed as a result of limit of ") {
			return false // any text would go on with a path
		}
		return d.resume(l, text, " ") || d.partial.kind.WrapsAnywhere() && d.resume(l, text, "")
	}
	return false
}

// takePiece takes a further piece of a record that a frontend split inside a task's name. Whatever
// it looks like by itself, it is that as long as the name fits: a kernel prints no lines that are
// as short in such a place.
func (a *Assembler) takePiece(l *format.Line) (out Outcome, ok bool) {
	if len(a.reports.open) == 0 || l.Fragment || !a.last.isSameRecord(l) {
		return out, false
	}
	text := view(l.Text)
	for i := len(a.reports.open) - 1; i >= 0; i-- {
		d := a.reports.open[i]
		switch {
		case d.fromOtherCaller(l):
		case d.held.text != "":
			if a.rejoinKill(d, l, text) {
				return d.outcome(kernel.FragmentLine), true
			}
		case d.partial.text != "" && kernel.EndsInName(d.partial.kind, d.partial.text):
			if len(d.partial.text)+len(text) < maxJoined && d.resume(l, text, "\n") {
				return d.outcome(kernel.FragmentLine), true
			}
		case d.in == report.SectionTasks && a.last.outcome.Kind() == kernel.TaskRow && d.tasks.takeNameTail(d, text):
			d.countLine(l, kernel.TaskRow, text)
			return d.outcome(kernel.TaskRow), true
		}
	}
	return out, false
}

// wraps reports whether a line may be the rest of one that was wrapped on its way.
func wraps(l *format.Line) bool {
	return l.Wrapped || l.Continues || l.Format == report.None
}

// resume reads the partial line and text as one line and keeps what it says, if it says something.
func (d *openReport) resume(l *format.Line, text, glue string) bool {
	kind, before := d.partial.kind, d.text.size
	joined := d.text.join(d.partial.text, glue, text)
	v := d.sections.ofKind(kind).resume(d, kind, joined)
	if v == notMine && glue != "" && !(glue == "\n" && kernel.EndsInName(kind, joined)) {
		d.text.undo(before)
		return false
	}
	// A piece that the kernel itself broke off belongs here even while the whole makes no sense
	// yet.
	if v == mine {
		d.partial.clear()
	} else {
		d.partial.text = joined
	}
	d.countLine(l, kernel.FragmentLine, text)
	return true
}
