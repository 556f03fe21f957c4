// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
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
	{"trigger", []string{"oom.trigger.name", "oom.trigger.pid"}},
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
	head := []string{"time unknown"}
	if lr.Timestamp() != 0 {
		head[0] = lr.Timestamp().AsTime().UTC().Format(time.RFC3339)
	}
	fmt.Fprintln(w, strings.TrimSpace(strings.Join(append(head, get("event.name"), get("host.name")), "  ")))
	fmt.Fprintln(w, wrap(lr.Body().Str(), ""))
	for _, row := range rows {
		var values []string
		for _, name := range row.names {
			if v := get(name); v != "" {
				values = append(values, v)
			}
		}
		if len(values) > 0 {
			fmt.Fprintf(w, "  %-9s  %s\n", row.word, wrap(strings.Join(values, "  "), indent))
		}
	}
	fmt.Fprintln(w)
}

// width is how many columns a block takes, words that are longer aside; indent is where its values
// stand.
const (
	width  = 100
	indent = "             "
)

// wrap breaks text between words, its further lines behind the prefix.
func wrap(text, prefix string) string {
	var b strings.Builder
	column := len(prefix)
	for i, word := range strings.Split(text, " ") {
		if i > 0 && column+1+len(word) > width {
			b.WriteString("\n" + prefix)
			column = len(prefix)
		} else if i > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
