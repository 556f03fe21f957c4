// SPDX-License-Identifier: Apache-2.0

package form_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/warnings"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser/record"
)

// kill is a record with an attribute of each type and of each namespace.
func kill() *record.Record {
	return (&record.Record{
		Body:      "OOM kill: app-main (157)",
		Time:      time.Date(2026, 11, 21, 8, 0, 1, 500, time.UTC),
		Uptime:    42_391_012,
		HasUptime: true,
	}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")},
		record.Attr{Name: "log.record.uid", Value: record.StringValue("u1")},
		record.Attr{Name: "oom.record.key", Value: record.StringValue("k1")},
		record.Attr{Name: "oom.record.version", Value: record.StringValue("1")},
		record.Attr{Name: "process.pid", Value: record.Int64Value(157)},
		record.Attr{Name: "process.title", Value: record.StringValue("app-main")},
		record.Attr{Name: "oom.victim.share", Value: record.Float64Value(0.5)},
		record.Attr{Name: "oom.report.complete", Value: record.BoolValue(true)},
		record.Attr{Name: "k8s.pod.uid", Value: record.StringValue("p1")},
		record.Attr{Name: "oom.kernel.release", Value: record.StringValue("6.12.1")},
		record.Attr{Name: "log.record.original", Value: record.StringValue("lines")},
	)
}

func TestMap(t *testing.T) {
	tests := []struct {
		format form.Format
		want   []form.KV
	}{
		{form.OOM, []form.KV{
			{"message", "OOM kill: app-main (157)"},
			{"oom", []form.KV{
				{"event_name", "oom.kill"}, {"record_uid", "u1"}, {"record_key", "k1"}, {"record_version", "1"},
				{"process_pid", int64(157)}, {"process_title", "app-main"}, {"victim_share", 0.5},
				{"report_complete", true}, {"k8s_pod_uid", "p1"}, {"kernel_release", "6.12.1"},
				{"record_original", "lines"},
			}},
		}},
		{form.Flat, []form.KV{
			{"time", "2026-11-21T08:00:01.0000005Z"}, {"uptime", 42.391012},
			{"severity_number", int64(17)}, {"body", "OOM kill: app-main (157)"},
			{"event.name", "oom.kill"}, {"log.record.uid", "u1"}, {"oom.record.key", "k1"}, {"oom.record.version", "1"},
			{"process.pid", int64(157)}, {"process.title", "app-main"}, {"oom.victim.share", 0.5},
			{"oom.report.complete", true}, {"k8s.pod.uid", "p1"}, {"oom.kernel.release", "6.12.1"},
			{"log.record.original", "lines"},
		}},
		{form.ECS, []form.KV{
			{"message", "OOM kill: app-main (157)"},
			{"event", []form.KV{
				{"kind", "event"}, {"category", []string{"process"}}, {"type", []string{"end"}}, {"outcome", "failure"},
				{"severity", int64(17)}, {"action", "oom.kill"}, {"id", "u1"}, {"original", "lines"},
			}},
			{"oom", []form.KV{
				{"record", []form.KV{{"key", "k1"}, {"version", "1"}}}, {"victim", []form.KV{{"share", 0.5}}},
				{"report", []form.KV{{"complete", true}}}, {"kernel", []form.KV{{"release", "6.12.1"}}},
			}},
			{"process", []form.KV{{"pid", int64(157)}, {"name", "app-main"}, {"title", "app-main"}}},
			{"kubernetes", []form.KV{{"pod", []form.KV{{"uid", "p1"}}}}},
			{"host", []form.KV{{"os", []form.KV{{"kernel", "6.12.1"}}}}},
		}},
	}
	for _, test := range tests {
		t.Run(test.format.String(), func(t *testing.T) {
			if got := form.Map(kill(), test.format); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got\n%v\nwant\n%v", got, test.want)
			}
		})
	}
}

