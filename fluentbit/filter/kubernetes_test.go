// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// object makes the record that Fluent Bit makes of an object in JSON.
func object(t testing.TB, text string) (record []form.KV) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range fields {
		record = append(record, form.KV{Key: name, Value: whole(value)})
	}
	return record
}

// whole makes numbers of a decoded object whole.
func whole(value any) any {
	switch v := value.(type) {
	case json.Number:
		n, _ := v.Int64()
		return n
	case map[string]any:
		for name := range v {
			v[name] = whole(v[name])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	}
	return value
}

// attributes makes a map of names and values in turn.
func attributes(pairs ...any) (m []form.KV) {
	for i := 0; i < len(pairs); i += 2 {
		m = append(m, form.KV{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return m
}

// settled gives a filter events, and lets time pass until all is settled that they say.
func settled(t *testing.T, f *Filter, events ...fbtest.Event) (out []fbtest.Decoded) {
	t.Helper()
	now := time.Now()
	f.now = func() time.Time { return now }
	out = run(t, f, "kube.events", events...)
	for range 3 {
		now = now.Add(40 * time.Second)
		out = append(out, run(t, f, "kube.events", fbtest.Event{Time: now, Record: []form.KV{{Key: "log", Value: "x"}}})...)
	}
	return out
}

// TestKubernetes: objects of Kubernetes that are maps, as in_kubernetes_events and the collector's
// k8sobjects receiver give them, and the messages of its k8sevents receiver are read. The kernel's
// words in them are no kill of the kernel.
func TestKubernetes(t *testing.T) {
	const (
		system   = `{"metadata":{"name":"node-7.17ab90c1d2e3f405","uid":"e-1","resourceVersion":"812","managedFields":[{"manager":"kubelet","fieldsV1":{"f:count":{}}}]},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet","host":"node-7"},"firstTimestamp":"2026-05-02T10:00:02Z","lastTimestamp":"2026-05-02T10:00:02Z","count":1,"type":"Warning","eventTime":null,"reportingComponent":"kubelet","reportingInstance":"node-7"}`
		detector = `{"metadata":{"uid":"e-2"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"OOMKilling","message":"` + kill + `","source":{"component":"kernel-monitor","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z","count":1}`
		evicted  = `{"metadata":{"uid":"e-3"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"},"reason":"Evicted","message":"The node was low on resource: memory. ","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z","count":1}`
		newer    = `{"apiVersion":"events.k8s.io/v1","metadata":{"uid":"e-4"},"regarding":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"},"reason":"Evicted","note":"The node was low on resource: memory. ","reportingController":"kubelet","reportingInstance":"node-7","eventTime":"2026-05-02T10:00:02.120043Z"}`
		killing  = `{"metadata":{"uid":"e-5"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f","fieldPath":"spec.containers{cart}"},"reason":"Killing","message":"Container cart failed startup probe, will be restarted","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:00Z","count":1}`
		pod      = `{"kind":"Pod","metadata":{"name":"cart-0","namespace":"shop","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"},"spec":{"nodeName":"node-7"},"status":{"containerStatuses":[{"name":"cart","lastState":{"terminated":{"exitCode":137,"reason":"REASON","finishedAt":"2026-05-02T10:00:12Z","containerID":"containerd://4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"}}}]}}`
	)
	of := func(texts ...string) (events []fbtest.Event) {
		for _, text := range texts {
			events = append(events, fbtest.Event{Time: time.Date(2026, 5, 2, 10, 0, 2, 0, time.UTC), Record: object(t, text)})
		}
		return events
	}
	// collected is what in_opentelemetry makes of a record of the k8sevents receiver.
	collected := func(reason, kind, name, message string) []fbtest.Event {
		start := fbtest.GroupStart("collector-0")
		start.Record = attributes("resource", attributes("attributes", attributes("k8s.node.name", "node-7", "k8s.object.kind", kind, "k8s.object.name", name, "k8s.object.uid", "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f")))
		return []fbtest.Event{start, {
			Time:     time.Date(2026, 5, 2, 10, 0, 2, 0, time.UTC),
			Metadata: attributes("otlp", attributes("attributes", attributes("k8s.event.reason", reason, "k8s.event.name", "x.17ab90c1d2e3f405", "k8s.event.uid", "e-6", "k8s.event.count", int64(1), "k8s.namespace.name", "shop"))),
			Record:   attributes("log", message),
		}, fbtest.GroupEnd()}
	}
	reason := func(word string) string { return strings.Replace(pod, "REASON", word, 1) }
	for _, test := range []struct {
		name   string
		events []fbtest.Event
		want   string
	}{
		{"the kubelet", of(system), "oom.observed kubelet node-7 -"},
		{"the detector", of(detector), "oom.observed node-problem-detector node-7 -"},
		{"an eviction", of(evicted), "oom.eviction kubelet node-7 cart-0"},
		{"an eviction, the newer form", of(newer), "oom.eviction kubelet node-7 cart-0"},
		{"an event twice", of(system, system), "oom.observed kubelet node-7 -"},
		{"another reason", of(strings.Replace(detector, "OOMKilling", "Unhealthy", 1)), ""},
		{"a message with a newline before the kernel's words", of(strings.Replace(detector, `"message":"`, `"message":"x\n`, 1)), "oom.observed node-problem-detector node-7 -"},
		{"no object, a text alone", []fbtest.Event{{Record: attributes("involvedObject", "Node", "message", kill)}}, ""},
		{"a pod", of(reason("OOMKilled")), "oom.observed kubelet node-7 cart-0"},
		{"a pod, watched", of(`{"type":"MODIFIED","object":` + reason("OOMKilled") + `}`), "oom.observed kubelet node-7 cart-0"},
		{"an event, watched", of(`{"type":"ADDED","object":` + system + `}`), "oom.observed kubelet node-7 -"},
		{"an event that is gone", of(`{"type":"DELETED","object":` + system + `}`), ""},
		{"a pod that died of SIGKILL", of(reason("Error")), "oom.sigkill kubelet node-7 cart-0 unknown"},
		{"a pod of which nothing is known", of(reason("ContainerStatusUnknown")), ""},
		{"a failed probe, and the pod", of(killing, reason("Error")), "oom.sigkill kubelet node-7 cart-0 sent"},
		{"a failed probe alone", of(killing), ""},
		{"k8sevents, the kubelet", collected("SystemOOM", "Node", "node-7", "System OOM encountered, victim process: ingest, pid: 24117"), "oom.observed kubelet node-7 -"},
		{"k8sevents, the detector", collected("OOMKilling", "Node", "node-7", kill), "oom.observed node-problem-detector node-7 -"},
		{"k8sevents, an eviction", collected("Evicted", "Pod", "cart-0", "The node was low on resource: memory. "), "oom.eviction kubelet node-7 cart-0"},
		{"k8sevents, another reason", collected("Unhealthy", "Pod", "cart-0", kill), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, _ := newFilter(t, "Format", "flat", "Mode", "only", "Sigkill", "on", "Trusted_Source", "kmsg")
			got := ""
			for _, e := range settled(t, f, test.events...) {
				r := e.Record
				if r["event.name"] == nil {
					continue // a group's marker
				}
				if r["oom.trust"] != "unverified" {
					t.Errorf("%v is %v", r["event.name"], r["oom.trust"])
				}
				pod := r["k8s.pod.name"]
				if pod == nil {
					pod = "-"
				}
				got += fmt.Sprint(r["event.name"], " ", r["oom.observer"], " ", r["k8s.node.name"], " ", pod)
				if cause := r["oom.verdict.cause"]; cause != nil {
					got += fmt.Sprint(" ", cause)
				}
			}
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
