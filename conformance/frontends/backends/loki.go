// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Loki is a running Grafana Loki with its limits as they are by default.
type Loki struct {
	// URL is its address.
	URL string
}

// LokiOTLP is the path of OTLP logs over HTTP, LokiPushAPI that of its own push API.
const (
	LokiOTLP    = "/otlp/v1/logs"
	LokiPushAPI = "/loki/api/v1/push"
)

const lokiConfig = `
auth_enabled: false
analytics: {reporting_enabled: false}
server: {http_listen_address: 127.0.0.1, http_listen_port: HTTP, grpc_listen_address: 127.0.0.1, grpc_listen_port: GRPC, log_level: warn}
common:
  instance_addr: 127.0.0.1
  path_prefix: DIR
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: DIR/chunks, rules_directory: DIR/rules}}
ruler: {evaluation_interval: 1s, rule_path: DIR/scratch, storage: {type: local, local: {directory: DIR/rules}}}
schema_config:
  configs:
    - {from: 2020-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}
`

// LokiBinary returns the path of a program of Loki's, "loki" or "lokitool": see [Program]. The
// project builds no Loki: its licence is the AGPL.
func LokiBinary(t testing.TB, name string) string {
	t.Helper()
	return Program(t, strings.ToUpper(name), name, "")
}

// StartLoki runs a Loki with an empty storage until the test ends. Its ruler evaluates the rules of
// some files each second. The test is skipped where there is no Loki: see [LokiBinary].
func StartLoki(t testing.TB, rules ...string) *Loki {
	t.Helper()
	binary, dir := LokiBinary(t, "loki"), t.TempDir()
	port := FreePort(t)
	config := strings.NewReplacer("HTTP", port, "GRPC", FreePort(t), "DIR", dir).Replace(lokiConfig)
	file := filepath.Join(dir, "loki.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	tenant := filepath.Join(dir, "rules", "fake") // of all, without authentication
	if err := os.MkdirAll(tenant, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, from := range rules {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(tenant, filepath.Base(from)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	l := &Loki{URL: "http://127.0.0.1:" + port}
	new(server).serve(t, l.URL+"/ready", binary, "-config.file="+file)
	return l
}

// Await waits until Loki has taken so many entries, and fails the test when it has discarded any.
func (l *Loki) Await(t testing.TB, entries int) {
	t.Helper()
	var received, discarded float64
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		received, discarded = l.counter(t, "loki_distributor_lines_received_total"), l.counter(t, "loki_discarded_samples_total")
		if received >= float64(entries) || discarded > 0 {
			break
		}
	}
	if received < float64(entries) || discarded > 0 {
		t.Errorf("Loki has received %v of %d entries and discarded %v", received, entries, discarded)
	}
}

// counter returns the sum of one of Loki's own metrics.
func (l *Loki) counter(t testing.TB, name string) (sum float64) {
	t.Helper()
	res, err := http.Get(l.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(body.String()) {
		if strings.HasPrefix(line, name) {
			value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += value
		}
	}
	return sum
}

// Flush has the ingester write what it holds to the store, so that old entries can be found:
// queries ask the ingester for the last three hours only.
func (l *Loki) Flush(t testing.TB) {
	t.Helper()
	res, err := http.Post(l.URL+"/flush", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

// Entry is one log entry of Loki: its line, and its labels and structured metadata together.
type Entry struct {
	Time   time.Time
	Line   string
	Labels map[string]string
}

// Query returns the entries that a LogQL query of logs finds in the last week, newest first.
func (l *Loki) Query(t testing.TB, query string) (entries []Entry) {
	t.Helper()
	now := time.Now()
	var data struct {
		Result []struct {
			Stream map[string]string
			Values [][2]string
		}
	}
	ask(t, l.URL+"/loki/api/v1/query_range", url.Values{
		"query": {query}, "limit": {"5000"},
		"start": {strconv.FormatInt(now.Add(-167*time.Hour).UnixNano(), 10)}, "end": {strconv.FormatInt(now.Add(time.Hour).UnixNano(), 10)},
	}, &data)
	for _, s := range data.Result {
		for _, v := range s.Values {
			ns, err := strconv.ParseInt(v[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, Entry{time.Unix(0, ns), v[1], s.Stream})
		}
	}
	return entries
}

// Metric returns what a LogQL metric query gives now.
func (l *Loki) Metric(t testing.TB, query string) []Sample {
	t.Helper()
	return samples(t, l.URL+"/loki/api/v1/query", query)
}

// Firing returns the alerts of the rules it was started with that fire, in order of their names. It
// fails the test where a rule could not be evaluated.
func (l *Loki) Firing(t testing.TB) []Alert { return firing(t, l.URL+"/prometheus") }
