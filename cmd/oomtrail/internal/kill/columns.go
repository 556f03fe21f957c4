// SPDX-License-Identifier: Apache-2.0

package kill

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
)

// Columns are those of a list of kills; times are shown in a zone. A table shows the host where
// there are several.
func Columns(kills []Kill, location *time.Location) []output.Column[Kill] {
	text := func(fn func(*Kill) string) func(*Kill) any { return func(k *Kill) any { return fn(k) } }
	attr := func(name string) func(*Kill) any {
		return func(k *Kill) any {
			if v, ok := k.Record.Get(name); ok {
				return v.Any()
			}
			return nil
		}
	}
	number := func(fn func(*Kill) (int64, bool)) func(*Kill) any {
		return func(k *Kill) any {
			if n, ok := fn(k); ok {
				return n
			}
			return nil
		}
	}
	sinceBoot := func(k *Kill) any {
		if !k.Record.HasUptime {
			return nil
		}
		return float64(k.Record.Uptime) / 1e6
	}
	hosts := output.Wide
	if several(kills) {
		hosts = output.Table
	}
	return []output.Column[Kill]{
		{Title: "KILL", Name: "kill", In: output.Table, Right: true, Value: func(k *Kill) any { return k.Number }},
		{Title: "TIME" + ZoneOf(location, kills, (*Kill).Time), Name: "time", In: output.Table, Text: func(k *Kill) string { return k.Moment(location) }, Value: (*Kill).Stamp},
		{Name: "uptime_s", In: output.CSV, Value: sinceBoot},
		{Title: "HOST", Name: "host", In: hosts, Value: text((*Kill).Host)},
		{Title: "PROCESS", Name: "process", In: output.Table, Shrink: true, Text: (*Kill).Process, Value: attr("process.title")},
		{Name: "pid", In: output.CSV, Value: attr("process.pid")},
		{Title: "MEMORY", Name: "memory_bytes", In: output.Table, Text: (*Kill).Memory, Value: number((*Kill).Used)},
		{Name: "limit_bytes", In: output.CSV, Value: number((*Kill).Limit)},
		{Title: "WHERE", Name: "where", In: output.Table, Shrink: true, Value: text((*Kill).Where)},
		{Name: "namespace", In: output.CSV, Value: attr("k8s.namespace.name")},
		{Name: "pod", In: output.CSV, Value: text((*Kill).Pod)},
		{Name: "container", In: output.CSV, Value: text((*Kill).Container)},
		{Name: "unit", In: output.CSV, Value: text((*Kill).Unit)},
		{Title: "CAUSE", Name: "cause", In: output.Table, Shrink: true, Text: (*Kill).Cause, Value: text((*Kill).CauseWord)},
		{Title: "KILLER", Name: "killer", In: output.Wide, Value: text((*Kill).Killer)},
		{Title: "EVENT", Name: "event", In: output.Wide, Value: attr("event.name")},
		{Title: "TRUST", Name: "trust", In: output.Wide, Value: attr("oom.trust")},
		{Title: "CGROUP", Name: "cgroup", In: output.Wide, Value: text((*Kill).Cgroup)},
		{Title: "FILE", Name: "file", In: output.Wide, Value: text(func(k *Kill) string { return k.Source })},
		{Name: "id", In: output.CSV, Value: attr("log.record.uid")},
	}
}

// Stamp is when it was, for programs; nil where the log does not say.
func (k *Kill) Stamp() any {
	if k.Time().IsZero() {
		return nil
	}
	return k.Time().UTC().Format(time.RFC3339Nano)
}

// ZoneOf names, for the head of a column, the zone of the rows' times: " (CEST)". Where summer and
// winter differ it is the location's name. It is "" where no time is known.
func ZoneOf[T any](location *time.Location, rows []T, at func(*T) time.Time) string {
	zone := ""
	for i := range rows {
		t := at(&rows[i])
		if t.IsZero() {
			continue
		}
		switch name, _ := t.In(location).Zone(); {
		case zone == "":
			zone = name
		case zone != name && location == time.Local:
			return " (local)"
		case zone != name:
			return " (" + location.String() + ")"
		}
	}
	if zone == "" {
		return ""
	}
	return " (" + zone + ")"
}

// several reports whether kills are of more than one host.
func several(kills []Kill) bool {
	return slices.ContainsFunc(kills, func(k Kill) bool { return k.Host() != kills[0].Host() })
}
