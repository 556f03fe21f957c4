// SPDX-License-Identifier: Apache-2.0

package kills

import (
	"slices"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/kill"
)

// Columns are those of a list of kills; times are shown in a zone. A table shows the host where
// there are several.
func Columns(kills []kill.Kill, location *time.Location) []output.Column[kill.Kill] {
	text := func(fn func(*kill.Kill) string) func(*kill.Kill) any { return func(k *kill.Kill) any { return fn(k) } }
	attr := func(name string) func(*kill.Kill) any {
		return func(k *kill.Kill) any {
			if v, ok := k.Record.Get(name); ok {
				return v.Any()
			}
			return nil
		}
	}
	number := func(fn func(*kill.Kill) (int64, bool)) func(*kill.Kill) any {
		return func(k *kill.Kill) any {
			if n, ok := fn(k); ok {
				return n
			}
			return nil
		}
	}
	sinceBoot := func(k *kill.Kill) any {
		if !k.Record.HasUptime {
			return nil
		}
		return float64(k.Record.Uptime) / 1e6
	}
	hosts := output.Wide
	if several(kills) {
		hosts = output.Table
	}
	return []output.Column[kill.Kill]{
		{Title: "KILL", Name: "kill", In: output.Table, Right: true, Value: func(k *kill.Kill) any { return k.Number }},
		{Title: "TIME" + kill.ZoneOf(location, kills, (*kill.Kill).Time), Name: "time", In: output.Table, Text: func(k *kill.Kill) string { return k.Moment(location) }, Value: (*kill.Kill).Stamp},
		{Name: "uptime_s", In: output.CSV, Value: sinceBoot},
		{Title: "HOST", Name: "host", In: hosts, Value: text((*kill.Kill).Host)},
		{Title: "PROCESS", Name: "process", In: output.Table, Shrink: true, Text: (*kill.Kill).Process, Value: attr("process.title")},
		{Name: "pid", In: output.CSV, Value: attr("process.pid")},
		{Title: "MEMORY", Name: "memory_bytes", In: output.Table, Text: (*kill.Kill).Memory, Value: number((*kill.Kill).Used)},
		{Name: "limit_bytes", In: output.CSV, Value: number((*kill.Kill).Limit)},
		{Title: "WHERE", Name: "where", In: output.Table, Shrink: true, Value: text((*kill.Kill).Where)},
		{Name: "namespace", In: output.CSV, Value: attr("k8s.namespace.name")},
		{Name: "pod", In: output.CSV, Value: text((*kill.Kill).Pod)},
		{Name: "container", In: output.CSV, Value: text((*kill.Kill).Container)},
		{Name: "unit", In: output.CSV, Value: text((*kill.Kill).Unit)},
		{Title: "CAUSE", Name: "cause", In: output.Table, Shrink: true, Text: (*kill.Kill).Cause, Value: text((*kill.Kill).CauseWord)},
		{Title: "KILLER", Name: "killer", In: output.Wide, Value: text((*kill.Kill).Killer)},
		{Title: "EVENT", Name: "event", In: output.Wide, Value: attr("event.name")},
		{Title: "TRUST", Name: "trust", In: output.Wide, Value: attr("oom.trust")},
		{Title: "CGROUP", Name: "cgroup", In: output.Wide, Value: text((*kill.Kill).Cgroup)},
		{Title: "FILE", Name: "file", In: output.Wide, Value: text(func(k *kill.Kill) string { return k.Source })},
		{Name: "id", In: output.CSV, Value: attr("log.record.uid")},
	}
}

// several reports whether kills are of more than one host.
func several(kills []kill.Kill) bool {
	return slices.ContainsFunc(kills, func(k kill.Kill) bool { return k.Host() != kills[0].Host() })
}
