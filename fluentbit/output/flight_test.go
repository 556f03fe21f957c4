// SPDX-License-Identifier: Apache-2.0

package output

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// slowServer is a Loki that answers a request when it is let go on.
type slowServer struct {
	*httptest.Server
	status   atomic.Int32
	requests atomic.Int32
	goOn     chan struct{}
}

func startSlowServer(t *testing.T) *slowServer {
	s := &slowServer{goOn: make(chan struct{})}
	s.status.Store(http.StatusNoContent)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		io.Copy(io.Discard, r.Body) // only then the server notices that the client is gone
		select {
		case <-s.goOn:
		case <-r.Context().Done():
		}
		w.WriteHeader(int(s.status.Load()))
	}))
	t.Cleanup(s.Close)
	return s
}

// allLanded waits until no try is under way.
func allLanded(t *testing.T, o *Output) {
	t.Helper()
	beforeTheAnswer(t, func() {
		for {
			o.mu.Lock()
			n := len(o.flights)
			o.mu.Unlock()
			if n == 0 {
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// TestEngine: in the engine's thread a flush does not wait for a server that is slow. The try goes
// on, is not made twice, and the chunk is done with when it comes again after the answer.
func TestEngine(t *testing.T) {
	server, log := startSlowServer(t), &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", server.URL, "Timeout", "5m")
	one, two := chunk(form.Flat, 1), chunk(form.Flat, 2)
	beforeTheAnswer(t, func() {
		want(t, log, o.Flush([]byte("kern"), one, true), Retry)
		want(t, log, o.Flush([]byte("kern"), two, true), Retry)
		want(t, log, o.Flush([]byte("kern"), one, true), Retry)
	})
	close(server.goOn)
	allLanded(t, o)
	want(t, log, o.Flush([]byte("kern"), one, true), OK)
	want(t, log, o.Flush([]byte("kern"), two, true), OK)
	if n := server.requests.Load(); n != 2 || o.count.delivered != 2 || o.pending.len() != 0 || o.flying != 0 {
		t.Errorf("%d requests, %d chunks remembered, %s", n, o.pending.len(), &o.count)
	}
	o.hastyUntil = time.Time{}
	want(t, log, o.Flush([]byte("kern"), one, true), OK) // a new chunk with the same bytes is a new chunk
	if n := server.requests.Load(); n != 3 {
		t.Errorf("%d requests", n)
	}
	o.Exit()
}

// TestEngineFails: what a try left that nobody waited for is tried again when the chunk comes
// again.
func TestEngineFails(t *testing.T) {
	server, log := startSlowServer(t), &testLog{}
	server.status.Store(http.StatusServiceUnavailable)
	o := start(t, log, nil, "Target", "loki", "Url", server.URL, "Timeout", "5m")
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), true), Retry)
	close(server.goOn)
	allLanded(t, o)
	o.hold(0)
	if o.pending.waiting() != 1 {
		t.Fatalf("%d chunks remembered", o.pending.waiting())
	}
	server.status.Store(http.StatusNoContent)
	o.hastyUntil = time.Time{}
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), true), OK)
	if n := server.requests.Load(); n != 2 || o.count.delivered != 1 || o.count.records != 1 {
		t.Errorf("%d requests, %s", n, &o.count)
	}
}

// TestManyFlights: behind a server that hangs only so many chunks wait in tries; the others are put
// off, and all arrive later.
func TestManyFlights(t *testing.T) {
	server, log := startSlowServer(t), &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", server.URL, "Timeout", "5m")
	for n := range maxFlights + 10 {
		want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, n), true), Retry)
	}
	if len(o.flights) != maxFlights || o.pending.waiting() != 10 || server.requests.Load() > maxTurns {
		t.Fatalf("%d tries, %d chunks put off, %d requests", len(o.flights), o.pending.waiting(), server.requests.Load())
	}
	close(server.goOn)
	allLanded(t, o)
	for n := range maxFlights + 10 {
		for try := 0; o.Flush([]byte("kern"), chunk(form.Flat, n), false) != OK; try++ {
			if o.hold(0); try > 3 {
				t.Fatalf("chunk %d: %s", n, log.text())
			}
		}
	}
	if n := server.requests.Load(); n != maxFlights+10 || o.count.delivered != maxFlights+10 {
		t.Errorf("%d requests, %s", n, &o.count)
	}
}

// TestExitWaits: the end of an instance waits for a try, and no longer than its time-out.
func TestExitWaits(t *testing.T) {
	for _, test := range []struct {
		timeout, want string
		answers       bool
	}{
		{"5m", "delivered=1", true},
		{"200ms", "1 chunks wait to be sent again", false},
	} {
		server, log := startSlowServer(t), &testLog{}
		o := start(t, log, nil, "Target", "loki", "Url", server.URL, "Timeout", test.timeout)
		o.hastyUntil = time.Now().Add(time.Hour)
		want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), true), Retry)
		if test.answers {
			close(server.goOn)
		}
		beforeTheAnswer(t, o.Exit)
		if !strings.Contains(log.text(), test.want) {
			t.Errorf("Timeout %s: %s", test.timeout, log.text())
		}
	}
}
