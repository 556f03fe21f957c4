// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

func validJSON(t *testing.T, b []byte) {
	t.Helper()
	if !json.Valid(b) {
		t.Errorf("no JSON: %s", b)
	}
}

// TestStdout: one JSON object a line, and nothing of what is no record of ours.
func TestStdout(t *testing.T) {
	var out bytes.Buffer
	log := &testLog{}
	o := start(t, log, &out, "Target", "stdout")
	c := append(appendEvent(nil, testTime, []form.KV{{Key: "log", Value: "hello"}}), chunk(form.OOM, 1)...)
	want(t, log, o.Flush([]byte("kern"), c, false), OK)
	if got := out.String(); !strings.HasPrefix(got, `{"message":"OOM kill: app-main (1)","oom":{"event_name":"oom.kill",`) || strings.Count(got, "\n") != 1 {
		t.Error(got)
	}
	o.Exit()
	if !strings.Contains(log.text(), "delivery: chunks=1 bytes=") || !strings.Contains(log.text(), "records=1 twice=0 delivered=1") {
		t.Error(log.text())
	}
}

// TestForged: what looks like a record and has no mark is not delivered, nor does it keep a record
// from being delivered, unless a setting says that such events are records.
func TestForged(t *testing.T) {
	for accept, deliveries := range map[string]string{"": "one", "marked": "one", "any": "two", "none": "none"} {
		for _, f := range []form.Format{form.OOM, form.Flat, form.ECS} {
			forged := func(n int) []byte {
				r := testRecord(n)
				r.Body = "forged " + r.Body
				return appendEvent(nil, r.Time, form.Map(r, f))
			}
			var out bytes.Buffer
			log := &testLog{}
			o := start(t, log, &out, "Target", "stdout", "Accept_Records", accept)
			c := bytes.Join([][]byte{forged(1), chunk(f, 1), forged(2)}, nil)
			want(t, log, o.Flush([]byte("kern"), c, false), OK)
			got := map[string]string{"0 0": "none", "1 0": "one", "2 1": "two"}[fmt.Sprint(strings.Count(out.String(), "\n"), " ", strings.Count(out.String(), "forged"))]
			if got != deliveries {
				t.Errorf("Accept_Records %q, %s: delivered:\n%s", accept, f, out.String())
			}
		}
	}
}

// TestTrustKernel: an output is not told where a chunk comes from, which it says at the start where
// that matters.
func TestTrustKernel(t *testing.T) {
	const warning = "warn Trust kernel: nothing that an input that Fluent Bit does not name brings can be verified"
	for _, test := range []struct {
		settings []string
		warns    int
		records  int
	}{
		{[]string{"Trust", "auto"}, 0, 1},
		{[]string{"Trust", "kernel"}, 1, 0},
		{[]string{"Trust", "kernel", "Trusted_Source", "syslog"}, 0, 1},
	} {
		var out bytes.Buffer
		log := &testLog{}
		o := start(t, log, &out, append(test.settings, "Target", "stdout")...)
		if n := strings.Count(log.text(), warning); n != test.warns {
			t.Errorf("%v: warned %d times at the start", test.settings, n)
		}
		want(t, log, o.Flush([]byte("kern"), killLines(t), false), OK)
		if n := strings.Count(log.text(), warning); n != test.warns || strings.Count(out.String(), "\n") != test.records {
			t.Errorf("%v: warned %d times, delivered:\n%s", test.settings, n, out.String())
		}
	}
}

// TestNothingToDeliver: a chunk without records is done with, and no server is asked.
func TestNothingToDeliver(t *testing.T) {
	log := &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", "http://127.0.0.1:1")
	want(t, log, o.Flush([]byte("kern"), appendEvent(nil, testTime, []form.KV{{Key: "log", Value: "hello"}}), false), OK)
	want(t, log, o.Flush([]byte("kern"), nil, false), OK)
}

