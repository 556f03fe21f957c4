// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"strconv"
	"time"
)

// step is how far two ticks are apart: a time, or days and months, whose length differs.
type step struct {
	length       time.Duration
	days, months int
	layout       string // of the label
}

// mostTicks bounds the ticks of an axis.
const mostTicks = 6

const day = 24 * time.Hour

// steps are all but those of several years.
var steps = []step{
	{length: time.Millisecond, layout: "15:04:05.000"}, {length: 10 * time.Millisecond, layout: "15:04:05.000"}, {length: 100 * time.Millisecond, layout: "15:04:05.0"},
	{length: time.Second, layout: time.TimeOnly}, {length: 5 * time.Second, layout: time.TimeOnly}, {length: 15 * time.Second, layout: time.TimeOnly},
	{length: time.Minute, layout: "15:04"}, {length: 5 * time.Minute, layout: "15:04"}, {length: 15 * time.Minute, layout: "15:04"},
	{length: time.Hour, layout: "15:04"}, {length: 3 * time.Hour, layout: "15:04"}, {length: 6 * time.Hour, layout: "15:04"}, {length: 12 * time.Hour, layout: "15:04"},
	{days: 1, layout: time.DateOnly}, {days: 2, layout: time.DateOnly}, {days: 7, layout: time.DateOnly},
	{months: 1, layout: "2006-01"}, {months: 3, layout: "2006-01"}, {months: 6, layout: "2006-01"}, {months: 12, layout: "2006"},
}

// about is how long a step is, more or less.
func (s step) about() time.Duration {
	return s.length + time.Duration(s.days)*day + time.Duration(s.months)*30*day
}

// stepOf returns the shortest step of which few enough are in a span.
func stepOf(span time.Duration) step {
	for _, s := range steps {
		if span/s.about() < mostTicks {
			return s
		}
	}
	years := int(span/(365*day))/mostTicks + 1
	return step{months: 12 * years, layout: "2006"}
}

// between returns the round times from one time to another, in the zone of the first.
func (s step) between(from, to time.Time) (ticks []time.Time) {
	year, month, date := from.Date()
	at := time.Date(year, month, date, 0, 0, 0, 0, from.Location())
	next := func(at time.Time) time.Time { return at.Add(s.length) }
	switch {
	case s.months > 0:
		at = time.Date(year, 1, 1, 0, 0, 0, 0, from.Location())
		next = func(at time.Time) time.Time { return at.AddDate(0, s.months, 0) }
	case s.days > 0:
		next = func(at time.Time) time.Time { return at.AddDate(0, 0, s.days) }
	default:
		at = at.Add(from.Sub(at).Truncate(s.length)) // from the day's beginning in that zone
	}
	for ; !at.After(to) && len(ticks) <= mostTicks; at = next(at) {
		if !at.Before(from) {
			ticks = append(ticks, at)
		}
	}
	return ticks
}

// Label writes a tick, and the day where it is another than that of the tick before: before is zero
// for the first.
func (t *Timeline) Label(at, before time.Time) (label, date string) {
	if t.SinceBoot {
		return "+" + strconv.FormatFloat(float64(at.UnixMicro())/1e6, 'f', -1, 64) + " s", ""
	}
	if t.step.length > 0 && (before.IsZero() || before.Format(time.DateOnly) != at.Format(time.DateOnly)) {
		date = at.Format(time.DateOnly)
	}
	return at.Format(t.step.layout), date
}
