// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// recorder stands for a backend: it accepts whatever is sent and keeps the ids of the records that
// it was sent.
type recorder struct {
	*httptest.Server
	mu      sync.Mutex
	uids    []string
	bodies  []string
	problem string
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) serve(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	var uids []string
	var err error
	switch {
	case strings.HasSuffix(q.URL.Path, "/loki/api/v1/push"):
		uids, err = lokiUIDs(body)
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(q.URL.Path, "/_bulk"):
		var answer []byte
		uids, answer, err = bulkUIDs(body)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	default:
		uids, err = pagerUIDs(body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.uids = append(r.uids, uids...)
	r.bodies = append(r.bodies, string(body))
	if err != nil {
		r.problem = err.Error()
	}
}

func (r *recorder) got() (uids []string, problem string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.uids...), r.problem
}

// body returns the first body that holds a text.
func (r *recorder) body(with string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.bodies {
		if strings.Contains(b, with) {
			return b
		}
	}
	return ""
}

// lokiUIDs reads a push: streams with labels, entries of time, line and structured metadata.
func lokiUIDs(body []byte) (uids []string, err error) {
	var push struct {
		Streams []struct {
			Stream map[string]string
			Values [][]json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &push); err != nil {
		return nil, err
	}
	for _, s := range push.Streams {
		for _, v := range s.Values {
			if s.Stream["event_name"] == "" && s.Stream["oom_event_name"] == "" {
				continue // a line of the kernel
			}
			var metadata map[string]string
			if len(v) < 3 {
				continue
			}
			if err := json.Unmarshal(v[2], &metadata); err != nil {
				return nil, err
			}
			uids = append(uids, metadata["record_uid"])
		}
	}
	return uids, nil
}

// bulkUIDs reads a bulk request: pairs of an action and a document.
func bulkUIDs(body []byte) (uids []string, answer []byte, err error) {
	type result struct {
		Status int `json:"status"`
	}
	var items []map[string]result
	lines := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	for i := 0; i+1 < len(lines); i += 2 {
		var action struct {
			Create struct {
				ID string `json:"_id"`
			}
		}
		var document struct {
			Event struct {
				ID string `json:"id"`
			}
			OOM struct {
				Record struct{ Key string }
			}
		}
		if err := json.Unmarshal(lines[i], &action); err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(lines[i+1], &document); err != nil {
			return nil, nil, err
		}
		if key := document.OOM.Record.Key; key == "" || key != action.Create.ID {
			return nil, nil, fmt.Errorf("document %q has the key %q", action.Create.ID, key)
		}
		uids = append(uids, document.Event.ID)
		items = append(items, map[string]result{"create": {201}})
	}
	answer, err = json.Marshal(map[string]any{"took": 1, "errors": false, "items": items})
	return uids, answer, err
}

// pagerUIDs reads a webhook's body: an array of records in the form oom.
func pagerUIDs(body []byte) (uids []string, err error) {
	var records []struct {
		OOM map[string]any `json:"oom"`
	}
	if err := json.Unmarshal(body, &records); err != nil {
		return nil, err
	}
	for _, r := range records {
		uid, _ := r.OOM["record_uid"].(string)
		uids = append(uids, uid)
	}
	return uids, nil
}
