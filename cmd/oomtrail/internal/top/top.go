// SPDX-License-Identifier: Apache-2.0

// Package top counts kills by what they have in common.
package top

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/column"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/kill"
)

// By is what kills are counted by.
type By struct {
	// Name is the word for it.
	Name string
	key  func(*kill.Kill) string
}

// All is all that kills can be counted by.
var All = []By{
	{"pod", (*kill.Kill).Pod},
	{"namespace", attribute("k8s.namespace.name")},
	{"container", container},
	{"unit", (*kill.Kill).Unit},
	{"cgroup", (*kill.Kill).Cgroup},
	{"process", attribute("process.title")},
	{"host", (*kill.Kill).Host},
	{"cause", (*kill.Kill).CauseWord},
	{"killer", (*kill.Kill).Killer},
	{byEvent, attribute("event.name")},
}

// byEvent is what an event is, a kill or something else.
const byEvent = "event"

// NeedsAll reports whether to count by these fields only kills would say nothing: all are one.
func NeedsAll(fields []*By) bool {
	return slices.ContainsFunc(fields, func(by *By) bool { return by.Name == byEvent })
}

func attribute(name string) func(*kill.Kill) string {
	return func(k *kill.Kill) string { return k.Record.Text(name) }
}

// container names a container and its pod: that of many pods is called app.
func container(k *kill.Kill) string {
	name, pod := k.Container(), k.Pod()
	if name != "" && pod != "" {
		return pod + " " + name
	}
	return name
}

// Names returns the words for all of it.
func Names() []string {
	names := make([]string, len(All))
	for i := range All {
		names[i] = All[i].Name
	}
	return names
}

// Find returns what has those names, separated by commas. The error names what there is.
func Find(names string) (found []*By, err error) {
	known := Names()
	for name := range strings.SplitSeq(names, ",") {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, fmt.Errorf("--by: unknown field %q: use %s, or several with commas between them", name, enum.Or(known))
		}
		if slices.Contains(found, &All[i]) {
			return nil, fmt.Errorf("--by: %q stands twice in %q: leave one out", name, names)
		}
		found = append(found, &All[i])
	}
	return found, nil
}

// Row is what kills have in common.
type Row struct {
	// Keys are what they have of each field, "" for nothing.
	Keys  []string
	Count int
	// First is the oldest, Last the newest.
	First, Last kill.Kill
	// Largest is the most memory that a victim held, in bytes, -1 where none is known.
	Largest int64
	hosts   map[string]bool
}

// Counter counts kills.
type Counter struct {
	By []*By
	// Events has it count every event, not only kills.
	Events bool
	Total  int
	rows   map[string]*Row
}

// Guess counts by several fields at once, where nobody says by what. A container stands before its
// unit, which systemd names after the container's id.
func Guess() []Counter {
	var counters []Counter
	for _, name := range [...]string{"pod", "container", "unit", "process"} {
		i := slices.IndexFunc(All, func(by By) bool { return by.Name == name })
		counters = append(counters, Counter{By: []*By{&All[i]}})
	}
	return counters
}

// Best returns the first counter that knows what most of its kills are of.
func Best(counters []Counter) *Counter {
	for i := range counters {
		c := &counters[i]
		unknown := 0
		if row := c.rows[""]; row != nil { // each of them counts by one field
			unknown = row.Count
		}
		if i == len(counters)-1 || c.Total > 2*unknown {
			return c
		}
	}
	return nil
}

// Take counts a kill; what is none it passes over, unless it counts every event.
func (c *Counter) Take(k *kill.Kill) {
	if !c.Events && !k.IsKill() {
		return
	}
	keys := make([]string, len(c.By))
	for i, by := range c.By {
		keys[i] = by.key(k)
	}
	all := strings.Join(keys, "\x00")
	row := c.rows[all]
	if row == nil {
		if c.rows == nil {
			c.rows = map[string]*Row{}
		}
		row = &Row{Keys: keys, First: *k, Last: *k, Largest: -1, hosts: map[string]bool{}}
		c.rows[all] = row
	}
	c.Total++
	row.Count++
	if !k.Time().Before(row.Last.Time()) {
		row.Last = *k
	}
	if first, at := row.First.Time(), k.Time(); !at.IsZero() && (first.IsZero() || at.Before(first)) {
		row.First = *k
	}
	if used, ok := k.Used(); ok {
		row.Largest = max(row.Largest, used)
	}
	if host := k.Host(); host != "" {
		row.hosts[host] = true
	}
}

