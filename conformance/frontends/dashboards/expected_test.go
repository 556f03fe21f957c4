// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// row is a row of a table by its columns' titles, or a number: of a panel of one number without a
// name, of one with bars under the legend's name.
type row map[string]string

// shown is what a panel has to show.
type shown struct {
	rows []row
	// by is the column that the rows are in order of, the largest first; "" is any order.
	by string
	// most is how many of the rows a table shows; 0 is all.
	most int
}

// expected counts what each panel has to show of records, by the panel's title.
func expected(records []*record.Record) map[string]shown {
	kills := where(records, func(r *record.Record) bool { return get(r, "event.name") == "oom.kill" })
	deaths := where(records, func(r *record.Record) bool {
		return get(r, "event.name") == "oom.sigkill" && !slices.Contains([]string{"kernel_oom", "memory_killer", "evicted"}, get(r, "oom.verdict.cause"))
	})
	inPod := where(kills, func(r *record.Record) bool { return podOf(r) != "" })
	elsewhere := where(kills, func(r *record.Record) bool { return podOf(r) == "" })
	hostWide := where(kills, func(r *record.Record) bool { return get(r, "oom.scope") == "host" })
	incomplete := where(kills, func(r *record.Record) bool { return get(r, "oom.report.complete") == "false" })
	atLimit := where(kills, func(r *record.Record) bool { return get(r, "oom.cgroup_memory.limit") != "" })
	event := func(name string) int {
		return len(where(records, func(r *record.Record) bool { return get(r, "event.name") == name }))
	}
	return map[string]shown{
		"Kills":                    number(len(kills)),
		"Pods hit":                 number(len(count(inPod, podOf))),
		"Hosts hit":                number(len(count(kills, hostOf))),
		"Host-wide kills":          number(len(hostWide)),
		"Incomplete reports":       number(len(incomplete)),
		"Exit 137, not for memory": number(len(deaths)),
		"Kills by namespace":       bars(count(kills, func(r *record.Record) string { return cmp.Or(get(r, "k8s.namespace.name"), "no namespace") })),
		"Kills by cause":           bars(count(kills, func(r *record.Record) string { return cmp.Or(get(r, "oom.diagnosis.cause"), "unknown") })),
		"What the log lost": bars(map[string]int{
			"Incomplete reports": len(incomplete), "Reports held back": sum(records, "oom.report.suppressed"),
			"Lines lost": sum(records, "oom.report.lost_records"), "Unresolved": event("oom.unresolved"), "Seen by others": event("oom.observed"),
		}),
		"Last kills": last(kills, func(r *record.Record) row {
			return row{"Host": hostOf(r), "What happened": r.Body, "Why": get(r, "oom.diagnosis.summary"), "Cause": get(r, "oom.diagnosis.cause"), "What to do": get(r, "oom.diagnosis.advice")}
		}),
		"Last exits with 137, not for memory": last(deaths, func(r *record.Record) row {
			return row{"Host": hostOf(r), "What happened": r.Body, "Why it died": get(r, "oom.verdict.cause")}
		}),
		"Last warnings": last(where(records, func(r *record.Record) bool { return get(r, "event.name") == "oom.warning" }), func(r *record.Record) row {
			return row{"Host": hostOf(r), "What is short": r.Body, "Why": get(r, "oom.warning.cause"), "What to do": get(r, "oom.diagnosis.advice")}
		}),
		"Top pods":  tableOf(count(inPod, podOf), "Pod", 20),
		"Top units": tableOf(count(elsewhere, unitOf), "Unit", 20),
		"Hosts":     hosts(kills),
		"Limit and use": last(atLimit, func(r *record.Record) row {
			return row{"Pod": podOf(r), "Cgroup": get(r, "oom.cgroup.path"), "Limit": get(r, "oom.cgroup_memory.limit"), "Used": get(r, "oom.cgroup_memory.usage"), "Victim": get(r, "oom.victim.memory.rss")}
		}),
	}
}

func where(records []*record.Record, is func(*record.Record) bool) (some []*record.Record) {
	for _, r := range records {
		if is(r) {
			some = append(some, r)
		}
	}
	return some
}

// count counts records by something of them.
func count(records []*record.Record, by func(*record.Record) string) map[string]int {
	n := map[string]int{}
	for _, r := range records {
		n[by(r)]++
	}
	return n
}

func sum(records []*record.Record, field string) (n int) {
	for _, r := range records {
		v, _ := r.Get(field)
		n += int(v.Int64())
	}
	return n
}

func hostOf(r *record.Record) string { return get(r, "host.name") }

// podOf names the victim's pod, "" outside of pods.
func podOf(r *record.Record) string {
	if name := get(r, "k8s.pod.name"); name != "" {
		return get(r, "k8s.namespace.name") + "/" + name
	}
	return get(r, "k8s.pod.uid")
}

func unitOf(r *record.Record) string {
	return cmp.Or(get(r, "container.name"), get(r, "systemd.unit.name"), get(r, "oom.victim.cgroup"), "unknown")
}

func number(n int) shown { return shown{rows: []row{{"": strconv.Itoa(n)}}} }

// bars leaves out what there is none of.
func bars(n map[string]int) (s shown) {
	for name, n := range n {
		if n > 0 {
			s.rows = append(s.rows, row{name: strconv.Itoa(n)})
		}
	}
	return s
}

func tableOf(n map[string]int, name string, most int) shown {
	s := shown{by: "Kills", most: most}
	for value, n := range n {
		s.rows = append(s.rows, row{name: value, "Kills": strconv.Itoa(n)})
	}
	return s
}

func hosts(kills []*record.Record) shown {
	s := shown{by: "Kills", most: 50}
	for key, n := range count(kills, func(r *record.Record) string { return hostOf(r) + " " + cmp.Or(get(r, "oom.scope"), "unknown") }) {
		host, scope, _ := strings.Cut(key, " ")
		s.rows = append(s.rows, row{"Host": host, "What ran out": scope, "Kills": strconv.Itoa(n)})
	}
	return s
}

// last are the last hundred records, the newest first.
func last(records []*record.Record, columns func(*record.Record) row) shown {
	s := shown{by: "Time", most: 100}
	for _, r := range records {
		c := columns(r)
		c["Time"] = r.Time.UTC().Format(time.RFC3339Nano)
		s.rows = append(s.rows, c)
	}
	return s
}
