// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// The same report can come twice in one stream: kern.log and syslog read as one, a rotation read
// twice, a shipper that sends again. What was reported is remembered by its lines, with their
// timestamps, so that each event is reported once.

// maxReported is how many lines are remembered: of a thousand kills, each by its own line, that
// which chose it, the first of its report, and that of its reaping.
const maxReported = 4000

// reportedLines remembers the lines of which events were made.
type reportedLines struct {
	lines []reportedLine
	next  int    // the oldest of them, once there are [maxReported]
	text  []byte // room
	// newest is an index into lines: by the low bits of their hash, one more than where the newest
	// of them stands, 0 for none. It has as many places as there are lines, or a few more.
	newest []uint16
	// shared is set where a clone reads the same lines: they are copied before one is added.
	shared bool
}

// reportedLine is a line of which an event was made, and what else distinguishes it from a line
// that reads the same. Zero is what is not known.
type reportedLine struct {
	line       uint64 // hash of its text
	stamp      uint64 // hash of its wall timestamp as printed
	host, boot uint64 // hashes
	sequence   uint64 // plus one
	uptime     int64  // microseconds, plus one
	wall       int64  // seconds
	// pid and failures distinguish reports where timestamps do not: whose allocation it was, and
	// how often the cgroup had hit its limit.
	pid, failures int64
	// kill is set for a line that names its process, which two daemons may have stamped a little
	// apart.
	kill bool
	// older is one more than where the next older line stands whose hash has the same low bits, 0
	// for none.
	older uint16
}

// seed makes the hashes, which are secret: no line can be made to look like another.
var seed = maphash.MakeSeed()

func hashOf(s string) uint64 {
	if s == "" {
		return 0
	}
	return maphash.String(seed, s)
}

// of describes a line of a report.
func (t *reportedLines) of(r *report.Report, at *report.Stamp, text string) reportedLine {
	t.text = plain.AppendPrintable(t.text[:0], text)
	l := reportedLine{
		line: maphash.Bytes(seed, t.text), stamp: hashOf(at.Text), host: hashOf(at.Host), boot: hashOf(at.BootID),
		pid: r.CPU.PID.V, failures: r.Memcg.Counters[0].Failcnt.V,
	}
	if at.HasSequence {
		l.sequence = at.Sequence + 1
	}
	if at.HasUptime {
		l.uptime = at.Uptime + 1
	}
	if !at.Wall.IsZero() {
		l.wall = at.Wall.Unix()
	}
	return l
}

// has reports whether the line is remembered.
func (t *reportedLines) has(l reportedLine) bool {
	if len(t.newest) == 0 {
		return false
	}
	age := -1
	for next := *t.place(l.line); next > 0; {
		at := int(next - 1)
		o := &t.lines[at]
		// What the index leads to may have been taken by a newer line. All that is older is gone
		// then too.
		if a := t.age(at); a > age {
			age = a
		} else {
			return false
		}
		if o.line == l.line && o.is(&l) {
			return true
		}
		next = o.older
	}
	return false
}

// place returns where the index says of which line of that hash is the newest.
func (t *reportedLines) place(hash uint64) *uint16 { return &t.newest[hash&uint64(len(t.newest)-1)] }

// age returns how many lines are newer than the one at that place.
func (t *reportedLines) age(at int) int {
	newest := len(t.lines) - 1
	if t.next > 0 {
		newest = t.next - 1
	}
	if newest -= at; newest < 0 {
		newest += len(t.lines)
	}
	return newest
}

// enter puts the line at that place into the index, the newest of all.
func (t *reportedLines) enter(at int) {
	place := t.place(t.lines[at].line)
	t.lines[at].older, *place = *place, uint16(at+1)
}

// is reports whether two lines that read the same are one: nothing distinguishes them. The kernel's
// timestamps are exact; where one of them lacks it, the wall timestamps count.
func (l *reportedLine) is(o *reportedLine) bool {
	if !agree(l.host, o.host) || !agree(l.boot, o.boot) || !agree(l.sequence, o.sequence) {
		return false
	}
	if l.uptime != 0 && o.uptime != 0 {
		return l.uptime == o.uptime
	}
	if !l.kill && !(agree(l.pid, o.pid) && agree(l.failures, o.failures)) {
		return false
	}
	switch {
	case l.wall != 0 && o.wall != 0 && l.kill:
		return max(l.wall-o.wall, o.wall-l.wall) <= int64(sameKill/time.Second)
	case l.wall != 0 && o.wall != 0:
		return l.wall == o.wall
	}
	return l.stamp == o.stamp && (l.stamp != 0 || l.uptime == o.uptime)
}

// agree reports whether two values are equal, or one of them is not known.
func agree[T int64 | uint64](a, b T) bool { return a == b || a == 0 || b == 0 }

