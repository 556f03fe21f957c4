// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/parser"
)

func TestProcessor(t *testing.T) {
	list := withSyslog(load(t))
	throughPipeline(t, []component{fileLog(copies(t, list, Syslog))}, []component{processor("oom_kill", "only")}, expected(t, list, Syslog, parser.Options{}))
}

// TestTwoProcessorsInARow: what one frontend has made passes the next one untouched, and counts
// once.
func TestTwoProcessorsInARow(t *testing.T) {
	list := withSyslog(load(t))
	throughPipeline(t, []component{fileLog(copies(t, list, Syslog))},
		[]component{processor("oom_kill/first", "append"), processor("oom_kill/second", "append")}, expected(t, list, Syslog, parser.Options{}))
}

// TestNodeAndGateway: the processor on a node makes the records, OTLP carries them and the lines to
// a gateway, whose processor knows them for what they are: each kill counts once. Both pipelines
// run in one collector, with a real OTLP connection between.
func TestNodeAndGateway(t *testing.T) {
	list := withSyslog(load(t))
	address := backends.FreeAddress(t)
	node, gateway := fileLog(copies(t, list, Syslog)), processor("oom_kill/gateway", "append")
	config := strings.NewReplacer("ADDRESS", address, "FILELOG", node.settings, "PROCESSOR", gateway.settings).Replace(`receivers:
  file_log:
FILELOG
  otlp:
    protocols:
      http: {endpoint: ADDRESS}
processors:
  oom_kill/node:
PROCESSOR
  oom_kill/gateway:
PROCESSOR
exporters:
  otlp_http:
    endpoint: http://ADDRESS
    sending_queue: {num_consumers: 1}
  file:
    path: OUT
    flush_interval: 100ms
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs/gateway:
      receivers: [otlp]
      processors: [oom_kill/gateway]
      exporters: [file]
    logs/node:
      receivers: [file_log]
      processors: [oom_kill/node]
      exporters: [otlp_http]
`)
	want := expected(t, list, Syslog, parser.Options{})
	got, err := Collector(collectorBinary(t), t.TempDir(), config, len(want))
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, want)
}
