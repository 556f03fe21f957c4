// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
)

const collectorPath = "build/otelcol-oom-slim/otelcol-oom-slim"

// The same file read by the receiver, and by filelog with a regex_parser that drops all but the
// kill line.
const (
	ourReceiver = `
receivers:
  oom_kill: {source: file, file: {include: [%s]}, start_at: beginning}
exporters:
  file: {path: %s, flush_interval: 10ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [oom_kill], exporters: [file]}
`
	fileLog = `
receivers:
  filelog:
    include: [%s]
    start_at: beginning
    operators:
      - {type: regex_parser, on_error: send_quiet, regex: 'Killed process (?P<pid>\d+) \((?P<comm>.*)\)'}
      - {type: filter, expr: 'attributes.pid == nil'}
exporters:
  file: {path: %s, flush_interval: 10ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [filelog], exporters: [file]}
`
)

// measureCollector lets the slim collector read one file in both ways, from the start of the
// program to the record of the kill at the file's end.
func measureCollector(rounds int) error {
	if _, err := os.Stat(collectorPath); err != nil {
		fmt.Printf("\nCollector: not measured (%v): run make collector-slim first\n", err)
		return nil
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w := ordinary.NewWriter(ordinary.Syslog, 7)
	w.Ordinary(500_000)
	w.Line(3, "Memory cgroup out of memory: Killed process 7 (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0")
	w.Ordinary(1)
	lines := bytes.Count(w.Log, []byte{'\n'})
	log, empty := filepath.Join(dir, "kern.log"), filepath.Join(dir, "one.log")
	if err := os.WriteFile(log, w.Log, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(empty, w.Log[bytes.LastIndexByte(w.Log[:bytes.Index(w.Log, []byte("Killed"))], '\n')+1:], 0o600); err != nil {
		return err
	}
	fmt.Printf("\nThe slim collector reads a file of %d lines, %.0f MB: from its start to the record of the kill at the end\n", lines, float64(len(w.Log))/1e6)
	for _, way := range []struct{ name, config string }{{"oom_kill receiver", ourReceiver}, {"filelog with regex_parser", fileLog}} {
		var walls, cpus, starts []float64
		for range max(3, rounds/5) {
			start, _, err := collect(dir, way.config, empty)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			wall, cpu, err := collect(dir, way.config, log)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			starts = append(starts, start.Seconds())
			walls, cpus = append(walls, (wall-start).Seconds()), append(cpus, cpu.Seconds())
		}
		fmt.Printf("%26s: %.3g million lines/s, %.2f s of processor time in all, %.0f ns a line; with a file of two lines %.2f s\n",
			way.name, float64(lines)/max(median(walls), 1e-3)/1e6, median(cpus), median(cpus)*1e9/float64(lines), median(starts))
	}
	return nil
}

// collect runs the collector until its exporter has written something.
func collect(dir, config, log string) (wall, cpu time.Duration, err error) {
	out, file := filepath.Join(dir, "out.json"), filepath.Join(dir, "config.yaml")
	_ = os.Remove(out)
	if err := os.WriteFile(file, []byte(fmt.Sprintf(config, log, out)), 0o600); err != nil {
		return 0, 0, err
	}
	var said strings.Builder
	cmd := exec.Command(collectorPath, "--config", file)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for s := bufio.NewScanner(pipe); s.Scan(); {
			said.WriteString(s.Text() + "\n")
		}
	}()
	for {
		if info, err := os.Stat(out); err == nil && info.Size() > 0 {
			break
		}
		if time.Since(began) > 2*time.Minute {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	wall = time.Since(began)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	<-drained
	_ = cmd.Wait()
	if time.Since(began) > 2*time.Minute {
		return 0, 0, fmt.Errorf("no record within two minutes: %s", said.String())
	}
	return wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
