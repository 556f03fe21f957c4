// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// VictoriaLogs is a running VictoriaLogs.
type VictoriaLogs struct {
	// URL is its address: "http://127.0.0.1:9428".
	URL     string
	binary  string
	storage string
	cmd     *exec.Cmd
	output  bytes.Buffer
}

// The paths at which VictoriaLogs takes what the other servers take.
const (
	// LokiPush is the path of Loki's push API.
	LokiPush = "/insert/loki/api/v1/push"
	// ElasticsearchBase is the path before Elasticsearch's `/_bulk`.
	ElasticsearchBase = "/insert/elasticsearch"
	// OTLPLogs is the path of OTLP logs over HTTP.
	OTLPLogs = "/insert/opentelemetry/v1/logs"
)

// StartVictoriaLogs runs a VictoriaLogs with an empty storage until the test ends. The binary is
// that of the environment variable VICTORIA_LOGS, else build/victoria-logs, which is built when it
// is not there. The test is skipped in short mode, and where it cannot be built.
func StartVictoriaLogs(t testing.TB) *VictoriaLogs {
	t.Helper()
	if testing.Short() {
		t.Skip("VictoriaLogs is not run in short mode")
	}
	binary, err := victoriaBinary("VICTORIA_LOGS", "VictoriaLogs", "victoria-logs")
	if err != nil {
		t.Skipf("NOT RUN: VictoriaLogs cannot be built here, so nothing was tried with it: %v", err)
	}
	v := &VictoriaLogs{URL: "http://" + FreeAddress(t), binary: binary, storage: t.TempDir()}
	t.Cleanup(v.Stop)
	v.Start(t)
	return v
}

// Start runs the server again after [VictoriaLogs.Stop], with the same address and storage.
func (v *VictoriaLogs) Start(t testing.TB) {
	t.Helper()
	u, _ := url.Parse(v.URL)
	v.cmd = exec.Command(v.binary, "-httpListenAddr="+u.Host, "-storageDataPath="+v.storage, "-retentionPeriod=100y", "-futureRetention=100y")
	v.cmd.Stdout, v.cmd.Stderr = &v.output, &v.output
	if err := v.cmd.Start(); err != nil {
		t.Fatalf("VictoriaLogs does not start: %v", err)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if res, err := http.Get(v.URL + "/health"); err == nil {
			res.Body.Close()
			return
		}
	}
	v.Stop()
	t.Fatalf("VictoriaLogs is not ready after 20 s:\n%s", v.output.String())
}

// Stop ends the server; what it took is on disk.
func (v *VictoriaLogs) Stop() {
	if v.cmd == nil {
		return
	}
	_ = v.cmd.Process.Signal(os.Interrupt)
	_ = v.cmd.Wait()
	v.cmd = nil
}

// Query returns the log entries that a LogsQL query finds, each as its fields.
func (v *VictoriaLogs) Query(t testing.TB, query string) []map[string]string {
	t.Helper()
	res, err := http.PostForm(v.URL+"/select/logsql/query", url.Values{"query": {query}})
	if err != nil {
		t.Fatalf("query %s: %v", query, err)
	}
	defer res.Body.Close()
	var entries []map[string]string
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		entry := make(map[string]string)
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("query %s: %s: %s: %v", query, res.Status, lines.Text(), err)
		}
		entries = append(entries, entry)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("query %s: %v", query, err)
	}
	return entries
}

// WaitFor queries until n entries are found, since what was taken can be queried a moment later
// only, and returns them; it fails the test when there are more, or not as many after ten seconds.
func (v *VictoriaLogs) WaitFor(t testing.TB, query string, n int) []map[string]string {
	t.Helper()
	var entries []map[string]string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if entries = v.Query(t, query); len(entries) >= n {
			break
		}
	}
	if len(entries) != n {
		t.Fatalf("query %s finds %d entries, want %d", query, len(entries), n)
	}
	return entries
}

var buildOnce sync.Mutex

// victoriaBinary returns the path of a program of VictoriaMetrics: that of the environment
// variable, else the one in build, which it builds when it is not there.
func victoriaBinary(variable, module, program string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	buildOnce.Lock()
	defer buildOnce.Unlock()
	top, err := root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(top, "build", program)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	part := fmt.Sprintf("%s.%d", binary, os.Getpid()) // tests of several packages may build at once
	cmd := exec.Command("go", "build", "-o", part, "github.com/VictoriaMetrics/"+module+"/app/"+program)
	cmd.Dir = filepath.Join(top, here, "victorialogs")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, os.Rename(part, binary)
}

// here is this package's directory within the repository.
const here = "conformance/frontends/backends"

// root returns the repository's directory, above that of the test that runs.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, here)); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no %s above the working directory", here)
		}
	}
}

// FreeAddress returns an address on the loopback that nobody listens at.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the address is free again
	return l.Addr().String()
}

// FreePort returns the port of such an address.
func FreePort(t testing.TB) string {
	t.Helper()
	_, port, err := net.SplitHostPort(FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}
