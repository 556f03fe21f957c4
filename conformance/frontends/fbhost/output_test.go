// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// The results of an output's callbacks.
const (
	outputError = 0
	outputOK    = 1
	outputRetry = 2
)

// recorder is a server that keeps what it is sent.
func recorder(t *testing.T) (url string, received func() string) {
	var mu sync.Mutex
	var bodies strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies.Write(body)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return bodies.String()
	}
}

// TestOutput: an output's life in its host, twice: chunks in, records at the server, and nothing
// after its end.
func TestOutput(t *testing.T) {
	h, l := start(t)
	raw := captures(t)["6.12/c_memcg_v2"]
	wanted := want(t, raw)
	for range 2 {
		url, received := recorder(t)
		chunks := [][]byte{fbtest.Chunk(inKmsg(raw)...), {}, []byte("\xc1 Killed process")}
		life := h.Output("kernel", chunks, fbhost.Setting{Key: "target", Value: "loki"}, fbhost.Setting{Key: "Url", Value: url})
		if life.Register != 0 || life.Init != outputOK || life.Workers != 0 || !slices.Equal(life.Flushes, []int{outputOK, outputOK, outputOK}) || life.Exit != outputOK || life.Late != outputRetry {
			t.Errorf("%+v\n%s", life, l)
		}
		kills := 0
		for _, r := range wanted {
			if r["event.name"] == "oom.kill" {
				kills++
			}
			if !strings.Contains(received(), r.UID()) {
				t.Errorf("the record %s did not arrive: %s", r.UID(), received())
			}
		}
		counted := 0
		for line := range strings.Lines(life.Metrics) {
			if name, n, _ := strings.Cut(strings.TrimSpace(line), "} "); strings.HasPrefix(name, "oomtrail_output_kills_total{name=oom_kill.0,scope=cgroup,cause=") {
				n, _ := strconv.Atoi(n)
				counted += n
			}
		}
		delivered := fmt.Sprintf("oomtrail_output_delivered_records_total{name=oom_kill.0} %d\n", len(wanted))
		if kills == 0 || counted != kills || !strings.Contains(life.Metrics, delivered) || !strings.Contains(life.Metrics, "oomtrail_output_lost_records_total{name=oom_kill.0} 0\n") {
			t.Errorf("the metrics count %d kills, want %d and %s:\n%s", counted, kills, delivered, life.Metrics)
		}
	}
	if want := "[ info] [output:oom_kill:oom_kill.0] delivery: chunks=3"; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
}

// TestBadOutput: wrong settings are refused with a reason.
func TestBadOutput(t *testing.T) {
	h, l := start(t)
	if life := h.Output("kernel", [][]byte{{}}, fbhost.Setting{Key: "Target", Value: "file"}); life.Init != outputError {
		t.Errorf("%+v", life)
	}
	if want := `[error] [output:oom_kill:oom_kill.0] Target "file" is not known`; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
}

// TestForkedOutput: a process that was forked after loading does not enter the plugin.
func TestForkedOutput(t *testing.T) {
	h, l := start(t, "fork")
	if life := h.Output("kernel", [][]byte{{}}, fbhost.Setting{Key: "Target", Value: "stdout"}); life.Init != outputError {
		t.Errorf("%+v", life)
	}
	if want := "[error] this plugin cannot run in daemon mode"; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
}
