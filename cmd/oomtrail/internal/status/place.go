// SPDX-License-Identifier: Apache-2.0

package status

import (
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
)

// place returns where a cgroup is, as a record of a kill there would name it: filters and words are
// the same.
func (c *Collector) place(path string) Place {
	of := facts.Facts{Ask: c.Names}
	id := identity.Of(path)
	names := of.NamesOfWorkload(facts.Workload(&id))
	var attrs []record.Attr
	for _, a := range [...]struct{ name, value string }{
		{"oom.victim.cgroup", path}, {"systemd.unit.name", id.Unit}, {"container.id", id.ContainerID}, {"container.name", names.ContainerName},
		{"k8s.pod.uid", id.PodUID}, {"k8s.pod.name", names.Pod}, {"k8s.namespace.name", names.Namespace}, {"k8s.container.name", names.Container},
		{"oom.outer.container_id", id.Outer},
	} {
		if a.value != "" {
			attrs = append(attrs, record.Attr{Name: a.name, Value: record.StringValue(printable(a.value))})
		}
	}
	k := kill.Kill{Record: new(record.Record).With(attrs...)}
	place := Place{Pod: k.Pod(), Container: k.Container(), Unit: k.Unit(), Cgroup: printable(path), path: path, id: id, kill: k}
	if place.where = k.Where(); path == "/" {
		place.where = "host"
	}
	place.named = names.Pod != "" || names.Container != "" || names.ContainerName != ""
	if names.HasRestartCount {
		place.restarts = &names.RestartCount
	}
	return place
}

func printable(s string) string { return string(plain.AppendPrintable(nil, s)) }
