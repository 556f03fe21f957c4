// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestElasticsearch: the recorder answers as the server that it stands for.
func TestElasticsearch(t *testing.T) {
	e := StartElasticsearch(t)
	post := func(body string) (int, string) {
		t.Helper()
		res, err := http.Post(e.URL+"/i/_bulk", "application/x-ndjson", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil || res.Header.Get("X-Elastic-Product") != "Elasticsearch" {
			t.Fatalf("%v %v", err, res.Header)
		}
		return res.StatusCode, string(answer)
	}
	doc := "{\"create\":{\"_id\":\"1\"}}\n{\"@timestamp\":\"2026-11-21T08:00:00Z\"}\n"
	tests := []struct {
		name, body string
		status     int
		want       string
	}{
		{"create", doc, 200, `"status":201`},
		{"again", doc, 200, `"errors":true,"items":[{"create":{"_id":"1","_index":"i","error":{"reason":"[1]: version conflict`},
		{"other index", strings.Replace(doc, `"_id"`, `"_index":"j","_id"`, 1), 200, `"errors":false`},
		{"no time", "{\"create\":{}}\n{}\n", 200, `"status":400`},
		{"index", "{\"index\":{}}\n{}\n", 400, "expected create"},
	}
	for _, test := range tests {
		if status, answer := post(test.body); status != test.status || !strings.Contains(answer, test.want) {
			t.Errorf("%s: %d %s", test.name, status, answer)
		}
	}
	if docs := e.Documents(); len(docs) != 2 || docs[1].Index != "j" || e.Creates() != 4 {
		t.Errorf("documents %v, %d creates", docs, e.Creates())
	}
}

// TestGate: each fault is felt as what it is called.
func TestGate(t *testing.T) {
	e := StartElasticsearch(t)
	g := NewGate(t, e.URL)
	client := &http.Client{Timeout: 200 * time.Millisecond}
	doc := "{\"create\":{}}\n{\"@timestamp\":\"2026-11-21T08:00:00Z\"}\n"
	tests := []struct {
		name   string
		fault  Fault
		status int // 0 for no answer
		docs   int
	}{
		{"none", Fault{}, 200, 1},
		{"down", Fault{Down: true}, 0, 1},
		{"status", Fault{Status: 429}, 429, 1},
		{"slow", Fault{Delay: time.Second}, 0, 1},
		{"lost", Fault{LoseAnswer: true}, 0, 2},
	}
	for _, test := range tests {
		g.Set(test.fault)
		status := 0
		if res, err := client.Post(g.URL+"/i/_bulk", "application/x-ndjson", strings.NewReader(doc)); err == nil {
			res.Body.Close()
			status = res.StatusCode
		}
		if docs := len(e.Documents()); status != test.status || docs != test.docs {
			t.Errorf("%s: status %d, %d documents", test.name, status, docs)
		}
	}
}

// TestVictoriaLogs: what is put in can be found, also after a restart.
func TestVictoriaLogs(t *testing.T) {
	v := StartVictoriaLogs(t)
	body := `{"streams":[{"stream":{"job":"test"},"values":[["` + strconv.FormatInt(time.Now().UnixNano(), 10) + `","hello",{"n":"1"}]]}]}`
	res, err := http.Post(v.URL+LokiPush, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatal(res.Status)
	}
	v.WaitFor(t, "n:1", 1)
	v.Stop()
	v.Start(t)
	if got := v.WaitFor(t, "n:1", 1)[0]["_msg"]; got != "hello" {
		t.Errorf("found %q", got)
	}
}
