// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// orderedGateway is otelprocessor/examples/gateway.yaml with another backend and another port.
const orderedGateway = `
receivers:
  otlp:
    protocols:
      grpc: {endpoint: @LISTEN@}
processors:
  oom_kill:
    stream: [host.name, host.id, k8s.node.name]
exporters:
  otlp_http:
    logs_endpoint: @BACKEND@` + backends.OTLPLogs + `
    compression: none
service:
  telemetry:
    metrics: {level: none}
  pipelines:
    logs:
      receivers: [otlp]
      processors: [oom_kill]
      exporters: [otlp_http]
`

// manyConsumers is a node that reads @DIR@/kern.log and sends it with the exporter's defaults: ten
// consumers, in no order.
const manyConsumers = `
receivers:
  file_log:
    include: ["@DIR@/kern.log"]
    start_at: beginning
    resource: {host.name: @NODE@}
exporters:
  otlp:
    endpoint: @GATEWAY@
    tls: {insecure: true}
service:
  telemetry:
    metrics: {level: none}
  pipelines:
    logs:
      receivers: [file_log]
      exporters: [otlp]
`

// TestManyConsumers: two nodes send their kills with the exporter's defaults through a gateway:
// each kill once, with its own report, and none that never was.
func TestManyConsumers(t *testing.T) {
	t.Parallel()
	server := backends.StartVictoriaLogs(t)
	address := backends.FreeAddress(t)
	gateway := collector(t, t.TempDir(), server.URL, strings.ReplaceAll(orderedGateway, "@LISTEN@", address))
	gateway.Start(t)
	gateway.Ready(t, patience)
	var kills []string
	for _, name := range []string{"a", "b"} {
		k, dir := NewKernLog(name), t.TempDir()
		var lines [][]byte
		for i := range 184 {
			lines = append(lines, k.Kill(kinds[i%2])...)
		}
		kills = append(kills, k.Kills...)
		write(t, filepath.Join(dir, "kern.log"), join(lines))
		node := collector(t, dir, server.URL, strings.NewReplacer("@GATEWAY@", address, "@NODE@", name).Replace(manyConsumers))
		node.Start(t)
		defer node.Stop(t)
	}
	row := settle(t, gateway, server, byName, kills, 0)
	mixed := strings.Count(string(gateway.Said()), "come out of order")
	row.Scenario = "two nodes with ten consumers each through one gateway"
	incomplete := count(t, server, `"event.name":="oom.kill" "oom.report.complete":="false"`)
	others := count(t, server, `"event.name":* !"event.name":="oom.kill"`)
	row.Note = fmt.Sprintf("%d not complete, %d false records, warned %d times, %s", incomplete, others, mixed, peak(gateway))
	if row.Repeated != 0 || incomplete != 0 || others != 0 {
		t.Errorf("%d records came twice, %d kills are not complete, %d records are of no kill", row.Repeated, incomplete, others)
	}
	report(t, gateway, row, 0)
}
