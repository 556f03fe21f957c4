// SPDX-License-Identifier: Apache-2.0

package kill

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/internal/column"
)

// Columns are those of a list of kills; times are shown in a zone. A table shows the host where
// there are several.
func Columns(kills []Kill, location *time.Location) []column.Column[Kill] {
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
	hosts := column.Wide
	if several(kills) {
		hosts = column.Table
	}
	return []column.Column[Kill]{
		{Title: "KILL", Name: "kill", In: column.Table, Right: true, Value: func(k *Kill) any { return k.Number }},
		{Title: "TIME" + ZoneOf(location, kills, (*Kill).Time), Name: "time", In: column.Table, Text: func(k *Kill) string { return k.Moment(location) }, Value: (*Kill).Stamp},
		{Name: "uptime_s", In: column.Programs, Value: sinceBoot},
		{Title: "HOST", Name: "host", In: hosts, Value: text((*Kill).Host)},
		{Title: "PROCESS", Name: "process", In: column.Table, Shrink: true, Text: (*Kill).Process, Value: attr("process.title")},
		{Name: "pid", In: column.Programs, Value: attr("process.pid")},
		{Title: "MEMORY", Name: "memory_bytes", In: column.Table, Text: (*Kill).Memory, Value: number((*Kill).Used)},
		{Name: "limit_bytes", In: column.Programs, Value: number((*Kill).Limit)},
		{Title: "WHERE", Name: "where", In: column.Table, Shrink: true, Value: text((*Kill).Where)},
		{Name: "namespace", In: column.Programs, Value: attr("k8s.namespace.name")},
		{Name: "pod", In: column.Programs, Value: text((*Kill).Pod)},
		{Name: "container", In: column.Programs, Value: text((*Kill).Container)},
		{Name: "unit", In: column.Programs, Value: text((*Kill).Unit)},
		{Title: "CAUSE", Name: "cause", In: column.Table, Shrink: true, Text: (*Kill).Cause, Value: text((*Kill).CauseWord)},
		{Title: "KILLER", Name: "killer", In: column.Wide, Value: text((*Kill).Killer)},
		{Title: "EVENT", Name: "event", In: column.Wide, Value: attr("event.name")},
		{Title: "TRUST", Name: "trust", In: column.Wide, Value: attr("oom.trust")},
		{Title: "CGROUP", Name: "cgroup", In: column.Wide, Value: text((*Kill).Cgroup)},
		{Title: "FILE", Name: "file", In: column.Wide, Value: text(func(k *Kill) string { return k.Source })},
		{Name: "id", In: column.Programs, Value: attr("log.record.uid")},
	}
}

// several reports whether kills are of more than one host.
func several(kills []Kill) bool {
	return slices.ContainsFunc(kills, func(k Kill) bool { return k.Host() != kills[0].Host() })
}
