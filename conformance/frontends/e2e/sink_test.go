// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// sink is a server that keeps the lines that it was sent, or refuses them while it is shut.
type sink struct {
	text
	port   string
	closed bool
}

func newSink(t *testing.T) *sink {
	s := &sink{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed || err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		s.buf.Write(body)
		s.buf.WriteByte('\n')
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.port = at.Port()
	return s
}

// shut has the server refuse what comes, or accept it again.
func (s *sink) shut(closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = closed
}
