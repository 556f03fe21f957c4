// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// halfReport returns the lines of a capture with one kill, cut in the middle of its report.
func halfReport(t *testing.T) (first, second []byte) {
	t.Helper()
	text, err := os.ReadFile("../../testdata/captures/6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.Index(text, []byte("invoked oom-killer"))
	cut := head + len(text[head:])/3
	cut += bytes.IndexByte(text[cut:], '\n') + 1
	half := func(lines []byte) (b []byte) {
		for line := range strings.Lines(string(lines)) {
			b = appendEvent(b, testTime, []form.KV{{Key: "log", Value: strings.TrimSuffix(line, "\n")}})
		}
		return b
	}
	if bytes.Contains(text[:cut], []byte("Killed process")) {
		t.Fatal("the cut is behind the kill")
	}
	return half(text[:cut]), half(text[cut:])
}

// TestExitWithOpenReport: what a report has shown so far is delivered at the end, and claims
// nothing more.
func TestExitWithOpenReport(t *testing.T) {
	var out bytes.Buffer
	log := &testLog{}
	o := start(t, log, &out, "Target", "stdout")
	first, _ := halfReport(t)
	want(t, log, o.Flush([]byte("kern"), first, true), OK)
	o.Exit()
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"event.name":"oom.unresolved"`) || !strings.Contains(got, `"oom.report.complete":false`) {
		t.Errorf("%s\n%s", got, log.text())
	}
	if strings.Contains(log.text(), "no record of it was sent") {
		t.Error(log.text())
	}
}

// TestReload: over a hot reload an open report goes on, and what waited is sent, though no chunk
// comes again.
func TestReload(t *testing.T) {
	server, log := backends.StartElasticsearch(t), &testLog{}
	gate := backends.NewGate(t, server.URL)
	settings := []string{"Target", "elasticsearch", "Url", gate.URL}
	first, second := halfReport(t)
	o := start(t, log, nil, settings...)
	gate.Set(backends.Fault{Status: http.StatusServiceUnavailable})
	want(t, log, o.Flush([]byte("kern"), chunk(form.ECS, 1), true), Retry)
	want(t, log, o.Flush([]byte("kern"), first, true), OK)
	o.Suspend()

	gate.Set(backends.Fault{})
	next := start(t, log, nil, settings...)
	next.After(o)
	allLanded(t, next)
	if got := ids(server); got != "uid-0001" {
		t.Errorf("documents %s", got)
	}
	want(t, log, next.Flush([]byte("kern"), chunk(form.ECS, 1), false), OK) // a chunk on disk does
	want(t, log, next.Flush([]byte("kern"), second, false), OK)
	next.Exit()
	documents := server.Documents()
	if len(documents) != 2 || !strings.Contains(string(documents[1].Raw), `"complete":true`) || server.Creates() != 2 {
		t.Errorf("%d documents, %d sent: %s\n%s", len(documents), server.Creates(), documents[len(documents)-1].Raw, log.text())
	}
}

// TestReloadToOthers: with other settings nothing goes on, and that is said.
func TestReloadToOthers(t *testing.T) {
	log := &testLog{}
	o := start(t, log, nil, "Target", "loki", "Url", "http://127.0.0.1:1")
	first, second := halfReport(t)
	want(t, log, o.Flush([]byte("kern"), chunk(form.Flat, 1), false), Retry)
	want(t, log, o.Flush([]byte("kern"), first, false), OK)
	o.Suspend()
	var out bytes.Buffer
	next := start(t, log, &out, "Target", "stdout")
	next.After(o)
	for _, text := range []string{"warn a report was still open at exit", "warn the settings are others than before the reload: 1 chunks wait"} {
		if !strings.Contains(log.text(), text) {
			t.Errorf("the log misses %q:\n%s", text, log.text())
		}
	}
	want(t, log, next.Flush([]byte("kern"), second, false), OK)
	if got := out.String(); !strings.Contains(got, `"oom.report.complete":false`) {
		t.Error(got)
	}
}

// TestBacklog: after a kill -9 Fluent Bit may send the lines of before behind newer ones. However a
// report is cut, its kill comes once, and nothing says that nobody was killed.
func TestBacklog(t *testing.T) {
	text, err := os.ReadFile("../../testdata/captures/6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSpace(text), []byte("\n"))
	part := func(lines [][]byte) (b []byte) {
		for _, line := range lines {
			b = appendEvent(b, testTime, []form.KV{{Key: "log", Value: strings.TrimSuffix(string(line), "\n")}})
		}
		return b
	}
	for cut := 1; cut < len(lines); cut++ {
		var out bytes.Buffer
		log := &testLog{}
		o := start(t, log, &out, "Target", "stdout")
		want(t, log, o.Flush([]byte("kern"), part(lines[cut:]), false), OK)
		want(t, log, o.Flush([]byte("kern"), part(lines[:cut]), false), OK)
		o.Exit()
		got := out.String()
		if kills := strings.Count(got, `"event.name":"oom.kill"`); kills != 1 || strings.Contains(got, "oom.no_victim") {
			t.Errorf("cut before line %d, %q: %d kills:\n%s", cut+1, lines[cut], kills, got)
		}
		torn := bytes.Contains(bytes.Join(lines[:cut], nil), []byte("invoked oom-killer")) && bytes.Contains(bytes.Join(lines[cut:], nil), []byte("Killed process"))
		if torn && strings.Contains(got, `"oom.report.complete":true`) {
			t.Errorf("cut before line %d, %q: complete:\n%s", cut+1, lines[cut], got)
		}
	}
}

// TestInstead: with a wrong value the old settings go on after a reload, but nothing goes to where
// it was no longer to go.
func TestInstead(t *testing.T) {
	log := &testLog{}
	old := start(t, log, nil, "Target", "loki", "Url", "http://127.0.0.1:1", "Tenant_Id", "a")
	old.Suspend()
	for name, test := range map[string]struct {
		old   *Output
		pairs []string
		goes  bool
	}{
		"same place":     {old, []string{"Target", "loki", "Url", "http://127.0.0.1:1", "Tenant_Id", "a", "Timeout", "soon"}, true},
		"other tenant":   {old, []string{"Target", "loki", "Url", "http://127.0.0.1:1", "Tenant_Id", "b", "Timeout", "soon"}, false},
		"other server":   {old, []string{"Target", "loki", "Url", "http://127.0.0.1:2", "Tenant_Id", "a", "Timeout", "soon"}, false},
		"wrong server":   {old, []string{"Target", "loki", "Url", "127.0.0.1:1", "Tenant_Id", "a"}, false},
		"other target":   {old, []string{"Target", "stdout", "Trust", "all"}, false},
		"unknown target": {old, []string{"Target", "kafka"}, false},
		"no old one":     {nil, []string{"Target", "stdout", "Trust", "all"}, false},
	} {
		c, err := ParseConfig(settings(test.pairs...))
		if err == nil {
			t.Errorf("%s: nothing is wrong", name)
		}
		o, err := Instead(c, test.old, "test", nil, log.log)
		if err != nil || (o != nil) != test.goes {
			t.Errorf("%s: %v, %v", name, o != nil, err)
		}
		if o != nil {
			if o.config != old.config {
				t.Errorf("%s: %v", name, o.config)
			}
			o.Exit()
		}
	}
}
