// SPDX-License-Identifier: Apache-2.0

// Package kill has the one model of a kill that lists, counts and pages share, and the columns of a
// list of them.
package kill

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Kill is an event of a log: a kill, or what else is told of memory that ran out.
type Kill struct {
	// Number counts the events of all inputs from 1, each once, before any is filtered out. It is
	// that of --kill.
	Number int
	// Source is the input that it was read from.
	Source string
	// Record is never nil. All that a table or a count needs is in it.
	Record *record.Record
	// Event is the kernel's report of it, for pages. It is nil where only records were read, and
	// where another program than the kernel tells of it.
	Event *report.Event
	// Diagnosis is nil without Event, and where nothing is to be explained (the reaper gave up).
	Diagnosis *diagnosis.Diagnosis
}

// Keep returns a copy that stays valid as long as its report does. What a kill points to is used
// again, the report once it is whole and closed; the record is not.
func (k *Kill) Keep() *Kill {
	kept := *k
	if k.Event != nil {
		event := *k.Event
		kept.Event = &event
	}
	if k.Diagnosis != nil {
		d := *k.Diagnosis
		d.Findings = slices.Clone(d.Findings)
		kept.Diagnosis = &d
	}
	return &kept
}

// IsKill reports whether the event counts as a kill.
func (k *Kill) IsKill() bool { return k.text("event.name") == record.EventKill }

// Time is when it was, zero where the log does not say.
func (k *Kill) Time() time.Time { return k.Record.Time }

// Host is the name of the host, "" where the log has none.
func (k *Kill) Host() string { return cmp.Or(k.text("host.name"), k.text("k8s.node.name")) }

// Process is the victim's name, with its process id: java (4242).
func (k *Kill) Process() string {
	name := cmp.Or(k.text("process.title"), k.text("oom.selected.name"))
	pid, ok := k.Number64("process.pid")
	if !ok {
		pid, ok = k.Number64("oom.selected.pid")
	}
	switch {
	case ok && name != "":
		return name + " (" + strconv.FormatInt(pid, 10) + ")"
	case ok:
		return strconv.FormatInt(pid, 10)
	case name == "" && k.text("oom.victim.kind") != "":
		return k.text("oom.victim.kind")
	}
	return name
}

// OneProcess is [Kill.Process], "" where a whole cgroup or pod was killed.
func (k *Kill) OneProcess() string {
	if k.Process() == k.text("oom.victim.kind") {
		return ""
	}
	return k.Process()
}

// Used is how much memory the victim held, in bytes.
func (k *Kill) Used() (bytes int64, ok bool) {
	if bytes, ok = k.Number64("oom.victim.memory.rss"); !ok {
		bytes, ok = k.Number64("oom.evicted.usage")
	}
	return bytes, ok
}

// Limit is how much there was: the limit of the cgroup that was hit, or the host's RAM. Of the
// nodes of a cpuset or a memory policy it is not known.
func (k *Kill) Limit() (bytes int64, ok bool) {
	switch k.text("oom.scope") {
	case "host":
		return k.Number64("oom.host_memory.total")
	case "cgroup":
	default:
		return 0, false
	}
	// Of two counters the one that stands at its limit was hit.
	for _, counter := range [...]string{"oom.cgroup_memory.", "oom.cgroup_memsw."} {
		limit, has := k.Number64(counter + "limit")
		usage, used := k.Number64(counter + "usage")
		switch {
		case has && used && usage >= limit-limit/100:
			return limit, true
		case has && !ok:
			bytes, ok = limit, true
		}
	}
	return bytes, ok
}

// Memory says how much the victim held of how much: 512 of 512 MiB.
func (k *Kill) Memory() string {
	used, ok := k.Used()
	limit, has := k.Limit()
	switch {
	case !ok && !has:
		return ""
	case !ok:
		if k.text("oom.scope") == "cgroup" {
			return "limit " + Size(limit)
		}
		return "RAM " + Size(limit)
	case !has:
		return Size(used)
	}
	whole := Size(limit)
	_, unit, _ := strings.Cut(whole, " ")
	return strings.TrimSuffix(Size(used), " "+unit) + " of " + whole
}

// PodName is the name of the victim's pod as kubectl has it.
func (k *Kill) PodName() string {
	name := k.text("k8s.pod.name")
	if namespace := k.text("k8s.namespace.name"); name != "" && namespace != "" {
		return namespace + "/" + name
	}
	return name
}

// Pod is the name of the victim's pod, else its uid.
func (k *Kill) Pod() string { return cmp.Or(k.PodName(), k.text("k8s.pod.uid")) }

// ContainerName is the name of the victim's container.
func (k *Kill) ContainerName() string {
	return cmp.Or(k.text("k8s.container.name"), k.text("container.name"))
}

// Container is the name of the victim's container, else the first twelve characters of its id.
func (k *Kill) Container() string {
	id := k.text("container.id")
	return cmp.Or(k.ContainerName(), id[:min(len(id), 12)])
}

// Image is the image of the victim's container.
func (k *Kill) Image() string {
	image := k.text("container.image.name")
	if tag := k.text("container.image.tag"); tag != "" {
		image += ":" + tag
	}
	return image
}

