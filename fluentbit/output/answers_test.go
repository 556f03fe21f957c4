// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser/record"
)

// answer is what a backend says to a request.
type answer struct {
	status            int
	body, contentType string
	location          string
}

// backend is Loki's push and Elasticsearch's _bulk in one. It keeps what it takes, and answers
// something else where it is told to.
type backend struct {
	*httptest.Server
	mu sync.Mutex
	// whole, when set, answers a request in the place of the backend; item one document of _bulk.
	whole func(uids []string) *answer
	item  func(uid string) *answer
	taken []string
	asked int
}

func startBackend(t *testing.T) *backend {
	b := &backend{}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// uidInBody finds the uids of the records in a request of either target, in their order.
var uidInBody = regexp.MustCompile(`"(?:id|log_record_uid)":"([0-9a-f]{32})"`)

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	var uids []string
	for _, m := range uidInBody.FindAllSubmatch(body, -1) {
		uids = append(uids, nameOf(string(m[1])))
	}
	if b.whole != nil {
		if a := b.whole(uids); a != nil {
			if a.location != "" {
				w.Header().Set("Location", a.location)
			}
			if a.contentType != "" {
				w.Header().Set("Content-Type", a.contentType)
			}
			w.WriteHeader(a.status)
			_, _ = io.WriteString(w, a.body)
			return
		}
	}
	if !strings.HasSuffix(r.URL.Path, "/_bulk") {
		b.taken = append(b.taken, uids...)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var items []any
	for _, uid := range uids {
		item := map[string]any{"status": http.StatusCreated}
		var a *answer
		if b.item != nil {
			a = b.item(uid)
		}
		if a != nil {
			item = map[string]any{"status": a.status, "error": json.RawMessage(a.body)}
		} else {
			b.taken = append(b.taken, uid)
		}
		items = append(items, map[string]any{"create": item})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
}

func (b *backend) set(whole func([]string) *answer, item func(string) *answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.whole, b.item = whole, item
}

func (b *backend) got() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.taken, " ")
}

// eachTarget runs a test with an output to a backend by each protocol.
func eachTarget(t *testing.T, test func(t *testing.T, b *backend, log *testLog, o *Output)) {
	for _, target := range []string{targetLoki, targetElasticsearch} {
		t.Run(target, func(t *testing.T) {
			b, log := startBackend(t), &testLog{}
			test(t, b, log, start(t, log, nil, "Target", target, "Url", b.URL, "Http_User", "u", "Http_Passwd", "secret-word"))
		})
	}
}

// always answers each request alike.
func always(a answer) func([]string) *answer { return func([]string) *answer { return &a } }