// add remembers a line in the place of the oldest.
func (t *reportedLines) add(l reportedLine) {
	if t.shared {
		t.lines, t.newest, t.shared = slices.Clone(t.lines), slices.Clone(t.newest), false
	}
	if len(t.lines) == maxReported {
		at := t.next
		t.lines[at] = l
		t.next = (at + 1) % maxReported
		t.enter(at)
		return
	}
	t.lines = append(t.lines, l)
	if len(t.lines) <= len(t.newest) {
		t.enter(len(t.lines) - 1)
		return
	}
	t.newest = make([]uint16, max(16, 2*len(t.newest)))
	for at := range t.lines {
		t.enter(at)
	}
}

// last returns the newest n of the lines, oldest first.
func (t *reportedLines) last(n int) []reportedLine {
	lines := append(append([]reportedLine(nil), t.lines[t.next:]...), t.lines[:t.next]...)
	return append([]reportedLine(nil), lines[max(0, len(lines)-n):]...)
}

// size is the memory that it holds.
func (t *reportedLines) size() int { return sliceSize(t.lines) + sliceSize(t.newest) + cap(t.text) }

// clone returns an independent copy.
func (t *reportedLines) clone() reportedLines {
	t.shared = true
	return reportedLines{lines: t.lines, next: t.next, newest: t.newest, shared: true}
}

// dropRepeated takes out of what a call completed the events that were reported before, and the
// reports that have no other.
func (a *Assembler) dropRepeated() {
	kept := a.completed.events[:0]
	for i := range a.completed.events {
		e := &a.completed.events[i]
		l := a.reported.of(e.Report, &e.At, e.Text)
		choice := l.asChoice()
		switch {
		case e.Kind != report.EventKill:
		case e.Report.Kills[e.Kill].Lost:
			l = choice // an event of its report without a kill, as of one that was cut off, was none of the kill
		default:
			l.kill = true
		}
		if a.reported.has(l) || a.reported.has(choice) {
			a.reports.of(e.Report).repeated++
			continue
		}
		a.reports.of(e.Report).reported++
		a.reported.add(l)
		if first := a.reported.of(e.Report, &e.Report.First, e.Report.FirstText); first.line != l.line && !a.reported.has(first) {
			a.reported.add(first)
		}
		kept = append(kept, *e)
	}
	a.completed.events = kept
	reports := a.completed.reports[:0]
	for _, r := range a.completed.reports {
		if d := a.reports.of(r); d.reported > 0 || d.repeated == 0 {
			reports = append(reports, r)
		}
	}
	clear(a.completed.reports[len(reports):])
	a.completed.reports = reports
}

// single describes a line of which no report is known: one of the reaper, or a head.
func (t *reportedLines) single(l *format.Line, text string) reportedLine {
	at := report.Stamp{
		Uptime: l.Uptime, HasUptime: l.HasUptime, Text: view(word(l.Stamp)), Sequence: l.Sequence, HasSequence: l.HasSequence,
		Host: view(l.Host), BootID: view(word(l.BootID)),
	}
	return t.of(&report.Report{}, &at, text)
}

// beginsAgain reports whether a head is that of an open report, which is then sent anew, and the
// report names no victim yet. Of lines without a timestamp that is not known.
func (t *reportedLines) beginsAgain(d *openReport, l *format.Line, text string) bool {
	if !d.r.HeadSeen || d.killed() || d.hasNoVictim() || d.ending.chosen.text != "" || d.ending.selected.text != "" || d.held.text != "" {
		return false
	}
	head := t.single(l, text)
	if head.uptime == 0 && head.stamp == 0 && head.sequence == 0 {
		return false
	}
	first := t.of(d.r, &d.r.First, d.r.FirstText)
	return first.line == head.line && first.is(&head)
}

// asChoice describes an oom-kill: line whose process was reported as killed.
func (l reportedLine) asChoice() reportedLine {
	l.line, l.kill = ^l.line, true
	return l
}

// chose reports whether the process of a report's oom-kill: line was reported by that line before.
// One copy of a report may have lost its kill line, and another not.
func (t *reportedLines) chose(d *openReport) bool {
	return d.ending.chosen.text != "" && t.has(t.of(d.r, &d.ending.chosen.at, d.ending.chosen.text).asChoice())
}

// addChoice remembers the oom-kill: line of a report with a kill.
func (t *reportedLines) addChoice(d *openReport) {
	if d.ending.chosen.text == "" {
		return
	}
	if l := t.of(d.r, &d.ending.chosen.at, d.ending.chosen.text).asChoice(); !t.has(l) {
		t.add(l)
	}
}

// comesAgain reports whether an open report was reported before, in which the kill line v stands
// too: it names the process as that which was chosen, or its first line is remembered.
func (t *reportedLines) comesAgain(d *openReport, pid int64) bool {
	r := d.r
	return r.OOMKill.PID.OK && r.OOMKill.PID.V == pid || r.HasSelection && r.Selection.PID == pid || t.chose(d) ||
		t.has(t.of(r, &r.First, r.FirstText))
}