// Unit is the victim's systemd unit.
func (k *Kill) Unit() string { return cmp.Or(k.text("systemd.unit.name"), k.text("oom.cgroup.unit")) }

// Cgroup is the victim's cgroup, else the one whose limit was hit.
func (k *Kill) Cgroup() string {
	return cmp.Or(k.text("oom.victim.cgroup"), k.text("oom.cgroup.path"), k.text("oom.pressure.cgroup"))
}

// Where says where the victim ran, by the best name that is known: container and pod, unit, cgroup,
// or the host. Where the log does not say where it ran, it is what reached its limit.
func (k *Kill) Where() string {
	pod, container := k.Pod(), k.Container()
	if id := k.text("oom.cgroup.container_id"); k.text("oom.victim.cgroup") == "" && container == "" {
		container = id[:min(len(id), 12)]
		pod = cmp.Or(pod, k.text("oom.cgroup.pod_uid"))
	}
	if outer, unit := k.text("oom.outer.container_id"), k.text("systemd.unit.name"); outer != "" && unit != "" && pod == "" && outer == k.text("container.id") {
		return unit + " in container " + container // a unit inside a container is who it was
	}
	if pod != "" && k.text("k8s.pod.name") == "" {
		pod = "pod " + pod[:min(len(pod), 8)] // as much as tells it from others here
	}
	switch {
	case pod != "" && container != "":
		return pod + " " + container
	case pod != "":
		return pod
	case container != "":
		return "container " + container
	case k.text("oom.job.name") != "":
		return strings.TrimSpace(k.text("oom.job.scheduler") + " job " + k.text("oom.job.name"))
	case k.text("systemd.unit.name") != "":
		return k.text("systemd.unit.name")
	case k.text("oom.cgroup.unit") != "" && k.text("oom.victim.cgroup") == "":
		return k.text("oom.cgroup.unit")
	case k.Cgroup() != "" && k.Cgroup() != "/":
		return k.Cgroup()
	case k.text("oom.scope") == "host":
		return "host"
	}
	return ""
}

// events say what an event is that is no kill.
var events = map[string]string{
	record.EventNoVictim: "nobody was killed", record.EventPanic: "the kernel panicked", record.EventReapFailed: "memory not taken back",
	record.EventUnresolved: "end not in this log", record.EventAttempt: "no kill confirmed", record.EventObserved: "seen by",
	record.EventEviction: "evicted", record.EventSigkill: "died of SIGKILL",
}

// Cause is why, in a word; of an event that is no kill, what it is as well.
func (k *Kill) Cause() string {
	cause := k.CauseWord()
	event := events[k.text("event.name")]
	if event == "" {
		return cause
	}
	if observer := k.text("oom.observer"); k.text("event.name") == record.EventObserved {
		event += " " + cmp.Or(observer, "another program")
	}
	if cause == "" {
		return event
	}
	return cause + ", " + event
}

// CauseWord is the machine-readable cause: that of the diagnosis, of the verdict, of the warning,
// or the reason that another killer gave.
func (k *Kill) CauseWord() string {
	return cmp.Or(k.text("oom.diagnosis.cause"), k.text("oom.verdict.cause"), k.text("oom.reason"), k.text("oom.warning.cause"))
}

// Killer is who killed: kernel, systemd-oomd …
func (k *Kill) Killer() string { return k.text("oom.killer") }

// When says when it was, and on which host; what was assumed for that is said behind it.
func (k *Kill) When() string {
	r := k.Record
	var when []string
	if !r.Time.IsZero() {
		at := r.Time.UTC().Format(time.RFC3339)
		if assumed := r.Text("oom.time.assumed"); assumed != "" {
			at += " (assumed: " + strings.ReplaceAll(strings.ReplaceAll(assumed, ",", ", "), "_", " ") + ")"
		}
		when = append(when, at)
	}
	if r.HasUptime {
		when = append(when, uptime(r)+" after boot")
	}
	if host := r.Text("host.name"); host != "" {
		when = append(when, "on "+host)
	}
	if len(when) == 0 {
		return "The log does not say when."
	}
	return strings.Join(when, ", ")
}

// Moment is when it was, in a column: the time in a zone, else the time since boot.
func (k *Kill) Moment(location *time.Location) string {
	switch r := k.Record; {
	case !r.Time.IsZero():
		return r.Time.In(location).Format(time.DateTime)
	case r.HasUptime:
		return "boot + " + uptime(r)
	}
	return ""
}

func uptime(r *record.Record) string {
	return strconv.FormatFloat(float64(r.Uptime)/1e6, 'f', 1, 64) + " s"
}

// Number64 returns an attribute that is a number.
func (k *Kill) Number64(name string) (int64, bool) {
	v, ok := k.Record.Get(name)
	return v.Int64(), ok
}

func (k *Kill) text(name string) string { return k.Record.Text(name) }

// Size writes a size for a person.
func Size(bytes int64) string { return string(plain.AppendSize(nil, max(0, bytes))) }

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

// SortByTime puts kills in order; those without a time come last.
func SortByTime(kills []Kill) {
	slices.SortStableFunc(kills, func(a, b Kill) int {
		switch x, y := a.Time(), b.Time(); {
		case x.IsZero() && y.IsZero():
			return 0
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		default:
			return x.Compare(y)
		}
	})
}
