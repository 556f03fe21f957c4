// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// TestLokiPush: the request's path, headers and body.
func TestLokiPush(t *testing.T) {
	for _, compress := range []string{"off", "gzip"} {
		t.Run(compress, func(t *testing.T) {
			var request *http.Request
			var body []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				request = r
				reader := io.Reader(r.Body)
				if compress == "gzip" {
					reader, _ = gzip.NewReader(r.Body)
				}
				body, _ = io.ReadAll(reader)
				w.WriteHeader(http.StatusNoContent)
			}))
			defer server.Close()
			log := &testLog{}
			o := start(t, log, nil, "Target", "loki", "Url", server.URL, "Tenant_Id", "team-a", "Compress", compress,
				"Labels", "job=oom, host=$host.name, level=$oom.cgroup.level")
			want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1, 2), false), OK)
			if request.URL.Path != "/loki/api/v1/push" || request.Header.Get("X-Scope-OrgID") != "team-a" || request.Header.Get("Content-Type") != "application/json" {
				t.Errorf("path %s, headers %v", request.URL.Path, request.Header)
			}
			wantBody := `{"streams":[{"stream":{"host":"node-1","job":"oom"},"values":[` +
				`["1795248001123456789","OOM kill: app-main (1)",{"time":"2026-11-21T08:00:01.123456789Z","severity_number":"17","event_name":"oom.kill","log_record_uid":"00000000000000000000000000000001","oom_record_version":"2","oom_constraint":"memcg","oom_scope":"cgroup","process_pid":"1","oom_victim_share":"0.5","oom_report_complete":"true","host_name":"node-1"}],` +
				`["1795248002123456789","OOM kill: app-main (2)",{"time":"2026-11-21T08:00:02.123456789Z","severity_number":"17","event_name":"oom.kill","log_record_uid":"00000000000000000000000000000002","oom_record_version":"2","oom_constraint":"memcg","oom_scope":"cgroup","process_pid":"2","oom_victim_share":"0.5","oom_report_complete":"true","host_name":"node-1"}]]}]}`
			if string(body) != wantBody {
				t.Errorf("body\n%s\nwant\n%s", body, wantBody)
			}
		})
	}
}

// TestLabelSet: a label is the same in each form.
func TestLabelSet(t *testing.T) {
	labels, err := parseLabels(defaultLabels)
	if err != nil {
		t.Fatal(err)
	}
	wantSet := `{"event_name":"oom.kill","host_name":"node-1","oom_constraint":"memcg","oom_scope":"cgroup","service_name":"kernel"}`
	for _, f := range []form.Format{form.OOM, form.Flat, form.ECS} {
		e := newEvent(decoded(t, chunk(f, 1)), testTime)
		if got := string(appendJSON(nil, labelSet(labels, &e))); got != wantSet {
			t.Errorf("%s: %s", f, got)
		}
	}
}

// TestNoLabel: Loki refuses a stream without labels.
func TestNoLabel(t *testing.T) {
	labels, err := parseLabels("level=$oom.cgroup.level")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(appendJSON(nil, labelSet(labels, &event{}))); got != `{"service_name":"kernel"}` {
		t.Error(got)
	}
}

// TestMetadata: what other filters added goes along, names become what Loki takes, and its limits
// are kept.
func TestMetadata(t *testing.T) {
	many := []form.KV{{Key: "event.name", Value: "oom.kill"}, {Key: "message", Value: "m"}}
	for i := range 200 {
		many = append(many, form.KV{Key: strings.Repeat("k", i+1), Value: strings.Repeat("v", 500)})
	}
	tests := []struct {
		name   string
		fields []form.KV
		want   string
	}{
		{"names", []form.KV{{Key: "a.b/c", Value: "1"}, {Key: "7x", Value: int64(7)}, {Key: "a_b_c", Value: "twice"}, {Key: "ünï", Value: true}}, `{"a_b_c":"1","_7x":"7","_n_":"true"}`},
		{"maps", []form.KV{{Key: "oom", Value: []form.KV{{Key: "scope", Value: "host"}}}, {Key: "kubernetes", Value: []form.KV{{Key: "pod", Value: "p"}, {Key: "ips", Value: []any{"a", uint64(2)}}}}},
			`{"scope":"host","kubernetes_pod":"p","kubernetes_ips":"a,2"}`},
		{"nothing", []form.KV{{Key: "x", Value: nil}, {Key: "y", Value: ""}}, `{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := string(appendJSON(nil, metadata(nil, &event{fields: test.fields, message: "m"}))); got != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
	if m := metadata(nil, &event{fields: many, message: "m"}); len(m) > maxMetadata || valueSize(m) > 64<<10+16*len(m)*2 || len(m) < 60 {
		t.Errorf("%d entries, %d bytes", len(m), valueSize(m))
	}
}

// TestLokiRefusesOne: a record that Loki refuses costs no other, and is told in its words.
func TestLokiRefusesOne(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var push struct {
			Streams []struct{ Values [][]any }
		}
		if err := json.NewDecoder(r.Body).Decode(&push); err != nil {
			t.Error(err)
		}
		var lines []string
		for _, s := range push.Streams {
			for _, v := range s.Values {
				lines = append(lines, v[1].(string))
			}
		}
		if bytes.Contains([]byte(strings.Join(lines, "")), []byte("(3)")) {
			http.Error(w, "entry with timestamp 2026-11-21 ignored, reason: 'timestamp too old'", http.StatusBadRequest)
			return
		}
		got = append(got, lines...)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	log := &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", server.URL)
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1, 2, 3, 4, 5), false), Error)
	wantLines := []string{"OOM kill: app-main (1)", "OOM kill: app-main (2)", "OOM kill: app-main (4)", "OOM kill: app-main (5)"}
	if !reflect.DeepEqual(got, wantLines) {
		t.Errorf("accepted %v", got)
	}
	if !strings.Contains(log.text(), "error loki refused 1 of 5 records, they are lost: HTTP 400 Bad Request: entry with timestamp 2026-11-21 ignored, reason: 'timestamp too old'") {
		t.Error(log.text())
	}
}
