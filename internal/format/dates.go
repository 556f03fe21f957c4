// SPDX-License-Identifier: Apache-2.0

package format

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Dating is what the lines of an input do not say about their own timestamps. The zero value adds
// nothing: a line then has a time only where its timestamp says all.
type Dating struct {
	// Location is where timestamps without a zone were written; nil leaves their lines without a
	// time.
	Location *time.Location
	// Reference returns when what is being decoded was written to last: of a file its modification
	// time, of a stream the present. A timestamp without a year is of the newest year that puts it
	// at or before that, with a day of grace for clocks that run ahead. Nil, and a zero time, leave
	// such lines without a time.
	Reference func() time.Time
	// Boot is when the kernel began to count, where the input is the log of a running machine: it
	// dates records of /dev/kmsg, which have no other timestamp. Zero leaves them without a time.
	Boot time.Time
}

const (
	// grace is how far the clock that wrote a timestamp may run ahead of the reference.
	grace = 24 * time.Hour
	// lastYear is the last year that a timestamp of four digits can have.
	lastYear = 9999
	// leapSearch is how many years back a day is looked for: 1896 and 1904 had a 29 February, the
	// years between them none.
	leapSearch = 8
)

// dated is the newest timestamp that was dated, and the time that came of it.
type dated struct {
	stamp   wallTime
	wall    time.Time
	assumed report.Assumed
	// reference is what the year was chosen by, zero where the timestamp has one.
	reference time.Time
	// uptime is the kernel's timestamp of that line.
	uptime    int64
	hasUptime bool
}

// steps dates lines that only say their distance from the line before (dmesg's reltime and delta
// forms).
type steps struct {
	// shown is set once a line was such a one, line when the current line is.
	shown, line bool
	// elapsed sums the steps, in microseconds.
	elapsed int64
	// from is the time of the newest line that had a date, elapsedAt what elapsed was at it.
	from      time.Time
	elapsedAt int64
	assumed   report.Assumed
}

// WrittenBy returns when a file was written to last, by its modification time: one that no log can
// have, since an archive or a copy lost it (1970, 1980), says nothing, and the file was written by
// now.
func WrittenBy(modified, now time.Time) time.Time {
	if modified.Year() < oldestLog {
		return now
	}
	return modified
}

// oldestLog is a year before any log that can be read.
const oldestLog = 2001

// reference is that of [Dating], zero for none.
func (t *times) reference() time.Time {
	if t.dating.Reference == nil {
		return time.Time{}
	}
	return t.dating.Reference()
}

// setWall sets the wall time of a line from its timestamp.
func (t *times) setWall(l *Line) {
	w := &t.wall
	if !t.steps.line && !w.hasUnix && (w.month == 0 || !w.zoned && t.dating.Location == nil && t.steps.from.IsZero()) {
		return // nothing to date it by, nor to date others by
	}
	if at, ok := w.utc(); ok {
		l.Wall = at
	} else if w.month > 0 {
		l.Wall, l.Assumed = t.date(w, l)
	}
	switch s := &t.steps; {
	case s.line && !s.from.IsZero():
		l.Wall, l.Assumed = s.from.Add(time.Duration(s.elapsed-s.elapsedAt)*time.Microsecond), s.assumed
	case w.month > 0:
		s.from, s.elapsedAt, s.assumed = l.Wall, s.elapsed, l.Assumed
	}
}

// date returns the time of w, a line's timestamp that leaves zone or year open, and what was
// assumed for it.
func (t *times) date(w *wallTime, l *Line) (time.Time, report.Assumed) {
	last := &t.dated
	if !w.zoned && t.dating.Location == nil {
		return time.Time{}, 0
	}
	var reference time.Time
	if w.year == 0 {
		if reference = t.reference(); reference.IsZero() {
			return time.Time{}, 0
		}
	}
	if *w != last.stamp || reference.Sub(last.reference).Abs() > grace { // else it is as it was for the line before
		at, assumed := t.dateBy(*w, reference, l)
		if at.IsZero() {
			return at, 0
		}
		*last = dated{stamp: *w, wall: at, assumed: assumed, reference: reference}
	}
	last.uptime, last.hasUptime = l.Uptime, l.HasUptime
	return last.wall, last.assumed
}

