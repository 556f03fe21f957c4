// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"strconv"
)

// loki delivers through Loki's push API, as JSON.
type loki struct {
	transport *authTransport
	url       string
	streams   *streams
	gzip      bool
}

func newLoki(c *Config, n *notices) (*loki, error) {
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	return &loki{transport: transport, url: c.URL.String(), streams: newStreams(c.Labels, n), gzip: c.Gzip}, nil
}

func (l *loki) send(ctx context.Context, events []event) []outcome {
	req, err := l.request(ctx, events)
	if err != nil {
		return all(len(events), unanswered(err))
	}
	res, err := l.transport.RoundTrip(req)
	if err != nil {
		return all(len(events), unanswered(err))
	}
	defer res.Body.Close()
	answer, err := readAnswer(res.Body)
	if err != nil {
		answer = []byte(err.Error())
	}
	return all(len(events), judgeAnswer(targetLoki, res.StatusCode, res.Header, answer, lokiSpeaksOfItself))
}

// lokiSpeaksOfItself knows the refusal of each record whose remedy is a setting of Loki.
func lokiSpeaksOfItself(answer []byte) (remedy string, ok bool) {
	ok = bytes.Contains(answer, []byte("includes structured metadata, but this feature is disallowed"))
	return "set allow_structured_metadata: true in Loki's limits_config", ok
}

func (l *loki) request(ctx context.Context, events []event) (*http.Request, error) {
	body := l.encode(events)
	if l.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(body); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		body = packed.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if l.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	return req, nil
}

// encode puts events of equal labels in one stream:
// {"streams":[{"stream":{labels},"values":[[stamp,line,{metadata}]]}]}.
func (l *loki) encode(events []event) []byte {
	var order []string
	values := make(map[string][]any)
	for i := range events {
		e := &events[i]
		labels, stream := l.streams.of(e)
		if _, ok := values[stream]; !ok {
			order = append(order, stream)
		}
		line := e.message
		if line == "" {
			line = string(appendJSON(nil, e.fields))
		}
		stamp := strconv.FormatInt(e.time.UnixNano(), 10)
		values[stream] = append(values[stream], []any{stamp, line, metadata(labels, e)})
	}
	b := []byte(`{"streams":[`)
	for i, stream := range order {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"stream":`...), stream...), `,"values":`...)
		b = append(appendValue(b, values[stream]), '}')
	}
	return append(b, "]}"...)
}

func (l *loki) close() { l.transport.next.CloseIdleConnections() }
