// SPDX-License-Identifier: Apache-2.0

package output

import (
	"context"
	"net/http"
	"reflect"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/killcount"
)

// kills are n kills of the records of the tests.
func kills(n uint64) []killcount.Count {
	return []killcount.Count{{Labels: killcount.Labels{Scope: "cgroup"}, N: n}}
}

// wantMetrics checks what was counted since the last time.
func wantMetrics(t *testing.T, o *Output, when string, want Metrics) {
	t.Helper()
	if got := o.Metrics(); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, want %+v", when, got, want)
	}
}

// TestMetrics: a kill counts once, however often its record is sent and in whichever form it comes;
// what became of records counts at every try, and each call returns what is new.
func TestMetrics(t *testing.T) {
	for _, f := range []form.Format{form.OOM, form.Flat, form.ECS} {
		server, log := backends.StartElasticsearch(t), &testLog{}
		o := start(t, log, nil, "Target", "elasticsearch", "Url", server.URL)
		wantMetrics(t, o, "at the start", Metrics{})
		server.FailItem = func(id string) (int, string) {
			switch uidOf(id) {
			case "uid-0002":
				return http.StatusServiceUnavailable, "no shard"
			case "uid-0003":
				return http.StatusBadRequest, "document_parsing_exception"
			}
			return 0, ""
		}
		want(t, log, o.Flush([]byte("kern"), chunk(f, 1, 2, 3), false), Retry)
		wantMetrics(t, o, "after a try", Metrics{Kills: kills(3), Delivered: 1, Lost: 1, Retried: 1})
		wantMetrics(t, o, "at once", Metrics{})
		want(t, log, o.Flush([]byte("kern"), chunk(f, 1, 2, 3), false), Retry)
		wantMetrics(t, o, "after another", Metrics{Retried: 1})
		server.FailItem = nil
		want(t, log, o.Flush([]byte("kern"), chunk(f, 1, 2, 3), false), OK)
		wantMetrics(t, o, "in the end", Metrics{Delivered: 1})
		want(t, log, o.Flush([]byte("kern"), chunk(f, 1), false), OK) // as after a restart of Fluent Bit
		wantMetrics(t, o, "what the server had", Metrics{Kills: kills(1), Delivered: 1})
		o.Exit()
	}
}

// TestMetricsOfFlights: a try that the engine's thread did not wait for counts when it has ended.
func TestMetricsOfFlights(t *testing.T) {
	server, log := startSlowServer(t), &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", server.URL, "Timeout", "5m")
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), true), Retry)
	wantMetrics(t, o, "under way", Metrics{Kills: kills(1)})
	close(server.goOn)
	allLanded(t, o)
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), true), OK)
	wantMetrics(t, o, "ended", Metrics{Delivered: 1})
	o.Exit()
}

// brokenTarget has a defect.
type brokenTarget struct{}

func (brokenTarget) send(context.Context, []event) []outcome { panic("a defect") }
func (brokenTarget) close()                                  {}

// TestMetricsOfADefect: what a defect costs is lost.
func TestMetricsOfADefect(t *testing.T) {
	log := &testLog{}
	o := start(t, log, nil, "Target", "stdout")
	o.target = brokenTarget{}
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1, 2), false), Error)
	wantMetrics(t, o, "after it", Metrics{Kills: kills(2), Lost: 2})
}
