package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// rows are the lines of a block: a word, and the attributes whose values stand behind it. A row
// without values is left out.
var rows = []struct {
	word  string
	names []string
}{
	{"why", []string{"oom.diagnosis.summary"}},
	{"do", []string{"oom.diagnosis.advice"}},
	{"limit of", []string{"oom.cgroup.path", "oom.cgroup.level"}},
	{"victim", []string{"process.title", "process.pid", "oom.victim.cgroup"}},
	{"pod", []string{"k8s.pod.uid", "oom.k8s.qos_class"}},
	{"container", []string{"container.id", "container.runtime.name"}},
	{"unit", []string{"systemd.unit.name"}},
	{"report", []string{"oom.report.id", "oom.kernel.release", "oom.report.missing"}},
	{"record", []string{"log.record.uid", "oom.trust", "oom.source"}},
}

// printRecords prints the records of one line of OTLP JSON and returns how many there were.
func printRecords(w io.Writer, line []byte) (int, error) {
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return 0, nil
	}
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(line)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				if oomlogs.IsRecord(lr) {
					printRecord(w, rl.Resource().Attributes(), lr)
					count++
				}
			}
		}
	}
	return count, nil
}

// printRecord prints one record as a block.
func printRecord(w io.Writer, resource pcommon.Map, lr plog.LogRecord) {
	get := func(name string) string {
		if v, ok := lr.Attributes().Get(name); ok {
			return v.AsString()
		}
		if v, ok := resource.Get(name); ok {
			return v.AsString()
		}
		return ""
	}
	when := "time unknown"
	if lr.Timestamp() != 0 {
		when = lr.Timestamp().AsTime().UTC().Format(time.RFC3339)
	}
	fmt.Fprintf(w, "%s  %s  %s\n%s\n", when, get("event.name"), get("host.name"), lr.Body().Str())
	for _, row := range rows {
		text := ""
		for _, name := range row.names {
			if v := get(name); v != "" {
				text += "  " + v
			}
		}
		if text != "" {
			fmt.Fprintf(w, "  %-10s%s\n", row.word, text)
		}
	}
	fmt.Fprintln(w)
}
