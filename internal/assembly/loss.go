// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// loss counts the records of the kernel that the log lost, by gaps in their numbers and by the
// log's own admissions, and knows whether the log shows what came before its next report.
type loss struct {
	// sequence is the number of the newest record, valid iff numbered.
	sequence uint64
	numbered bool
	// lost counts the records lost since the last line that counted.
	lost uint64
	// follows is set where the newest line is the record after the one before it, by their numbers.
	follows bool
	// started is set where a line that is no part of a report was seen since the stream began or
	// lost records, or many lines that do not count. unframed counts the lines in no format, and of
	// no report, since the stream began; foreign those that do not count since then, or since
	// records were lost.
	started           bool
	unframed, foreign int
}

// maxForeign is how many lines of other programs may stand between two lines of one report. A log
// that begins with more begins before its next report: lines of the middle of one are none. Most
// logs of a machine are of other programs alone.
const maxForeign = 1024

// maxHeading is how many lines in no format may come before a pasted log as if it began after them:
// a prompt, a heading.
const maxHeading = 4

// isNext reports whether the line is the record after the newest one, which it then is. All other
// lines are for count.
func (s *loss) isNext(l *format.Line) bool {
	if !l.HasSequence || l.Sequence != s.sequence+1 || !s.numbered || l.Lost > 0 {
		return false
	}
	s.sequence, s.follows = l.Sequence, true
	return true
}

// count counts what was lost right before the line. anew is set where the numbers count anew, or
// lines come out of order.
func (s *loss) count(l *format.Line) (lost uint64, anew bool) {
	lost, s.follows = l.Lost, false
	if l.HasSequence {
		if s.numbered && l.Sequence > s.sequence+1 {
			lost += l.Sequence - s.sequence - 1
		}
		anew = s.numbered && l.Sequence < s.sequence
		s.sequence, s.numbered = l.Sequence, true
	}
	if lost > 0 {
		s.started, s.foreign = false, 0
		s.lost += lost
	}
	return lost, anew
}

// take returns how many records were lost since the last line that counted, which the next one
// does.
func (s *loss) take() (lost uint64) {
	lost, s.lost = s.lost, 0
	return lost
}

// passOther notes a line that is no part of a report, with none open.
func (s *loss) passOther(l *format.Line) {
	if s.unframed++; l.Format != report.None || s.unframed > maxHeading {
		s.started = true
	}
	s.lost = 0
}

// passForeign notes a line that does not count.
func (s *loss) passForeign() {
	if s.foreign++; s.foreign > maxForeign {
		s.started = true
	}
}

// skip notes that lines were left out, of which none was lost.
func (s *loss) skip() { s.lost, s.numbered, s.started = 0, false, true }

// skipTo is skip up to the record of that number.
func (s *loss) skipTo(sequence uint64) {
	numbered := s.numbered
	s.skip()
	s.sequence, s.numbered = sequence, numbered
}

// countLost counts what was lost before the line in the reports that it may have been a part of.
func (a *Assembler) countLost(l *format.Line) {
	lost, anew := a.loss.count(l)
	if anew {
		a.restart()
	}
	if lost == 0 {
		return
	}
	for _, d := range a.reports.open {
		if !d.killed() {
			d.r.LostRecords += lost
		}
	}
}

// restart notes that the kernel counts anew, or that lines come out of order: what open reports
// lack may be lost.
func (a *Assembler) restart() {
	for _, d := range a.reports.open {
		d.noSequenceGap = false
	}
}

// Skip notes that lines of no interest were left out before the next one: nothing was lost there,
// and the stream had begun. Where a format splits records, the next line is then taken for a piece
// of a record that was not seen, so the last line that was left out should be that line. With a
// report open nothing may be left out, and Skip does nothing.
func (a *Assembler) Skip() {
	if len(a.reports.open) == 0 {
		a.loss.skip()
		a.neighbour.seen = false
	}
}

// CanSkip reports whether lines of no interest may be left out: nothing is open, and the stream had
// begun before the newest line.
func (a *Assembler) CanSkip() bool { return len(a.reports.open) == 0 && a.loss.started }

// Sequence returns the number of the newest record, 0 where the stream has none.
func (a *Assembler) Sequence() uint64 { return a.loss.sequence }

// SkipTo is [Assembler.Skip] where it is known that no record up to the given number was lost.
func (a *Assembler) SkipTo(sequence uint64) {
	if len(a.reports.open) == 0 {
		a.loss.skipTo(sequence)
		a.neighbour.seen = false
	}
}
