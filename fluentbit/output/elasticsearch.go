// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// elasticsearch delivers through the _bulk API of Elasticsearch or OpenSearch. It uses the client's
// own request and transport but not its product check, which refuses OpenSearch.
type elasticsearch struct {
	client    *elastictransport.Client
	transport *authTransport
	index     string
}

func newElasticsearch(c *Config) (*elasticsearch, error) {
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	options := []elastictransport.Option{
		elastictransport.WithURLs(c.URL),
		elastictransport.WithTransport(transport),
		elastictransport.WithDisableRetry(), // Fluent Bit's scheduler retries
	}
	if c.Gzip {
		options = append(options, elastictransport.WithCompression())
	}
	client, err := elastictransport.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("Url %q: %w", c.URL.Redacted(), err)
	}
	return &elasticsearch{client: client, transport: transport, index: c.Index}, nil
}

func (t *elasticsearch) send(ctx context.Context, events []event) []outcome {
	request := esapi.BulkRequest{
		Body:   bytes.NewReader(t.body(events)),
		Header: http.Header{"Content-Type": {"application/x-ndjson"}},
	}
	res, err := request.Do(ctx, t.client)
	if err != nil {
		return all(len(events), unanswered(err))
	}
	defer res.Body.Close()
	answer, err := readAnswer(res.Body)
	whole := judgeAnswer(targetElasticsearch, res.StatusCode, res.Header, answer, elasticSpeaksOfItself)
	if whole.verdict != delivered {
		return all(len(events), whole)
	}
	if err != nil {
		return all(len(events), unanswered(err))
	}
	return judgeItems(answer, len(events))
}

// body is one `create` action with its document for each event. The document's id is the record's
// key, so that one which is sent twice is refused the second time and stands once. The index stands
// in the action and not in the path, since what else speaks _bulk does not always know the path
// with an index.
func (t *elasticsearch) body(events []event) (b []byte) {
	for i := range events {
		e := &events[i]
		b = appendScalar(append(b, `{"create":{"_index":`...), t.index)
		if e.key != "" {
			b = appendScalar(append(b, `,"_id":`...), e.key)
		}
		b = append(b, "}}\n"...)
		start := len(b)
		b = appendJSON(b, e.fields)
		if get(e.fields, "@timestamp") == nil {
			stamp := `{"@timestamp":"` + e.time.UTC().Format(time.RFC3339Nano) + `"`
			if b[start+1] != '}' {
				stamp += ","
			}
			b = append(b[:start], append([]byte(stamp), b[start+1:]...)...)
		}
		b = append(b, '\n')
	}
	return b
}

// bulkAnswer is what matters of the answer to _bulk.
type bulkAnswer struct {
	Items []map[string]struct {
		Status int             `json:"status"`
		Error  json.RawMessage `json:"error"`
	} `json:"items"`
}

// judgeItems reads the status of each item: that of the response is 200 whatever became of them.
func judgeItems(answer []byte, n int) []outcome {
	var a bulkAnswer
	if err := json.Unmarshal(answer, &a); err != nil {
		return all(n, oddAnswer("the answer is not that of _bulk: "+words(answer)))
	}
	if len(a.Items) != n {
		return all(n, oddAnswer(fmt.Sprintf("the answer names %d items of %d: %s", len(a.Items), n, words(answer))))
	}
	outcomes := make([]outcome, n)
	for i, item := range a.Items {
		outcomes[i] = oddAnswer("the answer gives no status") // of an item without an action
		for _, result := range item {
			outcomes[i] = judgeItem(result.Status, result.Error)
		}
	}
	return outcomes
}

// oddAnswer is the outcome where what answered is not what it should be.
func oddAnswer(reason string) outcome {
	return outcome{verdict: retry, status: http.StatusOK, reason: reason, remedy: "check Url: what answers there may be no Elasticsearch"}
}

func judgeItem(status int, reason json.RawMessage) outcome {
	if status == 0 {
		return oddAnswer("the answer gives no status")
	}
	o := outcome{verdict: judge(status), status: status, reason: fmt.Sprintf("status %d: %s", status, words(reason)), remedy: remedy(targetElasticsearch, status)}
	switch {
	case status == http.StatusConflict:
		return outcome{verdict: present}
	case o.verdict == delivered:
		return outcome{verdict: delivered}
	case o.verdict != split:
		return o
	}
	o.verdict = refused // it is the item alone that was judged
	if what, ok := speaksOfItself(reason); ok {
		o.verdict, o.remedy = retry, what
	}
	return o
}

// elasticSpeaksOfItself knows the answers to a whole request that are not about its records.
func elasticSpeaksOfItself(answer []byte) (remedy string, ok bool) {
	var a struct {
		Error json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return "", false
	}
	return speaksOfItself(a.Error)
}

// speaksOfItself reports whether an error with a status of the document's is about the index or the
// cluster, and returns the remedy.
func speaksOfItself(reason json.RawMessage) (remedy string, ok bool) {
	var e struct{ Type, Reason string }
	if err := json.Unmarshal(reason, &e); err != nil {
		return "", false
	}
	switch {
	case e.Type == "index_closed_exception":
		return "open the index", true
	case strings.HasPrefix(e.Reason, "no write index is defined for alias"):
		return "give the alias that Index names a write index", true
	case strings.HasPrefix(e.Reason, "pipeline with id ["):
		return "create this ingest pipeline, or take it off the index", true
	case strings.HasPrefix(e.Reason, "Validation Failed: 1: this action would add ["):
		return "delete indices that are not needed, or raise the cluster's limit of shards", true
	}
	return "", false
}

func (t *elasticsearch) close() { t.transport.next.CloseIdleConnections() }
