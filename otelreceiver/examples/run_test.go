// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/internal/watchtest"
)

// patience is how long a collector may take to start, to answer or to end.
const patience = 30 * time.Second

// failure matches an error in a collector's log.
const failure = `(?m)^\S+\s+(error|fatal|panic)\s.*`

// TestRun runs each configuration in the collector that it needs: it starts, finds no error, and
// ends when it is asked to.
func TestRun(t *testing.T) {
	for _, file := range shipped(t) {
		name, err := filepath.Rel(root, file)
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			c := startCollector(t, file)
			time.Sleep(time.Second) // it reads this machine's log
			// Not what comes at the end: an exporter calls dropped what its queue keeps on disk.
			assert.Empty(t, regexp.MustCompile(failure).FindAllString(c.said.String(), -1))
			c.stop(t)
		})
	}
}

// TestPrometheus: the metrics are there to be fetched, and count each kill of a log.
func TestPrometheus(t *testing.T) {
	log, err := filepath.Abs("../../testdata/captures/5.10/f_oomgroup/kmsg.raw")
	require.NoError(t, err)
	c := startCollector(t, "prometheus.yaml", "yaml:receivers::oom_kill: {source: file, file: {include: ["+log+"], format: kmsg}, start_at: beginning, collection_interval: 1s}")
	defer c.stop(t)
	series := regexp.MustCompile(`(?m)^oom_kills_total\{.*host_name="node-1".*oom_diagnosis_cause="process_hog".*\} (\d+)$`)
	kills := func() (sum int) {
		for _, m := range series.FindAllStringSubmatch(c.fetch(t, "/metrics"), -1) {
			n, err := strconv.Atoi(m[1])
			require.NoError(t, err)
			sum += n
		}
		return sum
	}
	assert.Eventually(t, func() bool { return kills() == 3 }, patience, 100*time.Millisecond, "%s", c.said)
	time.Sleep(time.Second)
	assert.Equal(t, 3, kills(), "each once")
}

// TestPressureAndCgroups: what Prometheus fetches of a machine's pressure and of the cgroups that
// are chosen has the names that the README gives, and the cgroup's pod and unit as labels.
func TestPressureAndCgroups(t *testing.T) {
	if f, err := os.Open("/dev/kmsg"); err != nil {
		t.Skip("NOT RUN: it reads /dev/kmsg: ", err)
	} else {
		require.NoError(t, f.Close())
	}
	machine, _ := watchtest.Unpack(t, watchtest.Version2)
	c := startCollector(t, "warnings.yaml", "yaml:receivers::oom_kill: {root_path: "+machine+", collection_interval: 1s}")
	defer c.stop(t)
	want := []string{
		`(?m)^oom_pressure_time_seconds_total\{.*host_name="node-1".*oom_pressure_kind="full".*\} 0\.038185$`,
		`(?m)^oom_cgroup_events_total\{.*oom_cgroup_event="oom_kill".*oom_cgroup_path="/system\.slice/lowered\.service".*systemd_unit_name="lowered\.service".*\} 1$`,
		`(?m)^oom_cgroup_limit_bytes\{.*k8s_pod_uid="0f8a3c52-7b1e-4c7d-9a55-2d6f1e0b9c34".*\} 4\.194304e\+07$`,
		`(?m)^oom_cgroup_usage_bytes\{`, `(?m)^oom_cgroup_headroom_bytes\{`, `(?m)^oom_omitted_cgroups\{.*\} 0$`,
	}
	assert.EventuallyWithT(t, func(all *assert.CollectT) {
		got := c.fetch(t, "/metrics")
		for _, series := range want {
			assert.Regexp(all, series, got)
		}
	}, patience, 100*time.Millisecond, "%s", c.said)
}

// TestFluentForward: a record that a node's filter made in Format flat is, behind
// fluent-forward.yaml, as the receiver makes it.
func TestFluentForward(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.json")
	c := startCollector(t, "../../otelprocessor/examples/fluent-forward.yaml",
		"yaml:exporters::file: {path: "+out+", flush_interval: 10ms}", "yaml:service::pipelines::logs::exporters: [file]")
	defer c.stop(t)
	event, err := msgp.AppendIntf(nil, []any{"kernel", time.Now().Unix(), map[string]any{
		"hostname": "node-1", "time": "2026-11-29T12:00:00Z", "severity_number": 17, "body": "OOM kill: java (4242) in container app of pod shop/cart-0",
		"event.name": "oom.kill", "log.record.uid": "d35c71337ef43852f95f863dde3964db", "oom.record.version": "2", "host.name": "node-1",
		"k8s.pod.name": "cart-0", "process.pid": 4242, "oom.trust": "unverified",
	}, map[string]any{"chunk": "1"}})
	require.NoError(t, err)
	conn, err := net.Dial("tcp", c.only(t))
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write(event)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	ack, err := msgp.NewReader(conn).ReadIntf()
	require.NoError(t, err)
	require.Equal(t, map[string]any{"ack": "1"}, ack)

	var logs plog.Logs
	require.Eventually(t, func() bool {
		raw, _ := os.ReadFile(out)
		line, _, whole := bytes.Cut(raw, []byte("\n"))
		if !whole {
			return false
		}
		logs, err = (&plog.JSONUnmarshaler{}).UnmarshalLogs(line)
		return err == nil
	}, patience, 20*time.Millisecond)
	require.Equal(t, 1, logs.LogRecordCount())
	resource := logs.ResourceLogs().At(0)
	assert.Equal(t, map[string]any{"host.name": "node-1", "k8s.pod.name": "cart-0"}, resource.Resource().Attributes().AsRaw())
	record := resource.ScopeLogs().At(0).LogRecords().At(0)
	assert.Equal(t, "oom.kill", record.EventName())
	assert.Equal(t, plog.SeverityNumberError, record.SeverityNumber())
	assert.Equal(t, "OOM kill: java (4242) in container app of pod shop/cart-0", record.Body().Str())
	assert.Equal(t, map[string]any{
		"hostname": "node-1", "fluent.tag": "kernel", "event.name": "oom.kill", "log.record.uid": "d35c71337ef43852f95f863dde3964db",
		"oom.record.version": "2", "process.pid": int64(4242), "oom.trust": "unverified",
	}, record.Attributes().AsRaw())
}

