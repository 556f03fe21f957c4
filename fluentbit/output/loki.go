package output

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// loki delivers through Loki's push API, as JSON.
type loki struct {
	client  *http.Client
	url     string
	streams *streams
	gzip    bool
}

func newLoki(c *Config, n *notices) (*loki, error) {
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	return &loki{
		client: &http.Client{
			Transport: transport,
			// A redirected POST would become a GET, and its credentials might go elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		url:     c.URL.String(),
		streams: newStreams(c.Labels, n),
		gzip:    c.Gzip,
	}, nil
}

func (l *loki) send(ctx context.Context, events []event) []outcome {
	req, err := l.request(ctx, events)
	if err != nil {
		return same(len(events), refused, err.Error())
	}
	res, err := l.client.Do(req)
	if err != nil {
		return same(len(events), retry, err.Error())
	}
	answer, err := readAnswer(res.Body)
	v := judge(res.StatusCode)
	if v == delivered {
		return same(len(events), delivered, "")
	}
	if err != nil {
		answer = []byte(err.Error())
	}
	return same(len(events), v, fmt.Sprintf("HTTP %s: %s", res.Status, words(answer)))
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

// encode puts events of equal labels in one stream: {"streams":[{"stream":{labels},"values":[[stamp,line,{metadata}]]}]}.
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

func (l *loki) close() { l.client.CloseIdleConnections() }