// TestBehindTheFilter: where lines and the filter's record of them come together, the kill counts
// once.
func TestBehindTheFilter(t *testing.T) {
	settings, err := filter.ParseSettings(func(key string) string { return map[string]string{"Format": "oom", "Host_Name": "node-1"}[key] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log := &testLog{}
	f, err := filter.New(settings, log.log)
	if err != nil {
		t.Fatal(err)
	}
	lines := killLines(t)
	both, modified := f.Run([]byte("kern"), lines)
	if !modified || len(both) <= len(lines) {
		t.Fatal("the filter added nothing")
	}
	o := start(t, log, &out, "Target", "stdout")
	want(t, log, o.Flush([]byte("kern"), both, false), OK)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, `{"message":"OOM kill: `) || !strings.Contains(got, `"host_name":"node-1"`) {
		t.Errorf("delivered:\n%s", got)
	}
	out.Reset()
	o = start(t, log, &out, "Target", "stdout")
	want(t, log, o.Flush([]byte("kern"), lines, false), OK)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"event.name":"oom.kill"`) {
		t.Errorf("delivered:\n%s", got)
	}
}

// killLines is a chunk of in_tail with the lines of a capture that holds one kill.
func killLines(t *testing.T) (b []byte) {
	t.Helper()
	text, err := os.ReadFile("../../testdata/captures/6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		b = appendEvent(b, testTime, []form.KV{{Key: "log", Value: strings.TrimSuffix(line, "\n")}})
	}
	return b
}

// TestRetryKeepsOrder: a chunk that comes again after later ones brings what it owed, and only
// that.
func TestRetryKeepsOrder(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL)
	gate.Set(backends.Fault{Down: true})
	first, second := chunk(form.ECS, 1), chunk(form.ECS, 2)
	want(t, log, o.Flush([]byte("kern"), first, false), Retry)
	gate.Set(backends.Fault{})
	want(t, log, o.Flush([]byte("kern"), second, false), OK)
	want(t, log, o.Flush([]byte("kern"), first, false), OK)
	if got := ids(server); got != "uid-0002 uid-0001" {
		t.Errorf("documents %s", got)
	}
	o.Exit()
	if !strings.Contains(log.text(), "passed_records=2") {
		t.Errorf("a chunk was read twice:\n%s", log.text())
	}
}

// TestLostAnswer: what the server took without being able to say so is not there twice.
func TestLostAnswer(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL)
	gate.Set(backends.Fault{LoseAnswer: true})
	c := chunk(form.ECS, 1, 2)
	want(t, log, o.Flush([]byte("kern"), c, false), Retry)
	gate.Set(backends.Fault{})
	want(t, log, o.Flush([]byte("kern"), c, false), OK)
	if got := ids(server); got != "uid-0001 uid-0002" || !strings.Contains(log.text(), "delivered=0 present=2") {
		t.Errorf("documents %s\n%s", got, log.text())
	}
}

// TestRestart: Fluent Bit's own restart forgets what was sent; the stable ids do not.
func TestRestart(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	pairs := []string{"Target", "elasticsearch", "Url", server.URL}
	c := chunk(form.ECS, 1, 2, 3)
	server.FailItem = func(id string) (int, string) {
		if uidOf(id) == "uid-0002" {
			return http.StatusServiceUnavailable, "no shard"
		}
		return 0, ""
	}
	o := start(t, log, nil, pairs...)
	want(t, log, o.Flush([]byte("kern"), c, false), Retry)
	o.Exit()
	if !strings.Contains(log.text(), "1 chunks wait to be sent again") {
		t.Error(log.text())
	}
	server.FailItem = nil
	o = start(t, log, nil, pairs...)
	want(t, log, o.Flush([]byte("kern"), c, false), OK)
	if got := ids(server); got != "uid-0001 uid-0003 uid-0002" {
		t.Errorf("documents %s", got)
	}
}

// TestSlow: a flush ends at its time-out, long before the server answers.
func TestSlow(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	gate.Set(backends.Fault{Delay: time.Hour})
	o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL, "Timeout", "500ms")
	numbers := make([]int, 2*maxBatchEvents)
	for i := range numbers {
		numbers[i] = i
	}
	beforeTheAnswer(t, func() { want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, numbers...), false), Retry) })
	if gate.Requests() > 1 {
		t.Errorf("%d requests", gate.Requests())
	}
}

// beforeTheAnswer fails the test when fn waits for a server that takes an hour.
func beforeTheAnswer(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("it waits for the answer")
	}
}

// TestHold: after a flush that waited in vain the next ones do not wait, and lose nothing.
func TestHold(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	gate.Set(backends.Fault{Delay: time.Hour})
	o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL, "Timeout", "300ms")
	beforeTheAnswer(t, func() { want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, 0), false), Retry) })
	if o.holdUntil.IsZero() {
		t.Error("a flush that waited in vain holds nothing back")
	}
	o.hold(time.Hour) // however slow the machine is
	for i := range 20 {
		want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, i), false), Retry)
	}
	if gate.Requests() > 1 {
		t.Errorf("%d requests: they did not only wait once", gate.Requests())
	}
	gate.Set(backends.Fault{})
	o.hold(0)
	for i := range 20 {
		want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, i), false), OK)
	}
	if n := len(server.Documents()); n != 20 {
		t.Errorf("%d documents", n)
	}
}

// TestConcurrentFlushes: with several workers, and two instances, each record arrives once.
func TestConcurrentFlushes(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	outputs := []*Output{
		start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL, "Index", "a"),
		start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL, "Index", "b"),
	}
	done := make(chan struct{})
	go func() {
		for down := true; ; down = !down {
			gate.Set(backends.Fault{Down: down})
			select {
			case <-time.After(5 * time.Millisecond):
			case <-done:
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range 25 {
				c := chunk(form.ECS, 1000*w+2*i, 1000*w+2*i+1)
				for try := 0; outputs[w%2].Flush([]byte(fmt.Sprint(w)), c, false) != OK; try++ {
					if try > 5000 {
						t.Error("never delivered")
						return
					}
					time.Sleep(time.Millisecond)
				}
			}
		}()
	}
	workers.Wait()
	close(done)
	seen := make(map[string]int)
	for _, d := range server.Documents() {
		seen[d.ID]++
	}
	if len(seen) != 8*50 || len(server.Documents()) != 8*50 {
		t.Errorf("%d documents with %d ids, want 400", len(server.Documents()), len(seen))
	}
}

// TestPendingBounds: what is remembered is bounded; what is forgotten is read anew and arrives once
// all the same.
func TestPendingBounds(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	gate.Set(backends.Fault{Status: http.StatusServiceUnavailable})
	o := start(t, log, nil, "Target", "elasticsearch", "Url", gate.URL)
	n := maxPendingChunks + 10
	for i := range n {
		want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, i), false), Retry)
	}
	remembered := func() (chunks int, forgotten int64) {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.pending.len(), int64(o.count.forgotten)
	}
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(time.Millisecond) { // until the last tries have landed
		if _, forgotten := remembered(); forgotten == 10 {
			break
		}
	}
	if chunks, forgotten := remembered(); chunks != maxPendingChunks || forgotten != 10 {
		t.Errorf("%d remembered, %d forgotten", chunks, forgotten)
	}
	gate.Set(backends.Fault{})
	for i := range n {
		want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, i), false), OK)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(server.Documents()) != n || o.pending.len() != 0 || o.pending.bytes != 0 {
		t.Errorf("%d documents, %d chunks and %d bytes still remembered", len(server.Documents()), o.pending.len(), o.pending.bytes)
	}
}

// TestWords: a server's answer is one printable line.
func TestWords(t *testing.T) {
	for answer, want := range map[string]string{
		"a\n\tb\x00\x1b[31mc":           "a b [31mc",
		"\xff\xfe":                      "",
		strings.Repeat("x", maxWords+1): strings.Repeat("x", maxWords) + "…",
	} {
		if got := words([]byte(answer)); got != want {
			t.Errorf("words(%q) = %q", answer, got)
		}
	}
}

// TestStdoutFails: what could not be written is kept.
func TestStdoutFails(t *testing.T) {
	log := &testLog{}
	o := start(t, log, failingWriter{}, "Target", "stdout")
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), false), Retry)
}

// TestPanic: a defect of ours costs a chunk its records, not Fluent Bit its life.
func TestPanic(t *testing.T) {
	log := &testLog{}
	o := start(t, log, nil, "Target", "stdout") // which writes to nil
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), false), Error)
	want(t, log, o.Flush([]byte("kern"), nil, false), OK)
	if !strings.Contains(log.text(), "error this is a defect of the plugin, please report it; a chunk is dropped: ") {
		t.Error(log.text())
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
