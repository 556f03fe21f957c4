// SPDX-License-Identifier: Apache-2.0

//go:build linux

package container

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/oomtrail/oomtrail/conformance/deploy/charts"
)

// rendered renders a chart that an environment variable names, and gives a node its ConfigMaps.
func rendered(t *testing.T, variable, values string, node *Node) *corev1.PodSpec {
	t.Helper()
	chart := os.Getenv(variable)
	if chart == "" {
		t.Skipf("NOT RUN: %s does not name a directory with the chart", variable)
	}
	objects, err := charts.Render(chart, "oom", "oomtrail", filepath.Join(deploy, values))
	if err != nil {
		t.Fatal(err)
	}
	return podOf(t, objects, node)
}

func podOf(t *testing.T, objects []metav1.Object, node *Node) *corev1.PodSpec {
	t.Helper()
	node.ConfigMaps = map[string]map[string]string{}
	for _, object := range objects {
		if m, ok := object.(*corev1.ConfigMap); ok {
			node.ConfigMaps[m.Name] = m.Data
		}
	}
	return daemonSet(t, objects)
}

// library is a line of ldd.
var library = regexp.MustCompile(`(?m)(/\S+) \(0x`)

// fluentBit makes a root file system like that of the official image, of a program on this machine.
func fluentBit(t *testing.T) Image {
	t.Helper()
	program := os.Getenv("FLUENT_BIT")
	if program == "" {
		t.Skip("NOT RUN: FLUENT_BIT does not name a program")
	}
	root := t.TempDir()
	libraries, err := exec.Command("ldd", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"/fluent-bit/bin/fluent-bit": program}
	for _, m := range library.FindAllStringSubmatch(string(libraries), -1) {
		files[m[1]] = m[1]
		if filepath.Base(m[1]) != "libc.so.6" {
			continue
		}
		// The rest of the C library's package, which the official image has as a whole.
		for _, name := range []string{"libpthread.so.0", "libdl.so.2", "libresolv.so.2"} {
			path := filepath.Join(filepath.Dir(m[1]), name)
			files[path] = path
		}
	}
	for target, source := range files {
		content, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(target)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, target), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "fluent-bit/etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "fluent-bit/etc/parsers.conf"), []byte("[PARSER]\n    Name json\n    Format json\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return Image{Root: root, Config: v1.Config{User: "0:0", Env: []string{"PATH=/bin"}}}
}

// printed is a record of a kill as Fluent Bit prints it.
type printed struct {
	Message string
	OOM     map[string]any `json:"oom"`
}

// recordOf reports whether a line is the record of the kill of a process of the pod.
func recordOf(pid int, line string) (record printed, ok bool) {
	ok = json.Unmarshal([]byte(line), &record) == nil && record.OOM["process_pid"] == float64(pid) && record.OOM["container_id"] == containerID &&
		record.OOM["event_name"] == "oom.kill"
	return record, ok
}

// TestFluentBit: the init container brings the plugin, and Fluent Bit prints the kill. The next pod
// goes on where it was.
func TestFluentBit(t *testing.T) {
	ready(t)
	node := newNode(t)
	pod := rendered(t, "FLUENT_BIT_CHART", "fluent-bit/values.yaml", &node)
	program, dir := fluentBit(t), t.TempDir()
	initial := start(t, dir, pod, &pod.InitContainers[0], unpack(t, "oomtrail-fluent-bit"), node)
	if code, said := initial.end(); code != 0 {
		t.Fatalf("the init container ends with %d: %s", code, said)
	}
	t.Logf("%q", initial.lines())
	prints := func(r *running, pid int) {
		r.until("the kill", func(line string) bool {
			record, ok := recordOf(pid, line)
			if !ok {
				return false
			}
			t.Log(record.Message)
			for name, want := range map[string]any{
				"host_name": "node-7", "k8s_pod_name": "cart-0", "k8s_namespace_name": "shop", "k8s_container_name": "app", "trust": "verified",
			} {
				if record.OOM[name] != want {
					t.Errorf("%s is %v, want %v", name, record.OOM[name], want)
				}
			}
			return true
		})
		if code, said := r.stop(); code != 0 {
			t.Errorf("it ends with %d: %s", code, said)
		}
	}
	first := start(t, dir, pod, &pod.Containers[0], program, node)
	during := kill(t)
	prints(first, during)
	after := kill(t)
	second := start(t, dir, pod, &pod.Containers[0], program, node)
	prints(second, after)
	for _, line := range second.lines() {
		if _, again := recordOf(during, line); again {
			t.Errorf("printed twice: %s", line)
		}
	}
	for _, name := range []string{"oom_kill.cursor", "storage"} {
		if _, err := os.Stat(filepath.Join(node.Dir, "var/lib/oomtrail-fluent-bit", name)); err != nil {
			t.Errorf("the node does not keep it: %v", err)
		}
	}
}

