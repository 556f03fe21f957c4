// SPDX-License-Identifier: Apache-2.0

package output

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// TestElasticsearchDocuments: each form arrives as it was made, with its id and its time.
func TestElasticsearchDocuments(t *testing.T) {
	for _, f := range []form.Format{form.OOM, form.Flat, form.ECS} {
		for _, compress := range []string{"off", "gzip"} {
			t.Run(f.String()+" "+compress, func(t *testing.T) {
				server, log := backends.StartElasticsearch(t), &testLog{}
				o := start(t, log, nil, "Target", "elasticsearch", "Url", server.URL, "Compress", compress)
				want(t, log, o.Flush([]byte("kern"), chunk(f, 1, 2), false), OK)
				docs := server.Documents()
				if len(docs) != 2 {
					t.Fatalf("%d documents", len(docs))
				}
				d := docs[1]
				if d.ID != keyOf(2) || d.Index != "logs-oom_kill-default" || d.Source["@timestamp"] != "2026-11-21T08:00:02.123456789Z" {
					t.Errorf("id %q index %q time %v", d.ID, d.Index, d.Source["@timestamp"])
				}
				wantDoc := `{"@timestamp":"2026-11-21T08:00:02.123456789Z",` + strings.TrimPrefix(string(appendJSON(nil, decoded(t, chunk(f, 2)))), "{")
				if string(d.Raw) != wantDoc {
					t.Errorf("document\n%s\nwant\n%s", d.Raw, wantDoc)
				}
			})
		}
	}
}

// decoded are the fields of a chunk's only event.
func decoded(t *testing.T, chunk []byte) (fields []form.KV) {
	t.Helper()
	if _, err := decodeEvents(chunk, func(_ time.Time, f []form.KV) { fields = f }); err != nil {
		t.Fatal(err)
	}
	return fields
}

// TestElasticsearchPartialFailure: what was accepted is not sent again, what is refused for good is
// counted and told in the server's words, and what is left arrives once.
func TestElasticsearchPartialFailure(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	o := start(t, log, nil, "Target", "elasticsearch", "Url", server.URL, "Index", "oom")
	server.FailItem = func(id string) (int, string) {
		switch uidOf(id) {
		case "uid-0002", "uid-0004":
			return http.StatusTooManyRequests, "rejected execution of coordinating operation"
		case "uid-0003":
			return http.StatusBadRequest, "failed to parse field [process.pid]"
		}
		return 0, ""
	}
	c := chunk(form.ECS, 1, 2, 3, 4)
	want(t, log, o.Flush([]byte("kern"), c, false), Retry)
	want(t, log, o.Flush([]byte("kern"), c, false), Retry)
	server.FailItem = nil
	want(t, log, o.Flush([]byte("kern"), c, false), OK)
	o.Exit()
	if got := ids(server); got != "uid-0001 uid-0002 uid-0004" {
		t.Errorf("documents %s", got)
	}
	if got := server.Creates(); got != 4+2+2 {
		t.Errorf("%d items were sent, want 8", got)
	}
	for _, text := range []string{
		`error elasticsearch refused 1 of 4 records, they are lost: status 400: {"reason":"failed to parse field [process.pid]","type":"document_parsing_exception"}`,
		`warn elasticsearch did not take 2 of 4 records, they will be sent again: status 429`,
		"info delivery: chunks=3 bytes=", "again=2 records=4 twice=0 delivered=3 present=0 refused=1 requests=3 retries=2 forgotten=0 errors=0",
	} {
		if !strings.Contains(log.text(), text) {
			t.Errorf("the log misses %q:\n%s", text, log.text())
		}
	}
}

// ids are the uids of the documents, in the order in which they came; a document's own id is the
// record's key.
func ids(server *backends.Elasticsearch) string {
	var ids []string
	for _, d := range server.Documents() {
		ids = append(ids, uidOf(d.ID))
	}
	return strings.Join(ids, " ")
}

