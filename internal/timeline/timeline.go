// SPDX-License-Identifier: Apache-2.0

// Package timeline says when kills were, so that who was killed again and again, and what died
// together, can be drawn. It holds counts and places, never more of them than a picture can show.
package timeline

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/internal/kill"
)

const (
	// Columns is in how many equal parts the time is divided. What falls into one part of one lane
	// is drawn together.
	Columns = 120
	// MostLanes bounds the lanes; the last of so many stands for all others.
	MostLanes = 12
	// together is the time within which kills make a burst.
	together = time.Minute
)

// Timeline is when kills were.
type Timeline struct {
	// From and To are the times of the first event and of the last.
	From, To time.Time
	// SinceBoot is set where the log has no dates: times are counted from boot, which is the zero
	// of Unix time.
	SinceBoot bool
	// Location is the zone in which times are shown.
	Location *time.Location
	// Subject is what a lane is of: "workload", "namespace" or "host".
	Subject string
	// Lanes are those with the most kills first. All has the events of all lanes.
	Lanes []Lane
	All   Lane
	// Ticks are round times between From and To.
	Ticks []time.Time
	// Untimed is how many events have no time on this axis.
	Untimed int
	// Burst is the most kills within a minute, none where no kill has a time.
	Burst Group

	step step
}

// Lane is what befell one workload, namespace or host.
type Lane struct {
	// Name is what it is of. Rest is set for the lane of all that have none of their own.
	Name string
	Rest bool
	Group
	// Others is how many events are no kills: evictions, panics.
	Others int
	// Cells are the parts of the time in which something happened, in order.
	Cells []Cell
}

// Group is a number of kills, and when the first and the last of them were.
type Group struct {
	Kills       int
	First, Last time.Time
}

// Cell is what happened in one part of the time.
type Cell struct {
	// Column counts the parts from 0.
	Column int
	// Kills and Others are how many events there were, First and Last when, and Number and Until
	// the smallest and the largest number of them in the list.
	Kills, Others int
	First, Last   time.Time
	Number, Until int
	// Process is the victim of the first of them.
	Process string
}

// Events is how many there were of all kinds.
func (c *Cell) Events() int { return c.Kills + c.Others }

// Tallest is the most events in one cell.
func (l *Lane) Tallest() (most int) {
	for i := range l.Cells {
		most = max(most, l.Cells[i].Events())
	}
	return most
}

// event is a kill and its place in time.
type event struct {
	*kill.Kill
	at time.Time
}

// Of returns when kills were, nil where fewer than two of them have a time.
func Of(kills []kill.Kill, location *time.Location) *Timeline {
	t := &Timeline{Location: location}
	events := t.place(kills)
	if len(events) < 2 {
		return nil
	}
	t.Untimed = len(kills) - len(events)
	t.From, t.To = events[0].at, events[len(events)-1].at
	t.fill(events)
	t.step = stepOf(t.To.Sub(t.From))
	t.Ticks = t.step.between(t.From, t.To)
	return t
}

// place returns the events that have a time, in order of it. Where none has a date, they are placed
// by the time since boot if that is of one boot of one machine: it must never run back.
func (t *Timeline) place(kills []kill.Kill) (events []event) {
	for i := range kills {
		if k := &kills[i]; !k.Time().IsZero() {
			events = append(events, event{k, k.Time().In(t.Location)})
		}
	}
	if len(events) > 0 {
		slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
		return events
	}
	t.SinceBoot, t.Location = true, time.UTC
	for i := range kills {
		k := &kills[i]
		if !k.Record.HasUptime || k.Host() != kills[0].Host() || k.Source != kills[0].Source {
			return nil
		}
		at := time.UnixMicro(k.Record.Uptime).UTC()
		if i > 0 && at.Before(events[i-1].at) {
			return nil
		}
		events = append(events, event{k, at})
	}
	return events
}

// subjects are what lanes may be of. The first that has several, but few enough, is taken.
var subjects = [...]struct {
	name string
	of   func(*kill.Kill) string
}{{"workload", Workload}, {"namespace", namespace}, {"host", host}}

// Workload names what was killed, by the best name that is known: where it ran, else the process.
func Workload(k *kill.Kill) string {
	where := k.Where()
	if name := k.Record.Text("process.title"); where == "host" || where == "" {
		return cmp.Or(name, where, "(nothing known)")
	}
	return where
}

func namespace(k *kill.Kill) string {
	return cmp.Or(k.Record.Text("k8s.namespace.name"), "(no namespace known)")
}

func host(k *kill.Kill) string { return cmp.Or(k.Host(), "(no host known)") }