// TestAnswersThatWait: whatever does not name the record itself costs none: all of a chunk waits, a
// line says why, where and what to do, once for all the tries, and what waited arrives when it has
// been mended.
func TestAnswersThatWait(t *testing.T) {
	page := "<html>Bad Request: The plain HTTP request was sent to HTTPS port</html>"
	tests := []struct {
		answer
		level, remedy string
	}{
		{answer{status: 300}, "error", "set Url to where it points"},
		{answer{status: 301, location: "https://user:secret-word@sso.example/in?token=secret-word#secret-word"}, "error", "Moved Permanently to https://sso.example/in; set Url to where it points"},
		{answer{status: 302, location: "/login?secret-word", contentType: "text/html"}, "error", "Found to /login; set Url to where it points"},
		{answer{status: 307, location: "https://elsewhere.example/"}, "error", "Temporary Redirect to https://elsewhere.example/; set Url to where it points"},
		{answer{status: 308, location: ":"}, "error", "Permanent Redirect; set Url to where it points"},
		{answer{status: 401, body: "no org id"}, "error", "no org id; check Http_User and Http_Passwd"},
		{answer{status: 402}, "error", "check Url"},
		{answer{status: 403, body: "disk usage exceeded flood-stage watermark"}, "error", "give these credentials the right"},
		{answer{status: 404}, "error", "check the path in Url"},
		{answer{status: 405}, "error", "check Url"},
		{answer{status: 407}, "error", "HTTP_PROXY or HTTPS_PROXY"},
		{answer{status: 408}, "warn", "see the server's own log"},
		{answer{status: 409}, "error", "check Url"},
		{answer{status: 410}, "error", "check Url"},
		{answer{status: 418}, "error", "check Url"},
		{answer{status: 425}, "warn", "see the server's own log"},
		{answer{status: 429}, "warn", "raise the server's limits"},
		{answer{status: 500}, "warn", "see the server's own log"},
		{answer{status: 503, body: "starting"}, "warn", "starting; if it stays so, see the server's own log"},
		{answer{status: 599}, "warn", "; if it stays so"},
		{answer{status: 200, body: page, contentType: "text/html"}, "error", "check Url: a page for people"},
		{answer{status: 400, body: page, contentType: "text/html; charset=utf-8"}, "error", "check Url: a page for people"},
		{answer{status: 422, body: page, contentType: "Text/HTML"}, "error", "check Url: a page for people"},
		{answer{status: 400, body: "Client sent an HTTP request to an HTTPS server.\n"}, "error", "use https:// in Url"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d %.10s", test.status, test.body), func(t *testing.T) {
			eachTarget(t, func(t *testing.T, b *backend, log *testLog, o *Output) {
				now := time.Now()
				o.notices.now = func() time.Time { return now }
				b.set(always(test.answer), nil)
				first, second := chunk(form.ECS, 1, 2), chunk(form.ECS, 3)
				if o.config.Target == targetLoki {
					first, second = chunk(form.Flat, 1, 2), chunk(form.Flat, 3)
				}
				for range 3 {
					want(t, log, o.Flush([]byte("kern"), first, false), Retry)
				}
				line := regexp.MustCompile(fmt.Sprintf(`(?m)^(.*) %s did not take 2 of 2 records, they will be sent again: HTTP %d.*%s.*; Url %s.*$`,
					o.config.Target, test.status, regexp.QuoteMeta(test.remedy), regexp.QuoteMeta(o.config.URL.String()))).FindStringSubmatch(log.text())
				if line == nil || line[1] != test.level {
					t.Fatalf("no line of level %s says so:\n%s", test.level, log.text())
				}
				if n := strings.Count(log.text(), "did not take"); n != 1 {
					t.Errorf("said %d times:\n%s", n, log.text())
				}
				now = now.Add(noticePause)
				want(t, log, o.Flush([]byte("kern"), second, false), Retry)
				if n := strings.Count(log.text(), "(and 2 more times since this was said last)"); n != 1 {
					t.Errorf("not said again after a while:\n%s", log.text())
				}
				b.set(nil, nil)
				want(t, log, o.Flush([]byte("kern"), first, false), OK)
				want(t, log, o.Flush([]byte("kern"), second, false), OK)
				if got := b.got(); got != "uid-0001 uid-0002 uid-0003" {
					t.Errorf("arrived: %s", got)
				}
				if n := strings.Count(log.text(), "info "+o.config.Target+" takes records again"); n != 1 || strings.Contains(log.text(), "secret-word") {
					t.Errorf("the end of it is said %d times, or a secret is:\n%s", n, log.text())
				}
			})
		})
	}
}

