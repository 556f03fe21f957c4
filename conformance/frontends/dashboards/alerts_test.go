// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/parser/record"
)

// The rules of both stores.
const (
	vlRules   = top + "deploy/victorialogs/alerts.yaml"
	lokiRules = top + "otelreceiver/examples/loki-alerts/rules.yaml"
)

// TestRulesAreTheSame: the stores have the same alerts, of the same severities.
func TestRulesAreTheSame(t *testing.T) {
	severities := func(file string) map[string]string {
		m := map[string]string{}
		for _, r := range backends.ReadRules(t, file) {
			m[r.Alert] = r.Labels["severity"]
		}
		return m
	}
	if vl, loki := severities(vlRules), severities(lokiRules); !maps.Equal(vl, loki) || len(vl) < 8 {
		t.Errorf("VictoriaLogs has %v, Loki %v", vl, loki)
	}
}

// alertStep sends records, after which just these alerts fire.
type alertStep struct {
	records []*record.Record
	want    []string
}

// alertSteps are records of the corpus that happen now. Each alert fires on what it is for, and no
// sooner.
func alertSteps(t *testing.T) []alertStep {
	t.Helper()
	all := corpus(t, time.Now())
	first := func(what string, is func(r *record.Record) bool) *record.Record {
		i := slices.IndexFunc(all, is)
		if i < 0 {
			t.Fatalf("there is no %s among the records", what)
		}
		return all[i]
	}
	event := func(name string) *record.Record {
		return first(name, func(r *record.Record) bool { return get(r, "event.name") == name })
	}
	death := func(cause string) *record.Record {
		return first("death: "+cause, func(r *record.Record) bool { return get(r, "oom.verdict.cause") == cause })
	}
	ofPod := first("kill of a pod", func(r *record.Record) bool {
		return get(r, "event.name") == "oom.kill" && get(r, "k8s.namespace.name") == "shop"
	})
	ofHost := first("kill of a host", func(r *record.Record) bool {
		return get(r, "event.name") == "oom.kill" && get(r, "oom.scope") == "host"
	})
	n := 0
	// now has the record happen now, on a host and in a cgroup of its own, as another kill.
	now := func(r *record.Record, more ...record.Attr) *record.Record {
		n++
		r = r.With(append(more, record.Attr{Name: "log.record.uid", Value: record.StringValue(fmt.Sprintf("%032x", n))})...)
		r.Time = time.Now()
		return r
	}
	// anotherCgroup is a kill in another container of the pod.
	anotherCgroup := func() *record.Record {
		return now(ofPod, record.Attr{Name: "oom.cgroup.path", Value: record.StringValue(fmt.Sprintf("/kubepods/%d", n))},
			record.Attr{Name: "k8s.container.name", Value: record.StringValue(fmt.Sprintf("app-%d", n))})
	}
	return []alertStep{
		{nil, nil},
		{[]*record.Record{now(event("oom.warning"))}, []string{"OutOfMemoryWarning"}},
		{[]*record.Record{now(death("kernel_oom")), now(death("evicted")), now(event("oom.kill_attempt"))}, []string{"OutOfMemoryWarning"}},
		{[]*record.Record{anotherCgroup(), anotherCgroup()}, []string{"OutOfMemoryKill", "OutOfMemoryWarning"}},
		{[]*record.Record{anotherCgroup()}, []string{"OutOfMemoryKill", "OutOfMemoryWarning", "PodOutOfMemory"}},
		{[]*record.Record{now(ofHost)}, []string{"HostOutOfMemory", "OutOfMemoryKill", "OutOfMemoryWarning", "PodOutOfMemory"}},
		{[]*record.Record{now(ofPod), now(ofPod), now(ofPod)}, []string{"CgroupOutOfMemory", "HostOutOfMemory", "OutOfMemoryKill", "OutOfMemoryWarning", "PodOutOfMemory"}},
		{[]*record.Record{now(event("oom.observed"))}, []string{"CgroupOutOfMemory", "HostOutOfMemory", "KillNotInLog", "OutOfMemoryKill", "OutOfMemoryWarning", "PodOutOfMemory"}},
		{[]*record.Record{now(event("oom.unresolved"))}, []string{"CgroupOutOfMemory", "HostOutOfMemory", "KillNotInLog", "OutOfMemoryKill", "OutOfMemoryWarning", "OutOfMemoryWithoutKill", "PodOutOfMemory"}},
		{[]*record.Record{now(death("sent"))}, []string{"CgroupOutOfMemory", "HostOutOfMemory", "KillNotInLog", "OutOfMemoryKill", "OutOfMemoryWarning", "OutOfMemoryWithoutKill", "PodOutOfMemory", "SigkillWithoutOutOfMemory"}},
	}
}

// unfilled finds where a sentence lacks a value.
var unfilled = regexp.MustCompile(`^$|^ |<no value>| [ .,:)]|[(/][ .,)]`)

// checkAlerts sends each step's records, and waits until just its alerts fire, and say what they
// are about. What must fire nothing is looked at for some evaluations, one a second; what fires too
// much later is seen in the next step.
func checkAlerts(t *testing.T, send func([]*record.Record), firing func(testing.TB) []backends.Alert) {
	t.Helper()
	names := func() (list []string) {
		for _, a := range firing(t) {
			if !slices.Contains(list, a.Name) {
				list = append(list, a.Name)
			}
			if said := a.Annotations["summary"]; unfilled.MatchString(said) {
				t.Errorf("%s says %q", a.Name, said)
			}
		}
		return list
	}
	steps := alertSteps(t)
	for i, step := range steps {
		if step.records != nil {
			send(step.records)
		}
		if i == 0 || slices.Equal(step.want, steps[i-1].want) {
			time.Sleep(3 * time.Second)
		}
		var got []string
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(300 * time.Millisecond) {
			if got = names(); slices.Equal(got, step.want) {
				break
			}
			if time.Now().After(end) {
				t.Errorf("step %d: %v fire, want %v", i, got, step.want)
				break
			}
		}
	}
	for _, a := range firing(t) {
		t.Log(a.Name + ": " + a.Annotations["summary"])
	}
}

// TestVictoriaLogsAlerts: vmalert takes the rules, and each alert fires on what it is for, says
// what it is about, and fires on nothing else.
func TestVictoriaLogsAlerts(t *testing.T) {
	server := backends.StartVictoriaLogs(t)
	alerts := backends.StartVMAlert(t, server, vlRules)
	checkAlerts(t, func(records []*record.Record) { otlp(t, "victorialogs.yaml", server.URL+backends.OTLPLogs, records) }, alerts.Firing)
}

// TestLokiAlerts: the same of Loki's ruler.
func TestLokiAlerts(t *testing.T) {
	loki := backends.StartLoki(t, lokiRules)
	checkAlerts(t, func(records []*record.Record) { otlp(t, "loki.yaml", loki.URL+backends.LokiOTLP, records) }, loki.Firing)
}
