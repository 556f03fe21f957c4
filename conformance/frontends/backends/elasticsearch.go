// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Elasticsearch records what it is sent as _bulk, and answers as Elasticsearch does: `create` of an
// _id that it has is a conflict. It is no Elasticsearch: it has no mappings and knows no queries.
type Elasticsearch struct {
	// URL is its address.
	URL string
	// FailItem, when set, says that an item fails: its status (0 for none) and reason. It is called
	// for each item of each request.
	FailItem func(id string) (status int, reason string)
	// Limit, when set, is how many bytes a body may have: a longer one is answered with 413.
	Limit int64

	mu       sync.Mutex
	docs     []Document
	ids      map[string]bool
	creates  int
	requests []*http.Request
}

// Document is one that was accepted.
type Document struct {
	Index, ID string
	// Source is the document, Raw its bytes.
	Source map[string]any
	Raw    []byte
}

// StartElasticsearch runs a recorder until the test ends.
func StartElasticsearch(t testing.TB) *Elasticsearch {
	t.Helper()
	e := &Elasticsearch{ids: make(map[string]bool)}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.URL = server.URL
	return e
}

// Documents returns the accepted documents in the order in which they came.
func (e *Elasticsearch) Documents() []Document {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Document(nil), e.docs...)
}

// Creates is how many items were asked to be created, those refused included.
func (e *Elasticsearch) Creates() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.creates
}

// Requests returns the _bulk requests, their bodies read.
func (e *Elasticsearch) Requests() []*http.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*http.Request(nil), e.requests...)
}

// ServeHTTP answers `/`, `/_bulk` and `/INDEX/_bulk`.
func (e *Elasticsearch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	index, bulk := strings.CutSuffix(r.URL.Path, "/_bulk")
	if !bulk {
		fmt.Fprint(w, `{"version":{"number":"8.19.0","build_flavor":"default"},"tagline":"You Know, for Search"}`)
		return
	}
	if e.Limit > 0 && r.ContentLength > e.Limit {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	items, err := e.bulk(strings.TrimPrefix(index, "/"), r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"type":"illegal_argument_exception","reason":%q},"status":400}`, err)
		return
	}
	errors := false
	for _, item := range items {
		errors = errors || item["create"].(map[string]any)["status"] != http.StatusCreated
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"took": 1, "errors": errors, "items": items})
}

func (e *Elasticsearch) bulk(index string, r *http.Request) ([]map[string]any, error) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		body = z
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, r)
	var items []map[string]any
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var action struct {
			Create *struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &action); err != nil || action.Create == nil {
			return nil, fmt.Errorf("Malformed action/metadata line [%d], expected create: %s", 2*len(items)+1, lines.Text())
		}
		if !lines.Scan() {
			return nil, fmt.Errorf("The bulk request must be terminated by a newline [\\n]")
		}
		if action.Create.Index == "" {
			action.Create.Index = index
		}
		items = append(items, map[string]any{"create": e.create(action.Create.Index, action.Create.ID, lines.Bytes())})
	}
	return items, lines.Err()
}

// create stores one document and returns its item of the answer.
func (e *Elasticsearch) create(index, id string, raw []byte) map[string]any {
	e.creates++
	d := Document{Index: index, ID: id, Raw: append([]byte(nil), raw...)}
	if e.FailItem != nil {
		if status, reason := e.FailItem(id); status != 0 {
			return item(d, status, reason)
		}
	}
	if err := json.Unmarshal(raw, &d.Source); err != nil {
		return item(d, http.StatusBadRequest, "failed to parse: "+err.Error())
	}
	if _, ok := d.Source["@timestamp"].(string); !ok {
		return item(d, http.StatusBadRequest, "data stream timestamp field [@timestamp] is missing")
	}
	if id != "" && e.ids[index+"\x00"+id] {
		return item(d, http.StatusConflict, "["+id+"]: version conflict, document already exists (current version [1])")
	}
	e.ids[index+"\x00"+id] = true
	e.docs = append(e.docs, d)
	return item(d, http.StatusCreated, "")
}

func item(d Document, status int, reason string) map[string]any {
	i := map[string]any{"_index": d.Index, "_id": d.ID, "status": status}
	if reason != "" {
		types := map[int]string{400: "document_parsing_exception", 409: "version_conflict_engine_exception", 429: "es_rejected_execution_exception"}
		i["error"] = map[string]any{"type": types[status], "reason": reason}
	}
	return i
}