// dateBy is date by a reference, for a timestamp with which something can be done.
func (t *times) dateBy(w wallTime, reference time.Time, l *Line) (at time.Time, assumed report.Assumed) {
	if !w.zoned {
		assumed = report.AssumedZone
	}
	if w.year > 0 {
		return t.instant(&w, l), assumed
	}
	newest := int16(min(reference.UTC().Year()+1, lastYear))
	for w.year = newest; w.year >= newest-1-leapSearch; w.year-- {
		if at = t.instant(&w, l); !at.IsZero() && !at.After(reference.Add(grace)) {
			return at, assumed | report.AssumedYear
		}
	}
	return time.Time{}, 0
}

// instant returns when a clock showed the full date w, zero for a day that the year does not have
// and for a zone whose name nobody knows. A time that the clock never showed, since it was put on,
// is read as if it had not been; of two times at which it showed the same, since it was put back,
// the lines around decide.
func (t *times) instant(w *wallTime, l *Line) time.Time {
	midnight := time.Date(int(w.year), time.Month(w.month), int(w.day), 0, 0, 0, 0, time.UTC)
	if midnight.Day() != int(w.day) {
		return time.Time{}
	}
	shown := midnight.Add(w.sinceMidnight)
	if w.zoned {
		return shown.Add(-time.Duration(w.east) * time.Second)
	}
	const around = 24 * time.Hour // no zone changes its clock twice within that
	before, isBefore := t.readIn(shown, shown.Add(-around), w.zone)
	after, isAfter := t.readIn(shown, shown.Add(around), w.zone)
	switch {
	case isBefore && isAfter:
		if !before.Equal(after) && t.isSecond(before, after, l) {
			return after
		}
		return before
	case isAfter:
		return after
	case isBefore || w.zone == (zoneName{}):
		return before
	}
	if east, ok := zoneEast[w.zone]; ok {
		return shown.Add(-time.Duration(east) * time.Hour / 2)
	}
	return time.Time{}
}

// readIn reads what a clock showed by the distance from UTC that is in force at that time, and
// reports whether it is in force then, under the name that the timestamp has.
func (t *times) readIn(shown, near time.Time, name zoneName) (at time.Time, ok bool) {
	_, east := near.In(t.dating.Location).Zone()
	at = shown.Add(-time.Duration(east) * time.Second)
	now, there := at.In(t.dating.Location).Zone()
	return at, there == east && (name == zoneName{} || now == name.String())
}

// isSecond chooses between the two times at which the clock showed the same.
func (t *times) isSecond(first, second time.Time, l *Line) bool {
	const disorder = time.Minute // lines of several writers come a little out of order
	last := &t.dated
	reference := t.reference()
	switch {
	case !reference.IsZero() && second.After(reference):
		return false
	case last.wall.IsZero():
		return false
	case last.hasUptime && l.HasUptime && l.Uptime >= last.uptime && l.Uptime <= longestUptime:
		here := last.wall.Add(time.Duration(l.Uptime-last.uptime) * time.Microsecond)
		return here.Sub(first).Abs() > here.Sub(second).Abs()
	}
	return last.wall.After(first.Add(disorder)) && !last.wall.After(second.Add(disorder))
}

// zoneName is the abbreviation of a time zone.
type zoneName [5]byte

func (z zoneName) String() string {
	n := 0
	for n < len(z) && z[n] != 0 {
		n++
	}
	return string(z[:n])
}

// zoneEast are the abbreviations of which the time zone database knows one meaning only, in half
// hours east of UTC.
var zoneEast = func() map[zoneName]int {
	m := make(map[zoneName]int)
	for name, east := range map[string]int{
		"WET": 0, "WEST": 2, "CET": 2, "CEST": 4, "EET": 4, "EEST": 6, "MSK": 6, "BST": 2,
		"SAST": 4, "WAT": 2, "CAT": 4, "EAT": 6, "PKT": 10, "WIB": 14, "WITA": 16, "WIT": 18, "HKT": 16, "JST": 18, "KST": 18,
		"AWST": 16, "ACST": 19, "ACDT": 21, "AEST": 20, "AEDT": 22, "NZST": 24, "NZDT": 26,
		"HST": -20, "AKST": -18, "AKDT": -16, "PDT": -14, "MST": -14, "MDT": -12, "EST": -10, "EDT": -8, "ADT": -6, "NST": -7, "NDT": -5,
	} {
		var z zoneName
		copy(z[:], name)
		m[z] = east
	}
	return m
}()
