// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestNamesInVictoriaLogs: by OTLP, names are resource attributes, and VictoriaLogs makes a stream
// of them: a pod's kills are found by its name as an index.
func TestNamesInVictoriaLogs(t *testing.T) {
	server := backends.StartVictoriaLogs(t)
	n, dir := kubelet(t), t.TempDir()
	device := filepath.Join(dir, "kmsg")
	kmsgDevice(t, device, n.log)
	config := strings.NewReplacer("ENDPOINT", server.URL+backends.OTLPLogs, "DEVICE", device, "ROOT", n.root).Replace(`receivers:
  oom_kill:
    kmsg: {path: DEVICE}
    root_path: ROOT
    report_timeout: 1s
exporters:
  otlp_http:
    logs_endpoint: ENDPOINT
  file:
    path: OUT
    flush_interval: 100ms
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [oom_kill]
      exporters: [otlp_http, file]
`)
	got, err := Collector(collectorBinary(t), dir, config, 1)
	if err != nil {
		t.Fatal(err)
	}
	checkNames(t, n.name, got, n.want)
	query := fmt.Sprintf(`"k8s.namespace.name":=%q "k8s.pod.name":=%q`, n.want["k8s.namespace.name"], n.want["k8s.pod.name"])
	entry := server.WaitFor(t, query, 1)[0]
	for name, want := range namesOf(n.want) {
		if name == "body" {
			name = "_msg"
		}
		if entry[name] != want {
			t.Errorf("%s is %q, want %q", name, entry[name], want)
		}
	}
	for _, name := range []string{"k8s.namespace.name", "k8s.pod.name", "k8s.container.name", "k8s.pod.uid", "container.id", "container.image.name"} {
		if want := fmt.Sprintf("%s=%q", name, n.want[name]); !strings.Contains(strings.ReplaceAll(entry["_stream"], `"`+name+`"=`, name+"="), want) {
			t.Errorf("the stream %s lacks %s", entry["_stream"], want)
		}
	}
}
