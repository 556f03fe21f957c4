package oomkillreceiver

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/transport"
)

// isoStamp is a full stamp without a zone, as some syslog templates write it.
const isoStamp = "2006-01-02T15:04:05"

// completeTime dates a line whose stamp lacks what only the reader can know: a zone (location), or also a
// year, as in "Nov 21 08:16:59". The year is the newest that does not lie after now; nothing is dated after now.
func completeTime(l *transport.Line, location *time.Location, now time.Time) {
	if !l.Wall.IsZero() || len(l.Stamp) == 0 {
		return
	}
	stamp := string(l.Stamp)
	if t, err := time.ParseInLocation(isoStamp, stamp, location); err == nil {
		l.Wall = earlier(t, now)
		return
	}
	t, err := time.ParseInLocation(time.Stamp, stamp, location)
	if err != nil {
		return
	}
	// A clock that runs a little ahead of ours is no reason to go back a year.
	const tolerance = 24 * time.Hour
	year := now.In(location).Year()
	for ; year > 0; year-- {
		dated := time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), location)
		if dated.Month() == t.Month() && dated.Day() == t.Day() && dated.Before(now.Add(tolerance)) {
			l.Wall = earlier(dated, now) // the day differs for 29 February in a year without one
			return
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
