// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

var (
	full  = flag.Bool("full", false, "run every scenario, as long as it takes to believe it")
	table Table
)

func TestMain(m *testing.M) {
	kmsgtest.BeHog()
	flag.Parse()
	_ = flag.Set("test.parallel", "6") // they mostly wait
	code := m.Run()
	table.Print(os.Stdout)
	os.Exit(code)
}

// times is how often something is done: in `make conformance`, and in `make faults`.
func times(short, long int) int {
	if *full {
		return long
	}
	return short
}

// needFull skips a scenario that takes too long for `make conformance`.
func needFull(t *testing.T) {
	t.Helper()
	if !*full {
		t.Skip("run with -full, as `make faults` does")
	}
}

const binary = "../../../build/otelcol-oom-slim/otelcol-oom-slim"

// collector returns a collector with a configuration in which @DIR@ stands for a directory of its
// own, @STATE@ for one that its storage is in, and @BACKEND@ for the address of the backend.
func collector(t *testing.T, dir, backend, config string) *Process {
	t.Helper()
	path, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no collector at %s: run `make collector-slim` first", binary)
	}
	state := filepath.Join(dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "collector.yaml")
	config = strings.NewReplacer("@DIR@", dir, "@STATE@", state, "@BACKEND@", backend).Replace(config)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return NewProcess(t, dir, path, "--config", file)
}

// fileToBackend is the collector of a node that reads @DIR@/kern.log.
const fileToBackend = `
receivers:
  oom_kill:
    source: file
    file: {include: ["@DIR@/kern.log"], poll_interval: 20ms}
    start_at: beginning
    storage: file_storage
    report_timeout: 1s
    retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}
` + toBackend

// toBackend is the rest of its configuration, with a queue on disk.
const toBackend = `
exporters:
  otlp_http:
    logs_endpoint: @BACKEND@` + backends.OTLPLogs + `
    compression: none
    timeout: 1s
` + queueOnDisk + `
extensions:
  file_storage:
    directory: "@STATE@"
    timeout: 5s
service:
  telemetry:
    metrics: {level: none}
  extensions: [file_storage]
  pipelines:
    logs:
      receivers: [oom_kill]
      exporters: [otlp_http]
`

const queueOnDisk = `    retry_on_failure: {initial_interval: 50ms, max_interval: 200ms, max_elapsed_time: 0}
    sending_queue:
      storage: file_storage
`

// withoutQueue changes a configuration so that the exporter does not accept what it has not sent.
func withoutQueue(config string) string {
	return strings.Replace(config, queueOnDisk, "    retry_on_failure: {enabled: false}\n    sending_queue: {enabled: false}\n", 1)
}

// write appends lines to a log.
func write(t *testing.T, path string, lines ...[]byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(join(lines)); err != nil {
		t.Fatal(err)
	}
}

// settle waits for the records of all kills but some, stops the process, and tells what is there in
// the end.
func settle(t *testing.T, p *Process, server *backends.VictoriaLogs, m Match, kills []string, but int) Row {
	t.Helper()
	Await(t, server, m, kills, but)
	p.Stop(t)
	time.Sleep(time.Second) // what was taken can be queried a moment later
	row, err := Tally(kills, Arrived(t, server, m))
	if err != nil {
		t.Error(err)
	}
	return row
}

// report adds a row to the table. allowed is how many kills may be lost in this scenario.
func report(t *testing.T, p *Process, row Row, allowed int) {
	t.Helper()
	table.Add(row)
	if row.Kills == 0 || row.Lost != allowed {
		t.Errorf("%s: %d of %d kills have no record, expected %d:\n%s", row.Scenario, row.Lost, row.Kills, allowed, p.Tail())
	}
	if p.Peak > memoryBound {
		t.Errorf("%s: the process had %d MiB resident, the bound is %d MiB", row.Scenario, p.Peak>>20, memoryBound>>20)
	}
}

// memoryBound is how much a collector may have resident in any scenario: 16 MiB of buffer_size, 32
// MiB at most for the open reports of a stream, what the exporter's queue holds, and the Go
// runtime, which lets the heap grow to its double.
const memoryBound = 256 << 20

// peak tells the most memory of a process for the table.
func peak(p *Process) string { return fmt.Sprintf("peak RSS %d MiB", p.Peak>>20) }