// apiServer answers as a Kubernetes API server without objects does, and gives a node its service
// account.
func apiServer(t *testing.T, node *Node) {
	t.Helper()
	ended := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("watch") != "" {
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-ended:
			}
			return
		}
		name := path.Base(r.URL.Path)
		kind := map[string]string{
			"pods": "PodList", "namespaces": "NamespaceList", "replicasets": "ReplicaSetList", "jobs": "JobList", "deployments": "DeploymentList",
			"statefulsets": "StatefulSetList", "daemonsets": "DaemonSetList", "nodes": "NodeList",
		}[name]
		group := strings.TrimPrefix(strings.TrimPrefix(path.Dir(r.URL.Path), "/apis/"), "/api/")
		if kind == "" {
			http.Error(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`, http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": kind, "apiVersion": group, "metadata": map[string]any{"resourceVersion": "1"}, "items": []any{}})
	}))
	t.Cleanup(func() { close(ended); server.Close() })
	node.ServiceAccount = t.TempDir()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, content := range map[string]string{"token": "token", "namespace": "oomtrail", "ca.crt": string(certificate)} {
		if err := os.WriteFile(filepath.Join(node.ServiceAccount, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	node.Env = append(node.Env, "KUBERNETES_SERVICE_PORT="+port)
}

// backend takes OTLP by HTTP and keeps it.
type backend struct {
	mu     sync.Mutex
	bodies [][]byte
}

func (b *backend) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		body, _ = io.ReadAll(z)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bodies = append(b.bodies, append([]byte(r.URL.Path+" "), body...))
}

// collector starts the one container of a collector's pod, has a process killed, and waits for the
// record at the backend.
func collector(t *testing.T, pod *corev1.PodSpec, node Node, endpoint string) {
	t.Helper()
	collectorOf(t, pod, node, endpoint, unpack(t, "otelcol-oom"), func() int { return kill(t) })
	if kept, err := os.ReadDir(filepath.Join(node.Dir, "var/lib/otelcol-oom")); err != nil || len(kept) == 0 {
		t.Errorf("the node keeps no state: %v, %v", kept, err)
	}
}

// collectorOf does the same with an image, and with the kill that is given.
func collectorOf(t *testing.T, pod *corev1.PodSpec, node Node, endpoint string, image Image, kill func() int) {
	t.Helper()
	apiServer(t, &node)
	b := &backend{}
	server := httptest.NewServer(b)
	defer server.Close()
	c := &pod.Containers[0]
	for i := range c.Env {
		if c.Env[i].Name == endpoint {
			c.Env[i].Value = server.URL + "/otlp"
			if endpoint == "LOKI_URL" {
				c.Env[i].Value = server.URL
			}
		}
	}
	dir := t.TempDir()
	r := start(t, dir, pod, c, image, node)
	probe := "http://127.0.0.1:13133/"
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		if answer, err := http.Get(probe); err == nil && answer.StatusCode == http.StatusOK {
			break
		}
		select {
		case <-r.read:
			t.Fatalf("it has ended: %s", r.errors.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the probe %s finds nothing: %s", probe, r.errors.String())
		}
	}
	kill()
	want := []string{"/otlp/v1/logs", "oom.kill", "cart-0", "node-7", podUID, containerID, "in container app of pod shop/cart-0"}
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		if b.has(want) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing with %q arrives: %q\n%s", want, b.bodies, r.errors.String())
		}
	}
	if code, said := r.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, said)
	}
}

// has reports whether one body holds all of some texts.
func (b *backend) has(texts []string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, body := range b.bodies {
		found := true
		for _, text := range texts {
			found = found && bytes.Contains(body, []byte(text))
		}
		if found {
			return true
		}
	}
	return false
}

// TestCollector: the pod of the plain manifests sends a kill.
func TestCollector(t *testing.T) {
	ready(t)
	node := newNode(t)
	text, err := os.ReadFile(filepath.Join(deploy, "collector/collector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	pod := readManifest(t, "collector/daemonset.yaml")
	node.ConfigMaps = map[string]map[string]string{"otelcol-oom": {"collector.yaml": string(text)}}
	collector(t, pod, node, "LOKI_URL")
}

// TestCollectorImage: by itself, with its own configuration, the image prints a kill.
func TestCollectorImage(t *testing.T) {
	ready(t)
	yes, root := true, int64(0)
	c := corev1.Container{
		Name:            "alone",
		SecurityContext: &corev1.SecurityContext{Privileged: &yes, RunAsUser: &root, ReadOnlyRootFilesystem: &yes},
		VolumeMounts:    []corev1.VolumeMount{{Name: "kmsg", MountPath: "/dev/kmsg"}, {Name: "state", MountPath: "/var/lib/otelcol-oom"}},
	}
	pod := &corev1.PodSpec{Containers: []corev1.Container{c}, Volumes: []corev1.Volume{
		{Name: "kmsg", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/dev/kmsg"}}},
		{Name: "state", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}}
	r := start(t, t.TempDir(), pod, &c, unpack(t, "otelcol-oom"), newNode(t))
	pid := kill(t)
	r.until("the kill", func(line string) bool { return strings.Contains(line, fmt.Sprintf("(%d)", pid)) })
	if code, said := r.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, said)
	}
}

// TestCollectorChart: so does that of the official chart.
func TestCollectorChart(t *testing.T) {
	ready(t)
	node := newNode(t)
	pod := rendered(t, "OTEL_CHART", "opentelemetry-collector/values.yaml", &node)
	collector(t, pod, node, "OTLP_ENDPOINT")
}