// running is a collector that runs.
type running struct {
	cmd     *exec.Cmd
	said    *output
	ended   chan error
	address map[string]string // of this test, by that of the configuration
}

// output is what a program prints, while it prints it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var listens = regexp.MustCompile(`endpoint: ((?:0\.0\.0\.0|127\.0\.0\.1):(\d+))`)

// startCollector starts the collector that a configuration needs, with further configurations, and
// waits until it is ready. It listens on addresses of its own, and sends to one where nobody does.
func startCollector(t *testing.T, file string, more ...string) *running {
	t.Helper()
	collector := collectorFor(t, file)
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	if strings.Contains(string(raw), "oom_kill:\n    storage: file_storage\n") && len(more) == 0 {
		if f, err := os.Open("/dev/kmsg"); err != nil {
			t.Skip("NOT RUN: it reads /dev/kmsg: ", err)
		} else {
			require.NoError(t, f.Close())
		}
	}
	if strings.Contains(string(raw), "journald:") {
		if _, err := exec.LookPath("journalctl"); err != nil {
			t.Skip("NOT RUN: it runs journalctl: ", err)
		}
	}
	r := &running{said: new(output), ended: make(chan error, 1), address: map[string]string{}}
	text := listens.ReplaceAllStringFunc(string(raw), func(s string) string {
		was := strings.TrimPrefix(s, "endpoint: ")
		r.address[was] = backends.FreeAddress(t)
		return "endpoint: " + r.address[was]
	})
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	args := []string{"--config", config, "--config", "yaml:service::telemetry::metrics::level: none"}
	env := append(os.Environ(), "STATE_DIRECTORY="+filepath.Join(dir, "state"))
	if strings.Contains(text, "k8s_attributes:") {
		args = append(args, "--config", "yaml:processors::k8s_attributes::auth_type: kubeConfig")
		env = append(env, "KUBECONFIG="+cluster(t, dir))
	}
	for _, config := range more {
		args = append(args, "--config", config)
	}
	nobody := backends.FreeAddress(t)
	for _, variable := range environment {
		env = append(env, regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(variable, nobody))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "state"), 0o700))
	r.cmd = exec.Command(collector, args...)
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = env, r.said, r.said
	require.NoError(t, r.cmd.Start())
	go func() { r.ended <- r.cmd.Wait() }()
	for began := time.Now(); !strings.Contains(r.said.String(), "Everything is ready"); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-r.ended:
			t.Fatalf("it ended: %v\n%s", err, r.said)
		default:
		}
		if time.Since(began) > patience {
			_ = r.cmd.Process.Kill()
			<-r.ended
			t.Fatalf("it is not ready after %s:\n%s", patience, r.said)
		}
	}
	return r
}

// stop asks the collector to end, and waits until it has.
func (r *running) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-r.ended:
		assert.NoError(t, err, "%s", r.said)
	case <-time.After(patience):
		_ = r.cmd.Process.Kill()
		<-r.ended
		t.Errorf("it did not end within %s of SIGTERM:\n%s", patience, r.said)
	}
}

// only returns the only address that the collector listens on.
func (r *running) only(t *testing.T) string {
	t.Helper()
	addresses := slices.Collect(maps.Values(r.address))
	require.Len(t, addresses, 1)
	return addresses[0]
}

// fetch gets a path from the collector, "" while nobody answers.
func (r *running) fetch(t *testing.T, path string) string {
	t.Helper()
	response, err := http.Get("http://" + r.only(t) + path)
	if err != nil {
		return ""
	}
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return string(body)
}

// cluster starts an API server that has no pods, and returns the file that says where it is.
func cluster(t *testing.T, dir string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("watch") != "" {
			<-r.Context().Done()
			return
		}
		kind := map[string]string{"pods": "PodList", "namespaces": "NamespaceList", "replicasets": "ReplicaSetList"}[filepath.Base(r.URL.Path)]
		fmt.Fprintf(w, `{"kind":%q,"apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}`, kind)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	file := filepath.Join(dir, "kubeconfig")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, server.URL)), 0o600))
	return file
}