// TestAnswersThatName: what names the record itself costs the one that it names, wherever that
// stands among others, and its id is in the log.
func TestAnswersThatName(t *testing.T) {
	for _, status := range []int{400, 413, 422} {
		for _, guilty := range [][]int{{1}, {4}, {7}, {2, 3}, {1, 2, 3, 4, 5, 6, 7}} {
			t.Run(fmt.Sprint(status, guilty), func(t *testing.T) {
				eachTarget(t, func(t *testing.T, b *backend, log *testLog, o *Output) {
					var bad, good []string
					for n := range 7 {
						if uid := fmt.Sprintf("uid-%04d", n+1); slices.Contains(guilty, n+1) {
							bad = append(bad, uid)
						} else {
							good = append(good, uid)
						}
					}
					b.set(func(uids []string) *answer {
						if slices.ContainsFunc(uids, func(uid string) bool { return slices.Contains(bad, uid) }) {
							return &answer{status: status, body: "not this one"}
						}
						return nil
					}, nil)
					c := chunk(form.ECS, 1, 2, 3, 4, 5, 6, 7)
					if o.config.Target == targetLoki {
						c = chunk(form.Flat, 1, 2, 3, 4, 5, 6, 7)
					}
					want(t, log, o.Flush([]byte("kern"), c, false), Error)
					if got := b.got(); got != strings.Join(good, " ") {
						t.Errorf("arrived: %s", got)
					}
					line := fmt.Sprintf("error %s refused %d of 7 records, they are lost: HTTP %d %s: not this one; log.record.uid %s",
						o.config.Target, len(bad), status, http.StatusText(status), strings.Join(bad, ", "))
					if !strings.Contains(log.text(), line) {
						t.Errorf("the log lacks %q:\n%s", line, log.text())
					}
				})
			})
		}
	}
}

// TestItems: each document of _bulk has a status of its own, that is judged alike.
func TestItems(t *testing.T) {
	for _, test := range []struct {
		status int
		reason string
		want   Result
		log    string
	}{
		{409, `{"type":"version_conflict_engine_exception","reason":"version conflict, document already exists"}`, OK, "delivered=2 present=1 refused=0"},
		{400, `{"type":"document_parsing_exception","reason":"failed to parse"}`, Error, `refused 1 of 3 records, they are lost: status 400: {"type":"document_parsing_exception","reason":"failed to parse"}; log.record.uid uid-0002`},
		{413, `"too large"`, Error, "log.record.uid uid-0002"},
		{422, `null`, Error, "log.record.uid uid-0002"},
		{400, `{"type":"document_parsing_exception","reason":"Preview: 'pipeline with id [x]'"}`, Error, "log.record.uid uid-0002"},
		{400, `{"type":"index_closed_exception","reason":"closed"}`, Retry, "open the index"},
		{400, `{"type":"validation_exception","reason":"Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;"}`, Retry, "raise the cluster's limit of shards"},
		{400, `{"type":"illegal_argument_exception","reason":"no write index is defined for alias [oom]."}`, Retry, "give the alias that Index names a write index"},
		{400, `{"type":"illegal_argument_exception","reason":"pipeline with id [p] does not exist"}`, Retry, "create this ingest pipeline"},
		{401, `{"type":"security_exception"}`, Retry, "check Http_User and Http_Passwd, Bearer_Token or Http_Api_Key"},
		{403, `{"type":"cluster_block_exception"}`, Retry, "lift the block of the index"},
		{404, `{"type":"index_not_found_exception"}`, Retry, "that the index exists or may be created"},
		{429, `{"type":"es_rejected_execution_exception"}`, Retry, "raise the server's limits"},
		{503, `{"type":"unavailable_shards_exception"}`, Retry, "see the server's own log"},
		{301, `{}`, Retry, "status 301"},
	} {
		t.Run(fmt.Sprintf("%d %.30s", test.status, test.reason), func(t *testing.T) {
			b, log := startBackend(t), &testLog{}
			o := start(t, log, nil, "Target", "elasticsearch", "Url", b.URL)
			b.set(nil, func(uid string) *answer {
				if uid == "uid-0002" {
					return &answer{status: test.status, body: test.reason}
				}
				return nil
			})
			c := chunk(form.ECS, 1, 2, 3)
			want(t, log, o.Flush([]byte("kern"), c, false), test.want)
			if !strings.Contains(log.text(), test.log) || b.got() != "uid-0001 uid-0003" {
				t.Errorf("arrived %s, the log lacks %q:\n%s", b.got(), test.log, log.text())
			}
			if b.set(nil, nil); test.want == Retry {
				want(t, log, o.Flush([]byte("kern"), c, false), OK)
				if got := b.got(); got != "uid-0001 uid-0003 uid-0002" {
					t.Errorf("arrived: %s", got)
				}
			}
		})
	}
}