// TestElasticsearchSecrets: the server's words are in the log, but not the password that they
// repeat.
func TestElasticsearchSecrets(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL, "Http_User", "elastic", "Http_Passwd", "changeme")
	gate.Set(backends.Fault{Status: http.StatusUnauthorized, Body: `{"error":{"type":"security_exception","reason":"unable to authenticate user [elastic] with changeme"}}`})
	want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, 1), false), Retry)
	if text := log.text(); !strings.Contains(text, "HTTP 401 Unauthorized") || !strings.Contains(text, "security_exception") {
		t.Errorf("the log lacks the server's words:\n%s", text)
	}
	if strings.Contains(log.text(), "changeme") {
		t.Errorf("the log holds the password:\n%s", log.text())
	}
}

// TestElasticsearchOddAnswers: an answer that is none of _bulk's loses nothing.
func TestElasticsearchOddAnswers(t *testing.T) {
	for _, answer := range []string{"", "<html>sign in</html>", `{"took":1}`, `{"items":[{"create":{"status":201}}]}`, `{"items":[{},{}]}`, `{"items":[{"create":{}},{"create":{}}]}`} {
		t.Run(answer, func(t *testing.T) {
			server, log := backends.StartElasticsearch(t), &testLog{}
			gate := backends.NewGate(t, server.URL)
			o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL)
			gate.Set(backends.Fault{Status: http.StatusOK, Body: answer})
			c := chunk(form.ECS, 1, 2)
			want(t, log, o.Flush([]byte("kern"), c, false), Retry)
			gate.Set(backends.Fault{})
			want(t, log, o.Flush([]byte("kern"), c, false), OK)
			if got := ids(server); got != "uid-0001 uid-0002" {
				t.Errorf("documents %s", got)
			}
		})
	}
}

// TestElasticsearchHeaders: who asks, and of what type the body is.
func TestElasticsearchHeaders(t *testing.T) {
	tests := []struct{ key, value, want string }{
		{"Http_User", "elastic", "Basic ZWxhc3RpYzo="},
		{"Bearer_Token", "t0ken", "Bearer t0ken"},
		{"Http_Api_Key", "a2V5", "ApiKey a2V5"},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			server, log := backends.StartElasticsearch(t), &testLog{}
			o := start(t, log, nil, "Target", "elasticsearch", "Url", server.URL+"/prefix", test.key, test.value)
			want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, 1), false), OK)
			r := server.Requests()[0]
			if got := r.Header.Get("Authorization"); got != test.want {
				t.Errorf("Authorization %q", got)
			}
			if got := r.Header.Get("Content-Type"); got != "application/x-ndjson" {
				t.Errorf("Content-Type %q", got)
			}
			if r.URL.Path != "/prefix/_bulk" {
				t.Errorf("path %s", r.URL.Path)
			}
			if strings.Contains(log.text(), test.value) && test.key != "Http_User" {
				t.Errorf("the log holds the secret:\n%s", log.text())
			}
		})
	}
}

// TestElasticsearchBatches: many records go in several requests, none of them too large.
func TestElasticsearchBatches(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	o := start(t, log, nil, "Target", "elasticsearch", "Url", server.URL)
	numbers := make([]int, 1201)
	for i := range numbers {
		numbers[i] = i
	}
	want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, numbers...), false), OK)
	if n, requests := len(server.Documents()), len(server.Requests()); n != 1201 || requests != 3 {
		t.Errorf("%d documents in %d requests, want 1201 in 3", n, requests)
	}
}

// TestElasticsearchTooLarge: a body that is too large for the server goes in smaller ones.
func TestElasticsearchTooLarge(t *testing.T) {
	recorder, log := backends.StartElasticsearch(t), &testLog{}
	recorder.Limit = 1000
	o := start(t, log, nil, "Target", "elasticsearch", "Url", recorder.URL)
	want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, 1, 2, 3, 4, 5, 6, 7), false), OK)
	if got := ids(recorder); got != "uid-0001 uid-0002 uid-0003 uid-0004 uid-0005 uid-0006 uid-0007" {
		t.Errorf("documents %s", fmt.Sprint(got))
	}
}