// TestECSNames: names of workloads have those of the schema and of Elastic's own modules.
func TestECSNames(t *testing.T) {
	text := func(name, value string) record.Attr { return record.Attr{Name: name, Value: record.StringValue(value)} }
	r := (&record.Record{Body: "b"}).With(
		text("process.real_user.name", "alice"), text("container.id", "c1"), text("container.runtime.name", "containerd"), text("container.name", "k8s_app"),
		text("container.image.name", "shop/cart"), text("container.image.tag", "1.4"),
		text("container.label.com.docker.compose.project", "shop"), text("container.label.com.docker.compose.service", "cart"),
		text("k8s.namespace.name", "shop"), text("k8s.pod.name", "cart-0"), text("k8s.pod.uid", "p1"), text("k8s.container.name", "app"),
		record.Attr{Name: "k8s.container.restart_count", Value: record.Int64Value(3)}, text("oom.job.name", "web"),
	)
	want := []form.KV{
		{"process", []form.KV{{"real_user", []form.KV{{"name", "alice"}}}}},
		{"container", []form.KV{
			{"id", "c1"}, {"runtime", "containerd"}, {"name", "k8s_app"}, {"image", []form.KV{{"name", "shop/cart"}, {"tag", "1.4"}}},
			{"labels", []form.KV{{"com_docker_compose_project", "shop"}, {"com_docker_compose_service", "cart"}}},
		}},
		{"kubernetes", []form.KV{
			{"namespace", "shop"}, {"pod", []form.KV{{"name", "cart-0"}, {"uid", "p1"}}},
			{"container", []form.KV{{"name", "app"}, {"status", []form.KV{{"restarts", int64(3)}}}}},
		}},
		{"oom", []form.KV{{"job", []form.KV{{"name", "web"}}}}},
	}
	if got := form.Map(r, form.ECS)[2:]; !reflect.DeepEqual(got, want) { // behind message and event
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

// TestECSKeys: no key of an attribute is the beginning of another's at a dot: it would have to be a
// value and an object at once.
func TestECSKeys(t *testing.T) {
	var keys []string
	for i := range record.Fields {
		switch targets := form.Keys(record.Fields[i].Name)[1:]; {
		case len(targets) > 0:
			keys = append(keys, targets...)
		case strings.HasPrefix(record.Fields[i].Name, "oom."):
			keys = append(keys, record.Fields[i].Name)
		default:
			t.Errorf("%s has no key in the form ecs", record.Fields[i].Name)
		}
	}
	for i, a := range keys {
		for j, b := range keys {
			if i != j && (a == b || strings.HasPrefix(b, a+".")) {
				t.Errorf("%s and %s", a, b)
			}
		}
	}
}

// TestFlatWithoutClock: what is not known is absent.
func TestFlatWithoutClock(t *testing.T) {
	got := form.Map(&record.Record{Body: "b"}, form.Flat)
	want := []form.KV{{"severity_number", int64(13)}, {"body", "b"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestParse(t *testing.T) {
	for _, f := range []form.Format{form.OOM, form.Flat, form.ECS} {
		if got, err := form.Parse(f.String()); err != nil || got != f {
			t.Errorf("Parse(%q) = %v, %v", f, got, err)
		}
	}
	if _, err := form.Parse("json"); err == nil || err.Error() != `unknown form "json": use oom, flat or ecs` {
		t.Errorf("Parse(json): %v", err)
	}
}

// TestWarning: a warning is about the host, and says of nothing that it has ended or failed.
func TestWarning(t *testing.T) {
	all, err := warnings.Load("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		var event map[string]any
		fields := map[string]any{}
		for _, kv := range form.Map(r, form.ECS) {
			fields[kv.Key] = kv.Value
			if kv.Key == "event" {
				event = map[string]any{}
				for _, inner := range kv.Value.([]form.KV) {
					event[inner.Key] = inner.Value
				}
			}
		}
		delete(event, "id")
		want := map[string]any{"kind": "event", "category": []string{"host"}, "type": []string{"info"}, "severity": int64(13), "action": "oom.warning"}
		if !reflect.DeepEqual(event, want) || fields["message"] != r.Body {
			t.Errorf("%v, want %v: %v", event, want, fields["message"])
		}
		for _, format := range []form.Format{form.OOM, form.Flat} {
			n := 0
			count(form.Map(r, format), &n)
			if n < r.Len() {
				t.Errorf("%v has %d values of %d attributes", format, n, r.Len())
			}
		}
	}
}

// count counts the values of a map.
func count(kvs []form.KV, n *int) {
	for _, kv := range kvs {
		if inner, ok := kv.Value.([]form.KV); ok {
			count(inner, n)
		} else {
			*n++
		}
	}
}