// TestLokiWithoutMetadata: a Loki that takes no structured metadata refuses every record with a
// status that names the record. They wait.
func TestLokiWithoutMetadata(t *testing.T) {
	b, log := startBackend(t), &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", b.URL)
	b.set(always(answer{status: 400, body: "stream '{service_name=\"kernel\"}' includes structured metadata, but this feature is disallowed. Please see ..."}), nil)
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), false), Retry)
	if !strings.Contains(log.text(), "set allow_structured_metadata: true") {
		t.Error(log.text())
	}
}

// TestNoRedirectIsFollowed: not even to where the credentials would be safe.
func TestNoRedirectIsFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		eachTarget(t, func(t *testing.T, b *backend, log *testLog, o *Output) {
			b.set(always(answer{status: status, location: elsewhere.URL}), nil)
			want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), false), Retry)
			if !strings.Contains(log.text(), http.StatusText(status)+" to "+elsewhere.URL) {
				t.Error(log.text())
			}
		})
	}
}

// TestClones: two machines of one image that die alike are two documents, also within one chunk;
// the same record is one. A record of a version that knew no key is stored under the key that it
// would have.
func TestClones(t *testing.T) {
	of := func(host string, withKey bool) []form.KV {
		fields := []form.KV{{Key: "event.name", Value: "oom.kill"}, {Key: "log.record.uid", Value: uid(1)}, {Key: "oom.record.version", Value: record.Version}}
		if withKey {
			fields = append(fields, form.KV{Key: "oom.record.key", Value: keyOf(1) + host})
		}
		return append(fields, form.KV{Key: "host.name", Value: host})
	}
	for _, withKey := range []bool{true, false} {
		var stored bytes.Buffer
		log := &testLog{}
		o := start(t, log, &stored, "Target", "stdout")
		c := appendMarked(nil, testTime, of("a", withKey))
		c = appendMarked(c, testTime, of("b", withKey))
		c = appendMarked(c, testTime, of("a", withKey))
		want(t, log, o.Flush([]byte("kern"), c, false), OK)
		if n := strings.Count(stored.String(), "\n"); n != 2 {
			t.Errorf("%d records:\n%s", n, stored.String())
		}
		es := &elasticsearch{index: "i"}
		var keys []string
		for _, host := range []string{"a", "b", "node-1"} {
			e := newEvent(of(host, withKey), testTime)
			keys = append(keys, e.key)
			if !bytes.Contains(es.body([]event{e}), []byte(`"_id":"`+e.key+`"`)) {
				t.Errorf("%s", es.body([]event{e}))
			}
		}
		if keys[0] == keys[1] || !withKey && keys[2] != keyOf(1) {
			t.Errorf("keys %q", keys)
		}
	}
}

// TestTableOfAnswers: what the README says of each status is what becomes of it.
func TestTableOfAnswers(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(b), "### What becomes of an answer")
	verdicts := map[string]verdict{"delivered": delivered, "sent again": retry, "in halves": split}
	said := make(map[int]verdict)
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 4 || strings.HasPrefix(row, "## ") {
			continue
		}
		for word, v := range verdicts {
			if !strings.HasPrefix(strings.TrimSpace(cells[2]), word) {
				continue
			}
			for _, m := range regexp.MustCompile(`\b([2-5])(\d\d|xx)\b`).FindAllStringSubmatch(cells[1], -1) {
				if m[2] != "xx" {
					status, _ := strconv.Atoi(m[0])
					said[status] = v
					continue
				}
				first, _ := strconv.Atoi(m[1] + "00")
				for status := first; status < first+100; status++ {
					if _, known := said[status]; !known {
						said[status] = v
					}
				}
			}
		}
	}
	for status := 200; status < 600; status++ {
		if v, ok := said[status]; !ok || v != judge(status) {
			t.Errorf("status %d: the README says %v (%t), it is %v", status, v, ok, judge(status))
		}
	}
}
