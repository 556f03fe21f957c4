// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Gate stands in front of a server and makes it fail as told.
type Gate struct {
	// URL is the address to use in place of the server's.
	URL string

	mu       sync.Mutex
	fault    Fault
	requests int
}

// Fault is what a [Gate] does to a request; the zero value lets it pass.
type Fault struct {
	// Down closes the connection without an answer, before the server sees the request.
	Down bool
	// LoseAnswer closes the connection after the server has done what was asked.
	LoseAnswer bool
	// Status answers with this status in the server's place, with Body of this ContentType.
	Status      int
	Body        string
	ContentType string
	// Every, when set, lets the fault happen to each Every-th request only.
	Every int
	// Delay waits before the request passes.
	Delay time.Duration
}

// NewGate puts a gate in front of the server at target until the test ends.
func NewGate(t testing.TB, target string) *Gate {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	g := &Gate{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(proxy, w, r) }))
	t.Cleanup(server.Close)
	g.URL = server.URL
	return g
}

// Set says what becomes of the requests from now on.
func (g *Gate) Set(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = f
}

// Requests is how many requests came.
func (g *Gate) Requests() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.requests
}

func (g *Gate) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.requests++
	f := g.fault
	if f.Every > 0 && g.requests%f.Every != 0 {
		f = Fault{}
	}
	g.mu.Unlock()
	if f.Delay > 0 {
		// Only with the body read does the server notice that the client has gone.
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	switch {
	case f.Down:
		panic(http.ErrAbortHandler)
	case f.LoseAnswer:
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		if f.ContentType != "" {
			w.Header().Set("Content-Type", f.ContentType)
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
	default:
		next.ServeHTTP(w, r)
	}
}
