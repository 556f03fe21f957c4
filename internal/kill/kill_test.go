// SPDX-License-Identifier: Apache-2.0

package kill

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// of is a kill whose record has these attributes: names, and texts or numbers.
func of(attrs ...any) *Kill {
	r := &record.Record{}
	for i := 0; i < len(attrs); i += 2 {
		v := record.Value{}
		switch value := attrs[i+1].(type) {
		case string:
			v = record.StringValue(value)
		case int:
			v = record.Int64Value(int64(value))
		case float64:
			v = record.Float64Value(value)
		}
		r = r.With(record.Attr{Name: attrs[i].(string), Value: v})
	}
	return &Kill{Record: r}
}

func TestTexts(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		what string
		got  string
		want string
	}{
		{"process", of("process.title", "java", "process.pid", 4242).Process(), "java (4242)"},
		{"process without a pid", of("process.title", "java").Process(), "java"},
		{"process without a name", of("process.pid", 1).Process(), "1"},
		{"selected process", of("oom.selected.name", "java", "oom.selected.pid", 2).Process(), "java (2)"},
		{"a whole cgroup", of("oom.victim.kind", "cgroup").Process(), "cgroup"},
		{"nobody", of().Process(), ""},
		{"memory of a limit", of("oom.scope", "cgroup", "oom.victim.memory.rss", 500*mib, "oom.cgroup_memory.limit", 512*mib).Memory(), "500 of 512 MiB"},
		{"memory of the counter that was hit", of("oom.scope", "cgroup", "oom.victim.memory.rss", 500*mib, "oom.cgroup_memory.usage", 600*mib, "oom.cgroup_memory.limit", 900*mib,
			"oom.cgroup_memsw.usage", 1024*mib, "oom.cgroup_memsw.limit", 1024*mib).Memory(), "500 MiB of 1 GiB"},
		{"memory of a host", of("oom.scope", "host", "oom.victim.memory.rss", 512*mib, "oom.host_memory.total", 2048*mib).Memory(), "512 MiB of 2 GiB"},
		{"memory of a cpuset", of("oom.scope", "cpuset", "oom.victim.memory.rss", 512*mib, "oom.host_memory.total", 2048*mib).Memory(), "512 MiB"},
		{"a limit alone", of("oom.scope", "cgroup", "oom.cgroup_memory.limit", 512*mib).Memory(), "limit 512 MiB"},
		{"RAM alone", of("oom.scope", "host", "oom.host_memory.total", 512*mib).Memory(), "RAM 512 MiB"},
		{"no memory", of("oom.scope", "cgroup").Memory(), ""},
		{"named pod", of("k8s.namespace.name", "shop", "k8s.pod.name", "cart-0", "k8s.pod.uid", "0c1d2e3f-4a5b", "k8s.container.name", "app").Where(), "shop/cart-0 app"},
		{"pod without a name", of("k8s.pod.uid", "0c1d2e3f-4a5b", "container.id", "0123456789abcdef").Where(), "pod 0c1d2e3f 0123456789ab"},
		{"container", of("container.name", "web-1", "container.id", "0123456789abcdef").Where(), "container web-1"},
		{"unit", of("systemd.unit.name", "nginx.service", "oom.victim.cgroup", "/system.slice/nginx.service").Where(), "nginx.service"},
		{"unit inside a container", of("container.id", "101", "oom.outer.container_id", "101", "systemd.unit.name", "app.service").Where(), "app.service in container 101"},
		{"container inside a container", of("container.id", "0123456789abcdef", "oom.outer.container_id", "101", "systemd.unit.name", "docker-0123456789abcdef.scope").Where(), "container 0123456789ab"},
		{"limit of a container", of("oom.cgroup.path", "/ecs/0f/0123456789abcdef", "oom.cgroup.container_id", "0123456789abcdef").Where(), "container 0123456789ab"},
		{"limit of a unit", of("oom.cgroup.path", "/system.slice/a.service", "oom.cgroup.unit", "a.service").Where(), "a.service"},
		{"limit of a pod", of("oom.cgroup.path", "/kubepods/pod0c1d2e3f-4a5b", "oom.cgroup.pod_uid", "0c1d2e3f-4a5b").Where(), "pod 0c1d2e3f"},
		{"victim below another's limit", of("oom.victim.cgroup", "/b/c", "oom.cgroup.path", "/kubepods/pod0c1d2e3f-4a5b", "oom.cgroup.pod_uid", "0c1d2e3f-4a5b").Where(), "/b/c"},
		{"victim below a unit's limit", of("oom.victim.cgroup", "/b/c", "oom.cgroup.path", "/system.slice/a.service", "oom.cgroup.unit", "a.service").Where(), "/b/c"},
		{"job", of("oom.job.scheduler", "slurm", "oom.job.name", "sim").Where(), "slurm job sim"},
		{"cgroup", of("oom.cgroup.path", "/limited").Where(), "/limited"},
		{"host", of("oom.scope", "host", "oom.victim.cgroup", "/").Where(), "host"},
		{"nowhere", of().Where(), ""},
		{"cause", of("event.name", "oom.kill", "oom.diagnosis.cause", "process_hog").Cause(), "process_hog"},
		{"cause of a warning", of("event.name", "oom.warning", "oom.warning.cause", "host_low_memory").Cause(), "host_low_memory"},
		{"cause of no kill", of("event.name", "oom.no_victim", "oom.diagnosis.cause", "no_killable_process").Cause(), "no_killable_process, nobody was killed"},
		{"warned at once", of("oom.warning.lead", 0.0).Warned(), "warned 0.0 s before"},
		{"warned of a fast leak", of("oom.warning.lead", 3.14).Warned(), "warned 3.1 s before"},
		{"warned, a whole number", of("oom.warning.lead", 12).Warned(), "warned 12 s before"},
		{"warned of a slow leak", of("oom.warning.lead", 119.6).Warned(), "warned 2 min before"},
		{"warned of nothing", of().Warned(), ""},
		{"warned after it", of("oom.warning.lead", -1.0).Warned(), ""},
		{"next", of("oom.candidates.top", `[{"pid":42,"name":"java"},{"pid":43,"name":"sh"}]`).Next(), "java (42)"},
		{"next without a name", of("oom.candidates.top", `[{"pid":42}]`).Next(), "42"},
		{"next not known", of("oom.candidates.top", `[]`).Next(), ""},
		{"next torn", of("oom.candidates.top", `[{"pid":`).Next(), ""},
		{"observed", of("event.name", "oom.observed", "oom.observer", "systemd").Cause(), "seen by systemd"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

// TestZoneOf: the head of a column of times says their zone.
func TestZoneOf(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	summer, winter := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		location *time.Location
		times    []time.Time
		want     string
	}{
		{berlin, []time.Time{summer, {}, summer}, " (CEST)"},
		{berlin, []time.Time{winter}, " (CET)"},
		{berlin, []time.Time{summer, winter}, " (Europe/Berlin)"},
		{time.UTC, []time.Time{summer, winter}, " (UTC)"},
		{berlin, []time.Time{{}}, ""}, // the zero time has a zone too, but is none
		{berlin, nil, ""},
	} {
		if got := ZoneOf(c.location, c.times, func(t *time.Time) time.Time { return *t }); got != c.want {
			t.Errorf("%v in %s: %q, want %q", c.times, c.location, got, c.want)
		}
	}
}