// fill counts events in lanes.
func (t *Timeline) fill(events []event) {
	of, lanes := t.lanes(events)
	rest := -1
	if len(lanes) > MostLanes {
		rest = MostLanes - 1
		lanes = lanes[:rest]
	}
	index := make(map[string]int, len(lanes))
	for i, name := range lanes {
		index[name] = i
		t.Lanes = append(t.Lanes, Lane{Name: name})
	}
	if rest >= 0 {
		t.Lanes = append(t.Lanes, Lane{Name: "all others", Rest: true})
	}
	t.All.Name = "all"
	for _, e := range events {
		i, known := index[of(e.Kill)]
		if !known {
			i = rest
		}
		column := t.column(e.at)
		t.All.add(e, column)
		t.Lanes[i].add(e, column)
	}
	t.Burst = burst(events)
}

// lanes chooses what lanes are of, and returns their names, those with the most kills first. Where
// each subject has one or too many, it is the workloads.
func (t *Timeline) lanes(events []event) (of func(*kill.Kill) string, names []string) {
	for i, subject := range subjects {
		counts := map[string]int{}
		var found []string // in order of the first event
		for _, e := range events {
			name := subject.of(e.Kill)
			n, known := counts[name]
			if !known {
				found = append(found, name)
			}
			if e.IsKill() {
				n++
			}
			counts[name] = n
		}
		slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
		if i == 0 {
			t.Subject, of, names = subject.name, subject.of, found
		}
		if len(found) > 1 && len(found) <= MostLanes {
			t.Subject = subject.name
			return subject.of, found
		}
	}
	return of, names
}

// burst is the most kills within a minute.
func burst(events []event) (most Group) {
	var open []event
	for _, e := range events {
		if !e.IsKill() {
			continue
		}
		open = append(open, e)
		for e.at.Sub(open[0].at) >= together {
			open = open[1:]
		}
		if len(open) > most.Kills {
			most = Group{Kills: len(open), First: open[0].at, Last: e.at}
		}
	}
	return most
}

// add counts an event that is a kill.
func (g *Group) add(e event) {
	if !e.IsKill() {
		return
	}
	if g.Kills == 0 {
		g.First = e.at
	}
	g.Kills++
	g.Last = e.at
}

// add counts an event; they come in order of time.
func (l *Lane) add(e event, column int) {
	l.Group.add(e)
	if !e.IsKill() {
		l.Others++
	}
	if n := len(l.Cells); n == 0 || l.Cells[n-1].Column != column {
		l.Cells = append(l.Cells, Cell{Column: column, First: e.at, Number: e.Number, Process: e.Process()})
	}
	c := &l.Cells[len(l.Cells)-1]
	if e.IsKill() {
		c.Kills++
	} else {
		c.Others++
	}
	c.Last, c.Number, c.Until = e.at, min(c.Number, e.Number), max(c.Until, e.Number)
}

// column is the part of the time that a time is in.
func (t *Timeline) column(at time.Time) int {
	return min(Columns-1, int(t.Share(at)*Columns))
}

// Share is how far a time is from the first to the last, 0 to 1.
func (t *Timeline) Share(at time.Time) float64 {
	if span := seconds(t.From, t.To); span > 0 {
		return max(0, min(1, seconds(t.From, at)/span))
	}
	return 0
}

// seconds are those between two times, of which a log may have any: [time.Duration] ends at 292
// years.
func seconds(from, to time.Time) float64 {
	return float64(to.Unix()-from.Unix()) + float64(to.Nanosecond()-from.Nanosecond())/1e9
}

// Cover is how long one column is, for people: "84 min". It is two milliseconds or more.
func (t *Timeline) Cover() string { return long(seconds(t.From, t.To) / Columns) }

// long writes a time in seconds.
func long(s float64) string {
	for _, unit := range [...]struct {
		seconds float64
		name    string
	}{{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}, {0.001, "ms"}} {
		if s >= 2*unit.seconds {
			return strconv.FormatFloat(math.Round(s/unit.seconds), 'f', 0, 64) + " " + unit.name
		}
	}
	return "2 ms"
}

// Text writes a time of the timeline.
func (t *Timeline) Text(at time.Time) string {
	if t.SinceBoot {
		return "boot + " + strconv.FormatFloat(float64(at.UnixMicro())/1e6, 'f', 1, 64) + " s"
	}
	return at.Format(time.DateTime)
}

// Zone names the zone of the timeline's times, "" where they are counted from boot.
func (t *Timeline) Zone() string {
	if t.SinceBoot {
		return ""
	}
	return kill.ZoneOf(t.Location, []time.Time{t.From, t.To}, func(at *time.Time) time.Time { return *at })
}