// Rows returns the rows with the most kills, limit of them or all for 0, and how many more there
// are.
func (c *Counter) Rows(limit int) (rows []Row, more int) {
	for _, row := range c.rows {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Time().Compare(a.Last.Time()), slices.Compare(a.Keys, b.Keys))
	})
	if limit > 0 && len(rows) > limit {
		return rows[:limit], len(rows) - limit
	}
	return rows, 0
}

// Columns are those of rows; times are shown in a zone.
func (c *Counter) Columns(rows []Row, location *time.Location) []column.Column[Row] {
	what := "kills"
	if c.Events {
		what = "events"
	}
	columns := []column.Column[Row]{
		{Title: strings.ToUpper(what), Name: what, In: column.Table, Right: true, Value: func(r *Row) any { return r.Count }},
		{Title: "SHARE", In: column.Table, Right: true, Name: "share", Value: func(r *Row) any { return c.Share(r) },
			Text: func(r *Row) string { return share(r.Count, c.Total) }},
	}
	hosts := column.Wide
	for i, by := range c.By {
		columns = append(columns, column.Column[Row]{Title: strings.ToUpper(by.Name), Name: by.Name, In: column.Table, Shrink: true,
			Value: func(r *Row) any { return r.Keys[i] }, Text: func(r *Row) string { return cmp.Or(r.Keys[i], "(no "+by.Name+" known)") }})
		if by.Name == "host" { // to count the hosts of a host says nothing to a person
			hosts = column.Programs
		}
	}
	first := func(r *Row) time.Time { return r.First.Time() }
	last := func(r *Row) time.Time { return r.Last.Time() }
	return append(columns, []column.Column[Row]{
		{Title: "FIRST" + kill.ZoneOf(location, rows, first), Name: "first", In: column.Wide,
			Text: func(r *Row) string { return r.First.Moment(location) }, Value: func(r *Row) any { return r.First.Stamp() }},
		{Title: "LAST" + kill.ZoneOf(location, rows, last), Name: "last", In: column.Table,
			Text: func(r *Row) string { return r.Last.Moment(location) }, Value: func(r *Row) any { return r.Last.Stamp() }},
		{Title: "LARGEST", Name: "largest_bytes", In: column.Table, Right: true, Text: func(r *Row) string {
			if r.Largest < 0 {
				return ""
			}
			return kill.Size(r.Largest)
		}, Value: func(r *Row) any {
			if r.Largest < 0 {
				return nil
			}
			return r.Largest
		}},
		{Title: "HOSTS", Name: "hosts", In: hosts, Right: true, Value: func(r *Row) any {
			if len(r.hosts) == 0 {
				return nil
			}
			return len(r.hosts)
		}},
	}...)
}

// Share is how much of all a row has.
func (c *Counter) Share(r *Row) float64 { return float64(r.Count) / float64(c.Total) }

// Title says what was counted, and by what: "40 kills by pod and cause".
func (c *Counter) Title() string {
	what := "kill"
	if c.Events {
		what = "event"
	}
	if c.Total != 1 {
		what += "s"
	}
	names := make([]string, len(c.By))
	for i, by := range c.By {
		names[i] = by.Name
	}
	return fmt.Sprintf("%d %s by %s", c.Total, what, strings.Join(names, " and "))
}

// share is a part of a whole in percent, for a person. A part is never none, nor all.
func share(part, whole int) string {
	text := fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
	switch {
	case text == "0 %" && part > 0:
		return "<1 %"
	case text == "100 %" && part < whole:
		return ">99 %"
	}
	return text
}
