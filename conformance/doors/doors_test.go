package doors

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/captures"
)

const (
	testdata  = "../../testdata/captures"
	collector = "../../build/otelcol-oom-slim/otelcol-oom-slim"
)

func load(t *testing.T) []*captures.Capture {
	t.Helper()
	list, err := captures.Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// check compares a door's records with the parser's own.
func check(t *testing.T, got []Record, list []*captures.Capture, carrier string) {
	t.Helper()
	want, err := Expected(list, carrier)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 {
		t.Fatal("no records")
	}
	differences := Compare(got, want)
	for i, d := range differences {
		if i == 20 {
			t.Errorf("… %d more", len(differences)-i)
			break
		}
		t.Error(d)
	}
	t.Logf("%d records, all of them expected: %v", len(got), len(differences) == 0)
}

// withSyslog leaves out the captures that hold no syslog(2) text.
func withSyslog(list []*captures.Capture) (some []*captures.Capture) {
	for _, c := range list {
		if c.Syslog != nil {
			some = append(some, c)
		}
	}
	return some
}

func TestCommandLine(t *testing.T) {
	program := filepath.Join(t.TempDir(), "oomtrail")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/oomtrail").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	list := load(t)
	var got []Record
	for _, c := range list {
		cmd := exec.Command(program, "parse")
		cmd.Stdin = bytes.NewReader(c.Kmsg)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out) {
			r, err := FromJSON(line)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
	}
	check(t, got, list, "kmsg")
}

// needCollector returns the path of the built collector.
func needCollector(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(collector)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no collector at %s: run `make collector-slim` first", collector)
	}
	return path
}

// copies writes the captures' logs to files NAME.log of a directory.
func copies(t *testing.T, list []*captures.Capture, log func(*captures.Capture) []byte) string {
	t.Helper()
	dir := t.TempDir()
	for _, c := range list {
		name := strings.ReplaceAll(c.Name(), "/", "_") + ".log"
		if err := os.WriteFile(filepath.Join(dir, name), log(c), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func kmsg(c *captures.Capture) []byte   { return c.Kmsg }
func syslog(c *captures.Capture) []byte { return c.Syslog }

// count returns how many records are expected.
func count(t *testing.T, list []*captures.Capture, carrier string) int {
	t.Helper()
	want, err := Expected(list, carrier)
	if err != nil {
		t.Fatal(err)
	}
	return len(want)
}

const telemetryOff = `
  telemetry:
    metrics:
      level: none
`

func TestReceiverFile(t *testing.T) {
	list := load(t)
	dir := copies(t, list, kmsg)
	config := fmt.Sprintf(`
receivers:
  oom_kill:
    source: file
    include: [%q]
    format: kmsg
    start_at: beginning
    report_timeout: 1s
exporters:
  file:
    path: OUT
    flush_interval: 100ms
service:%s
  pipelines:
    logs:
      receivers: [oom_kill]
      exporters: [file]
`, dir+"/*.log", telemetryOff)
	got, err := Collector(needCollector(t), t.TempDir(), config, count(t, list, "kmsg"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, list, "kmsg")
}

const fileLogPipeline = `
receivers:
  file_log:
    include: [%q]
    start_at: beginning
    include_file_path: true
    preserve_leading_whitespaces: true
    preserve_trailing_whitespaces: true
    encoding: nop
processors:
%s
exporters:
  file:
    path: OUT
    flush_interval: 100ms
service:%s
  pipelines:
    logs:
      receivers: [file_log]
      processors: [%s]
      exporters: [file]
`

func TestProcessor(t *testing.T) {
	list := withSyslog(load(t))
	dir := copies(t, list, syslog)
	config := fmt.Sprintf(fileLogPipeline, dir+"/*.log", "  oom_kill:\n    mode: only\n    report_timeout: 1s", telemetryOff, "oom_kill")
	got, err := Collector(needCollector(t), t.TempDir(), config, count(t, list, "syslog"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, list, "syslog")
}

// TestTwoDoorsInARow: what one door has made passes the next one untouched, and counts once.
func TestTwoDoorsInARow(t *testing.T) {
	list := withSyslog(load(t))
	dir := copies(t, list, syslog)
	config := fmt.Sprintf(fileLogPipeline, dir+"/*.log", "  oom_kill/first:\n    report_timeout: 1s\n  oom_kill/second:\n    mode: append\n    report_timeout: 1s", telemetryOff, "oom_kill/first, oom_kill/second")
	got, err := Collector(needCollector(t), t.TempDir(), config, count(t, list, "syslog"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, list, "syslog")
}
