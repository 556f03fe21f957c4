// SPDX-License-Identifier: Apache-2.0

// Package top counts kills by what they have in common.
package top

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/enum"
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

// Find returns what has that name. The error names what there is.
func Find(name string) (*By, error) {
	names := make([]string, 0, len(All))
	for i := range All {
		if All[i].Name == name {
			return &All[i], nil
		}
		names = append(names, All[i].Name)
	}
	return nil, fmt.Errorf("--by: unknown field %q: use %s", name, enum.Or(names))
}

// Row is what kills with one key have in common. Key is "" for those without.
type Row struct {
	Key   string
	Count int
	// Last is the newest.
	Last kill.Kill
	// Largest is the most memory that a victim held, in bytes, -1 where none is known.
	Largest int64
	hosts   map[string]bool
}

// Counter counts kills.
type Counter struct {
	By    *By
	Total int
	rows  map[string]*Row
}

// Guess counts by pod, by unit and by process at once, where nobody says by what.
func Guess() []Counter { return []Counter{{By: &All[0]}, {By: &All[3]}, {By: &All[5]}} }

// Best returns the first counter that knows what most of its kills are of.
func Best(counters []Counter) *Counter {
	for i := range counters {
		c := &counters[i]
		unknown := 0
		if row := c.rows[""]; row != nil {
			unknown = row.Count
		}
		if i == len(counters)-1 || c.Total > 2*unknown {
			return c
		}
	}
	return nil
}

// Take counts a kill; what is none it passes over.
func (c *Counter) Take(k *kill.Kill) {
	if !k.IsKill() {
		return
	}
	key := c.By.key(k)
	row := c.rows[key]
	if row == nil {
		if c.rows == nil {
			c.rows = map[string]*Row{}
		}
		row = &Row{Key: key, Last: *k, Largest: -1, hosts: map[string]bool{}}
		c.rows[key] = row
	}
	c.Total++
	row.Count++
	if !k.Time().Before(row.Last.Time()) {
		row.Last = *k
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
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Time().Compare(a.Last.Time()), strings.Compare(a.Key, b.Key))
	})
	if limit > 0 && len(rows) > limit {
		return rows[:limit], len(rows) - limit
	}
	return rows, 0
}

// Columns are those of rows; times are shown in a zone.
func (c *Counter) Columns(location *time.Location) []output.Column[Row] {
	return []output.Column[Row]{
		{Title: "KILLS", Name: "kills", In: output.Table, Right: true, Value: func(r *Row) any { return r.Count }},
		{Title: "SHARE", In: output.Table, Right: true, Name: "share", Value: func(r *Row) any { return float64(r.Count) / float64(c.Total) },
			Text: func(r *Row) string { return fmt.Sprintf("%.0f %%", 100*float64(r.Count)/float64(c.Total)) }},
		{Title: strings.ToUpper(c.By.Name), Name: c.By.Name, In: output.Table, Shrink: true, Value: func(r *Row) any { return r.Key },
			Text: func(r *Row) string { return cmp.Or(r.Key, "(no "+c.By.Name+" known)") }},
		{Title: "LAST", Name: "last", In: output.Table, Text: func(r *Row) string { return r.Last.Moment(location) }, Value: func(r *Row) any {
			if r.Last.Time().IsZero() {
				return nil
			}
			return r.Last.Time().UTC().Format(time.RFC3339Nano)
		}},
		{Title: "LARGEST", Name: "largest_bytes", In: output.Table, Right: true, Text: func(r *Row) string {
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
		{Title: "HOSTS", Name: "hosts", In: output.Wide, Right: true, Value: func(r *Row) any {
			if len(r.hosts) == 0 {
				return nil
			}
			return len(r.hosts)
		}},
	}
}
