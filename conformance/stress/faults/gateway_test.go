// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// gateway is a collector that takes OTLP at @LISTEN@ and refuses what its backend refuses, so that
// the sender sends it again.
const gateway = `
receivers:
  otlp:
    protocols:
      http: {endpoint: @LISTEN@}
processors:
  oom_kill:
    report_timeout: 1m
exporters:
  otlp_http:
    logs_endpoint: @BACKEND@` + backends.OTLPLogs + `
    compression: none
    retry_on_failure: {enabled: false}
    sending_queue: {enabled: false}
service:
  telemetry:
    metrics: {level: none}
  pipelines:
    logs:
      receivers: [otlp]
      processors: [oom_kill]
      exporters: [otlp_http]
`

// startGateway runs a gateway and returns where it takes logs.
func startGateway(t *testing.T, backend string) (p *Process, url string) {
	t.Helper()
	address := backends.FreeAddress(t)
	p = collector(t, t.TempDir(), backend, strings.ReplaceAll(gateway, "@LISTEN@", address))
	p.Start(t)
	p.Ready(t, patience)
	return p, "http://" + address + "/v1/logs"
}

// batch collects lines of hosts until they are sent.
type batch struct {
	url   string
	logs  plog.Logs
	lines int
	// again counts how often it was sent once more.
	again *atomic.Int64
}

// add adds a line of a host.
func (b *batch) add(host string, line []byte) {
	if b.lines == 0 {
		b.logs = plog.NewLogs()
	}
	rl := b.logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("host.name", host)
	rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(string(bytes.TrimSpace(line)))
	b.lines++
}

// send sends what there is until it is accepted.
func (b *batch) send() error {
	if b.lines == 0 {
		return nil
	}
	b.lines = 0
	body, err := (&plog.ProtoMarshaler{}).MarshalLogs(b.logs)
	if err != nil {
		return err
	}
	for range 1000 {
		res, err := http.Post(b.url, "application/x-protobuf", bytes.NewReader(body))
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
		if res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests {
			return fmt.Errorf("the gateway answers %s", res.Status)
		}
		b.again.Add(1)
	}
	return fmt.Errorf("refused a thousand times")
}

// TestGateway: the reports of many hosts, line by line among each other, through one processor
// whose next component fails every third batch: each kill once.
func TestGateway(t *testing.T) {
	t.Parallel()
	hosts, senders, perBatch := times(100, 1000), 8, 50
	server := backends.StartVictoriaLogs(t)
	gate := backends.NewGate(t, server.URL)
	p, url := startGateway(t, gate.URL)
	gate.Set(backends.Fault{Status: http.StatusServiceUnavailable, Every: 3})
	logs := make([]*KernLog, hosts)
	lines := make([][][]byte, hosts)
	var kills []string
	for i := range hosts {
		logs[i] = NewKernLog(fmt.Sprintf("n%d", i))
		lines[i] = logs[i].Kill(kinds[i%2])
		kills = append(kills, logs[i].Kills...)
	}
	var again atomic.Int64
	var sent atomic.Int64
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			b := &batch{url: url, again: &again}
			for at, more := 0, true; more; at++ {
				more = false
				for i := s; i < hosts; i += senders {
					if at >= len(lines[i]) {
						continue
					}
					more = true
					b.add(logs[i].Host, lines[i][at])
					sent.Add(1)
					if b.lines == perBatch {
						if err := b.send(); err != nil {
							t.Error(err)
							return
						}
					}
				}
			}
			if err := b.send(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	gate.Set(backends.Fault{})
	row := settle(t, p, server, byName, kills, 0)
	row.Scenario = fmt.Sprintf("%d hosts line by line through one gateway, every third batch refused", hosts)
	row.Note = fmt.Sprintf("%d batches sent again, %s", again.Load(), peak(p))
	if row.Repeated != 0 || again.Load() == 0 {
		t.Errorf("%d records came twice, %d batches were sent again", row.Repeated, again.Load())
	}
	if n := count(t, server, `!"event.name":*`); n != int(sent.Load()) {
		t.Errorf("%d lines passed, %d were sent", n, sent.Load())
	}
	incomplete := count(t, server, `"event.name":="oom.kill" "oom.report.complete":="false"`)
	if incomplete != 0 {
		t.Errorf("%d records are not complete", incomplete)
	}
	report(t, p, row, 0)
}

// count returns how many entries a query finds.
func count(t *testing.T, server *backends.VictoriaLogs, query string) (n int) {
	t.Helper()
	for _, entry := range server.Query(t, query+" | count() n") {
		fmt.Sscan(entry["n"], &n)
	}
	return n
}

// TestHostBehind: a host whose clock is three hours behind another's, through one gateway.
func TestHostBehind(t *testing.T) {
	t.Parallel()
	server := backends.StartVictoriaLogs(t)
	p, url := startGateway(t, server.URL)
	kills := sendHostBehind(t, url, times(20, 200))
	row := settle(t, p, server, byName, kills, 0)
	row.Scenario = "a host three hours behind another, one gateway"
	row.Note = peak(p)
	if row.Repeated != 0 {
		t.Errorf("%d records came twice", row.Repeated)
	}
	report(t, p, row, 0)
}

// sendHostBehind sends n kills of each of two hosts, line by line in turn, of which one's clock is
// three hours behind.
func sendHostBehind(t *testing.T, url string, n int) []string {
	t.Helper()
	ahead, behind := NewKernLog("ahead"), NewKernLog("behind")
	behind.Now = ahead.Now.Add(-3 * time.Hour)
	b := &batch{url: url, again: new(atomic.Int64)}
	for range n {
		a, z := ahead.Any(), behind.Any()
		for i := range max(len(a), len(z)) {
			if i < len(a) {
				b.add(ahead.Host, a[i])
			}
			if i < len(z) {
				b.add(behind.Host, z[i])
			}
		}
		if err := b.send(); err != nil {
			t.Fatal(err)
		}
	}
	return append(ahead.Kills, behind.Kills...)
}
