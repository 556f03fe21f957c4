// SPDX-License-Identifier: Apache-2.0

package format

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// wallTime is a wall-clock timestamp as far as a format prints it.
//
// NOTE: it is small since each line copies it several times.
type wallTime struct {
	// sinceMidnight is the time of day.
	sinceMidnight time.Duration
	// unix is set instead of all others when the timestamp counts from 1970.
	unix    time.Duration
	hasUnix bool
	zoned   bool
	// month is 0 when there is none or its name is in a language we do not know.
	month, day int8
	// east is the zone in seconds east of UTC, known when zoned.
	east int32
	// year is 0 when it is not printed.
	year int16
	// zone is the name of the zone where the timestamp prints one that does not say how far it is
	// from UTC.
	zone zoneName
}

// utc returns the instant when date, year and zone are all there.
func (w *wallTime) utc() (time.Time, bool) {
	if w.hasUnix {
		return time.Unix(0, int64(w.unix)).UTC(), true
	}
	if w.year == 0 || w.month == 0 || !w.zoned {
		return time.Time{}, false
	}
	return time.Unix(w.midnight()+int64(w.sinceMidnight/time.Second), int64(w.sinceMidnight%time.Second)).UTC(), true
}

// order returns a duration that grows with time: since 1970, or since the
// start of the year when the timestamp has none.
func (w *wallTime) order() (time.Duration, bool) {
	switch {
	case w.hasUnix:
		return w.unix, true
	case w.month == 0:
		return 0, false
	case w.year == 0:
		return time.Duration(dayOfLeapYear(int(w.month), int(w.day)))*24*time.Hour + w.sinceMidnight, true
	case w.year < 1678 || w.year > 2261: // beyond what a Duration holds
		return 0, false
	}
	return time.Duration(w.midnight())*time.Second + w.sinceMidnight, true
}

// midnight returns when the day of a full date began, in seconds since 1970. It is [time.Date] in a
// fifth of its time.
func (w *wallTime) midnight() int64 {
	before := int(w.year) - 1
	days := before*365 + before/4 - before/100 + before/400 + dayOfLeapYear(int(w.month), int(w.day))
	if year := before + 1; w.month > 2 && (year%4 != 0 || year%100 == 0 && year%400 != 0) {
		days--
	}
	const to1970 = 719162 // days from 1 January of the year 1
	return int64(days-to1970)*24*60*60 - int64(w.east)
}

// dayOfLeapYear counts from 0.
func dayOfLeapYear(month, day int) int { return daysBefore[month-1] + day - 1 }

// daysBefore are the days of a leap year before each month.
var daysBefore = [12]int{0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335}

// clock brings lines with a kernel timestamp and lines with a wall timestamp only onto one scale.
type clock struct {
	// ahead is wall minus kernel timestamp, as the last line with both showed it.
	ahead time.Duration
	known bool
}

// longestUptime is what still fits a Duration, in microseconds. Early in boot a kernel may print
// more.
const longestUptime = 9e15

// times gives the lines of a stream their wall times and their order.
type times struct {
	dating Dating
	// wall is the wall timestamp of the current line, as far as it could be read.
	wall  wallTime
	clock clock
	dated dated
	steps steps
}

// begin readies t for the next line.
func (t *times) begin() {
	t.wall = wallTime{}
	t.steps.line = false
}

// setBoot sets the wall time of a record of /dev/kmsg, which has no timestamp but the kernel's, by
// the time of the boot.
func (t *times) setBoot(l *Line) {
	if l.Uptime <= longestUptime {
		l.Wall, l.Assumed = t.dating.Boot.Add(time.Duration(l.Uptime)*time.Microsecond), report.AssumedBootClock
	}
}

// set sets the times of a line in any other format that follow from its timestamps.
func (t *times) set(l *Line) {
	t.setWall(l)
	wall, hasWall := t.wall.order()
	l.Printed = wall
	if l.Assumed&report.AssumedYear != 0 && l.Format != report.Dmesg { // the new year then comes after the old; dmesg's lines without a year count steps
		wall = time.Duration(l.Wall.UnixNano())
	}
	switch {
	case l.HasUptime:
		if hasWall && l.Uptime <= longestUptime {
			t.clock = clock{ahead: wall - time.Duration(l.Uptime)*time.Microsecond, known: true}
		}
	case hasWall:
		if t.clock.known {
			wall -= t.clock.ahead
		}
		l.setOrder(wall, true)
	}
}

// setBracket gives a line what a timestamp in brackets says.
func (t *times) setBracket(l *Line, b *bracket) {
	l.Uptime, l.HasUptime = b.uptime, b.hasUptime
	t.wall, l.Stamp = b.wall, b.stamp
	if base, ok := b.wall.order(); ok {
		t.steps.elapsed = base.Microseconds()
	}
	if b.hasDelta {
		t.steps.shown, t.steps.line = true, true
		t.steps.elapsed += b.delta
		l.setOrder(time.Duration(t.steps.elapsed)*time.Microsecond, true)
	}
}
