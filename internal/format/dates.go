// SPDX-License-Identifier: Apache-2.0

package format

import "time"

// Dating is what the lines of an input do not say about their own stamps. The zero value adds nothing: a line then has a time only
// where its stamp says all.
type Dating struct {
	// Location is where stamps without a zone were written; nil leaves their lines without a time.
	Location *time.Location
	// Reference returns when what is being decoded was written to last: of a file its modification time, of a stream the present. A
	// stamp without a year is of the newest year that puts it at or before that, with a day of grace for clocks that run ahead. Nil, and a
	// zero time, leave such lines without a time.
	Reference func() time.Time
	// Boot is when the kernel began to count, where the input is the log of a running machine: it dates records of /dev/kmsg,
	// which have no other stamp. Zero leaves them without a time.
	Boot time.Time
}

const (
	// grace is how far the clock of whoever wrote a stamp may run ahead of the reference.
	grace = 24 * time.Hour
	// leapSearch is how many years back a day is looked for: 1896 and 1904 had a 29 February, the years between them none.
	leapSearch = 8
)

// dated is the newest stamp that was dated, and the time that came of it.
type dated struct {
	stamp   wallTime
	wall    time.Time
	assumed Assumed
	// reference is what the year was chosen by, zero where the stamp has one.
	reference time.Time
	// uptime is the kernel's stamp of that line.
	uptime    int64
	hasUptime bool
}

// steps dates lines that only tell their distance from the line before.
type steps struct {
	// line is set when the current line is such a one.
	line bool
	// from is the time of the newest line that had a date, elapsed what Decoder.elapsed was at it.
	from    time.Time
	elapsed int64
	assumed Assumed
}

// WrittenBy returns when a file was written to last, by its modification time: one that no log can have, since an archive or a copy
// lost it (1970, 1980), says nothing, and the file was written by now.
func WrittenBy(modified, now time.Time) time.Time {
	if modified.Year() < oldestLog {
		return now
	}
	return modified
}

// oldestLog is a year before any log that can be read.
const oldestLog = 2001

// Date says how stamps that leave something open are dated, and returns d.
func (d *Decoder) Date(how Dating) *Decoder {
	d.dating = how
	return d
}

// reference is that of [Dating], zero for none.
func (d *Decoder) reference() time.Time {
	if d.dating.Reference == nil {
		return time.Time{}
	}
	return d.dating.Reference()
}

// DateStamp dates a wall stamp that stands alone, as somebody else cut it off the line that was decoded last. It returns zero for what
// is no stamp.
func (d *Decoder) DateStamp(stamp []byte) (t time.Time, assumed Assumed) {
	if len(stamp) == 0 {
		return t, 0
	}
	w, n := wallStamp(stamp)
	if n != len(stamp) {
		return t, 0
	}
	if t, ok := w.utc(); ok {
		return t, 0
	}
	if w.month == 0 {
		return t, 0
	}
	own := d.stamp
	d.stamp = w
	t, assumed = d.date()
	d.stamp = own
	return t, assumed
}

// setWall sets the wall time of the current line from its stamp.
func (d *Decoder) setWall() {
	w := &d.stamp
	if !d.steps.line && !w.hasUnix && (w.month == 0 || !w.zoned && d.dating.Location == nil && d.steps.from.IsZero()) {
		return // nothing to date it by, nor to date others by
	}
	l := &d.line
	if t, ok := d.stamp.utc(); ok {
		l.Wall = t
	} else if d.stamp.month > 0 {
		l.Wall, l.Assumed = d.date()
	}
	switch s := &d.steps; {
	case s.line && !s.from.IsZero():
		l.Wall, l.Assumed = s.from.Add(time.Duration(d.elapsed-s.elapsed)*time.Microsecond), s.assumed
	case d.stamp.month > 0:
		s.from, s.elapsed, s.assumed = l.Wall, d.elapsed, l.Assumed
	}
}

// date returns the time of the current line's stamp, which leaves zone or year open, and what was assumed for it.
func (d *Decoder) date() (time.Time, Assumed) {
	last := &d.dated
	if !d.stamp.zoned && d.dating.Location == nil {
		return time.Time{}, 0
	}
	var reference time.Time
	if d.stamp.year == 0 {
		if reference = d.reference(); reference.IsZero() {
			return time.Time{}, 0
		}
	}
	if d.stamp != last.stamp || reference.Sub(last.reference).Abs() > grace { // else it is as it was for the line before
		t, assumed := d.dateBy(reference)
		if t.IsZero() {
			return t, 0
		}
		*last = dated{stamp: d.stamp, wall: t, assumed: assumed, reference: reference}
	}
	last.uptime, last.hasUptime = d.line.Uptime, d.line.HasUptime
	return last.wall, last.assumed
}

// dateBy is date by a reference, for a stamp with which something can be done.
func (d *Decoder) dateBy(reference time.Time) (t time.Time, assumed Assumed) {
	w := d.stamp
	if !w.zoned {
		assumed = AssumedZone
	}
	if w.year > 0 {
		return d.instant(&w), assumed
	}
	newest := reference.UTC().Year() + 1
	for w.year = newest; w.year >= newest-1-leapSearch; w.year-- {
		if t = d.instant(&w); !t.IsZero() && !t.After(reference.Add(grace)) {
			return t, assumed | AssumedYear
		}
	}
	return time.Time{}, 0
}

// instant returns when a clock showed the full date w, zero for a day that the year does not have and for a zone whose name nobody
// knows. A time that the clock never showed, since it was put on, is read as if it had not been; of two times at which it
// showed the same, since it was put back, the lines around decide.
func (d *Decoder) instant(w *wallTime) time.Time {
	midnight := time.Date(w.year, time.Month(w.month), w.day, 0, 0, 0, 0, time.UTC)
	if midnight.Day() != w.day {
		return time.Time{}
	}
	shown := midnight.Add(w.sinceMidnight)
	if w.zoned {
		return shown.Add(-time.Duration(w.east) * time.Second)
	}
	const around = 24 * time.Hour // no zone changes its clock twice within that
	before, isBefore := d.readIn(shown, shown.Add(-around), w.zone)
	after, isAfter := d.readIn(shown, shown.Add(around), w.zone)
	switch {
	case isBefore && isAfter:
		if !before.Equal(after) && d.isSecond(before, after) {
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

// readIn reads what a clock showed by the distance from UTC that is in force at that time, and reports whether it is in force then,
// under the name that the stamp has.
func (d *Decoder) readIn(shown, at time.Time, name zoneName) (t time.Time, ok bool) {
	_, east := at.In(d.dating.Location).Zone()
	t = shown.Add(-time.Duration(east) * time.Second)
	now, there := t.In(d.dating.Location).Zone()
	return t, there == east && (name == zoneName{} || now == name.String())
}

// isSecond chooses between the two times at which the clock showed the same.
func (d *Decoder) isSecond(first, second time.Time) bool {
	const disorder = time.Minute // lines of several writers come a little out of order
	last := &d.dated
	reference := d.reference()
	switch {
	case !reference.IsZero() && second.After(reference):
		return false
	case last.wall.IsZero():
		return false
	case last.hasUptime && d.line.HasUptime && d.line.Uptime >= last.uptime && d.line.Uptime <= longestUptime:
		here := last.wall.Add(time.Duration(d.line.Uptime-last.uptime) * time.Microsecond)
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

// zoneEast are the abbreviations of which the time zone database knows one meaning only, in half hours east of UTC.
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
