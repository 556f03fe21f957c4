// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
)

const collectorPath = "build/otelcol-oom-slim/otelcol-oom-slim"

// ways are what reads the same file: the receiver; file_log with the processor, which is how the
// processor gets a file's lines from stanza, the library that file_log and journald are made of;
// and file_log with a regex_parser that drops all but the kill line. In config, LOG is the file,
// and OUT is what the records go to.
var ways = []struct{ name, config string }{
	{"oom_kill receiver", `
receivers:
  oom_kill: {source: file, file: {include: [LOG]}, start_at: beginning}
service:
  pipelines:
    logs: {receivers: [oom_kill], exporters: [file]}
`},
	{"file_log, oom_kill processor", `
receivers:
  file_log: {include: [LOG], start_at: beginning}
processors:
  oom_kill: {mode: only}
service:
  pipelines:
    logs: {receivers: [file_log], processors: [oom_kill], exporters: [file]}
`},
	{"file_log, regex_parser", `
receivers:
  file_log:
    include: [LOG]
    start_at: beginning
    operators:
      - {type: regex_parser, on_error: send_quiet, regex: 'Killed process (?P<pid>\d+) \((?P<comm>.*)\)'}
      - {type: filter, expr: 'attributes.pid == nil'}
service:
  pipelines:
    logs: {receivers: [file_log], exporters: [file]}
`},
}

// rest is the rest of each configuration.
const rest = `
  telemetry: {metrics: {level: none}}
exporters:
  file: {path: OUT, flush_interval: 10ms}
`

// measureCollector lets the slim collector read one file in each way, from the start of the program
// to the record of the kill at the file's end. What a file of two lines costs, the program's start,
// is taken off the time of a gigabyte.
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
	log, one := filepath.Join(dir, "kern.log"), filepath.Join(dir, "one.log")
	if err := os.WriteFile(log, w.Log, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(one, w.Log[bytes.LastIndexByte(w.Log[:bytes.Index(w.Log, []byte("Killed"))], '\n')+1:], 0o600); err != nil {
		return err
	}
	fmt.Printf("\nThe slim collector reads a file of %d lines, %.0f MB, from its start to the record of the kill at the end\n", lines, float64(len(w.Log))/1e6)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tCPU s per GB\tCPU ns a line, start included\tstart to record, s\tpeak memory, MB\tof a file of two lines: start to record, s\tpeak memory, MB\t")
	for _, way := range ways {
		var perGB, perLine, walls, peaks, starts, idle []float64
		for range max(3, rounds/5) {
			start, err := collect(dir, way.config, one)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			all, err := collect(dir, way.config, log)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			perGB = append(perGB, (all.cpu-start.cpu).Seconds()*1e9/float64(len(w.Log)))
			perLine = append(perLine, float64(all.cpu.Nanoseconds())/float64(lines))
			peaks, idle = append(peaks, all.peakMB), append(idle, start.peakMB)
			walls, starts = append(walls, all.wall.Seconds()), append(starts, start.wall.Seconds())
		}
		fmt.Fprintf(table, "%s\t%.2f\t%.0f\t%.2f\t%.0f\t%.2f\t%.0f\t\n", way.name, median(perGB), median(perLine), median(walls), median(peaks), median(starts), median(idle))
	}
	return table.Flush()
}

// used is what one run of the collector took: until its record was there, and in all.
type used struct {
	wall, cpu time.Duration
	peakMB    float64 // resident
}

// collect runs the collector until its exporter has written something.
func collect(dir, config, log string) (used, error) {
	out, file := filepath.Join(dir, "out.json"), filepath.Join(dir, "config.yaml")
	_ = os.Remove(out)
	if err := os.WriteFile(file, []byte(strings.NewReplacer("LOG", log, "OUT", out).Replace(config+rest)), 0o600); err != nil {
		return used{}, err
	}
	var said strings.Builder
	cmd := exec.Command(collectorPath, "--config", file)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return used{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return used{}, err
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
	wall := time.Since(began)
	peak := peakMB(cmd.Process.Pid)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	<-drained
	_ = cmd.Wait()
	if time.Since(began) > 2*time.Minute {
		return used{}, fmt.Errorf("no record within two minutes: %s", said.String())
	}
	state := cmd.ProcessState
	return used{wall, state.UserTime() + state.SystemTime(), peak}, nil
}

// peakMB returns the most resident memory that a running process has had. The rusage of a process
// that has ended counts what its parent had, too.
func peakMB(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return math.NaN()
	}
	for line := range strings.Lines(string(status)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
			return kB * 1024 / 1e6
		}
	}
	return math.NaN()
}
