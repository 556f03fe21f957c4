// SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// storeLines returns what the lines of an export say: format, origin, level, uptime, time, host and
// text.
func storeLines(log string, source report.Source) (got []string) {
	d := NewDecoder(report.Auto).Trust(source)
	emit := func(l *Line) {
		wall := "-"
		if !l.Wall.IsZero() {
			wall = l.Wall.Format(time.RFC3339Nano)
		}
		origin := [...]string{"unknown", "kernel", "user"}[l.Origin]
		got = append(got, fmt.Sprintf("%s %s %d %d %s %s %q", l.Format, origin, l.Level, l.Uptime, wall, l.Host, l.Text))
	}
	for line := range strings.Lines(log) {
		d.Decode([]byte(strings.TrimSuffix(line, "\n")), emit)
	}
	d.Flush(emit)
	return got
}

// TestStoreEntries: an object that says itself that the kernel wrote its message is read, however a
// store spells that.
func TestStoreEntries(t *testing.T) {
	const at = "2024-06-10T09:15:24Z"
	for _, tt := range []struct{ name, log, want string }{
		{"Vector", `{"_TRANSPORT":"kernel","PRIORITY":"3","_SOURCE_MONOTONIC_TIMESTAMP":"7093543707","host":"node-1","message":"text","timestamp":"2024-06-10T09:15:24Z"}`,
			`journal-json unknown 3 7093543707 2024-06-10T09:15:24Z node-1 "text"`},
		{"fluentd, no underscores", `{"priority":"3","hostname":"node-1","transport":"kernel","syslog_facility":"0","source_monotonic_timestamp":"7","message":"text"}`,
			`journal-json unknown 3 7 - node-1 "text"`},
		{"Fluent Bit, lower case", `{"date":1718010924.5,"_transport":"kernel","priority":"3","_hostname":"node-1","message":"text"}`,
			`journal-json unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"Cloud Logging", `{"insertId":"a1","jsonPayload":{"_TRANSPORT":"kernel","PRIORITY":"3","_HOSTNAME":"node-1","MESSAGE":"text"},"resource":{"labels":{"node_name":"x"}},"timestamp":"2024-06-10T09:15:24Z"}`,
			`journal-json unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"Cloud Logging, the message last", `{"timestamp":"2024-06-10T09:15:24Z","jsonPayload":{"MESSAGE":"text","SYSLOG_IDENTIFIER":"kernel"}}`,
			`syslog unknown -1 0 2024-06-10T09:15:24Z  "text"`},
		{"Filebeat, ECS", `{"@timestamp":"2024-06-10T09:15:24.000Z","message":"text","log":{"syslog":{"facility":{"code":0,"name":"kernel"},"priority":3}},"process":{"name":"kernel"},"host":{"name":"x","hostname":"node-1"}}`,
			`syslog unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"Filebeat's journald input", `{"@timestamp":"2024-06-10T09:15:24.000Z","systemd":{"transport":"kernel"},"syslog":{"facility":0,"priority":4,"identifier":"kernel"},"message":"text","host":{"hostname":"node-1"}}`,
			`journal-json unknown 4 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"Elasticsearch's hit", `{"_index":"logs","_id":"1","_source":{"@timestamp":"2024-06-10T09:15:24Z","log":{"syslog":{"facility":{"name":"kern"}}},"message":"text"}}`,
			`syslog unknown -1 0 2024-06-10T09:15:24Z  "text"`},
		{"flattened", `{"@timestamp":"2024-06-10T09:15:24Z","log.syslog.facility.name":"kernel","log.syslog.priority":3,"host.hostname":"node-1","message":"text"}`,
			`syslog unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"logcli", `{"labels":{"job":"systemd-journal","transport":"kernel","hostname":"node-1"},"line":"text","timestamp":"2024-06-10T09:15:24Z"}`,
			`journal-json unknown -1 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"Grafana, pretty-printed", "[\n  {\n    \"line\": \"text\",\n    \"timestamp\": \"1718010924000000000\",\n    \"labels\": {\n      \"transport\": \"kernel\"\n    }\n  },\n  {\n    \"line\": \"more\",\n    \"labels\": {\n      \"transport\": \"kernel\"\n    }\n  }\n]",
			`journal-json unknown -1 0 2024-06-10T09:15:24Z  "text"; journal-json unknown -1 0 -  "more"`},
		{"an array, an object a line, commas", "[\n{\"transport\":\"kernel\",\"message\":\"one\"},\n{\"transport\":\"kernel\",\"message\":\"two\"}\n]",
			`journal-json unknown -1 0 -  "one"; journal-json unknown -1 0 -  "two"; none unknown -1 0 -  "]"`},
		{"an array on one line", `[{"transport":"kernel","message":"one"}, {"transport":"stdout","message":"two"}, {"transport":"kernel","message":"three"}]`,
			`journal-json unknown -1 0 -  "one"; journal-json unknown -1 0 -  "three"`},
		{"GELF", `{"version":"1.1","host":"node-1","short_message":"text","level":3,"timestamp":1718010924.25,"_facility":"kern"}`,
			`syslog unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"Azure Monitor", `{"TimeGenerated":"2024-06-10T09:15:24Z","Computer":"node-1","Facility":"kern","SeverityLevel":"err","ProcessName":"kernel","SyslogMessage":"text"}`,
			`syslog unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"VictoriaLogs", `{"_time":"2024-06-10T09:15:24Z","_stream":"{}","_msg":"text","_TRANSPORT":"kernel","_HOSTNAME":"node-1","PRIORITY":"3"}`,
			`journal-json unknown 3 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"rsyslog", `{"@timestamp":"2024-06-10T09:15:24Z","host":"node-1","severity":"err","facility":"kern","syslogtag":"kernel:","message":" text"}`,
			`syslog unknown 3 0 2024-06-10T09:15:24Z node-1 " text"`},
		{"syslog-ng", `{"PROGRAM":"kernel","PRIORITY":"err","MESSAGE":"text","HOST":"node-1","FACILITY":"kern","DATE":"Jun 10 09:15:24"}`,
			`journal-json unknown -1 0 - node-1 "text"`},
		{"Splunk", `{"preview":false,"result":{"_raw":"Jun 10 09:15:24 node-1 kernel: text","host":"x","_time":"2024-06-10T09:15:24Z"}}`,
			`syslog unknown -1 0 - node-1 "text"`},
		{"a text with its own timestamp", `{"transport":"kernel","message":"[   12.345678] text","host":"node-1","timestamp":"2024-06-10T09:15:24Z"}`,
			`dmesg unknown -1 12345678 2024-06-10T09:15:24Z node-1 "text"`},
		{"the sender's address is no host", `{"facility":"kern","host":"10.0.0.5","message":"text"}`, `syslog unknown -1 0 -  "text"`},
		{"nanoseconds", `{"transport":"kernel","line":"text","ts":"1718010924000000000"}`, `journal-json unknown -1 0 ` + at + `  "text"`},
		{"milliseconds", `{"transport":"kernel","line":"text","ts":1718010924000}`, `journal-json unknown -1 0 ` + at + `  "text"`},
		{"the journal's time before the store's", `{"transport":"kernel","message":"text","ts":"1","realtime_timestamp":"1718010924000000"}`, `journal-json unknown -1 0 ` + at + `  "text"`},
		{"a time that is none", `{"transport":"kernel","message":"text","ts":"yesterday"}`, `journal-json unknown -1 0 -  "text"`},
		{"no text", `{"transport":"kernel","message":"","ts":""}`, `journal-json unknown -1 0 -  ""`},
		{"the first text counts", `{"transport":"kernel","message":"text","labels":{"line":"other"}}`, `journal-json unknown -1 0 -  "text"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, source := range []report.Source{report.SourceNone, report.SourceJournald, report.SourceSyslog, report.SourceKmsg} {
				if got := strings.Join(storeLines(tt.log, source), "; "); got != tt.want {
					t.Errorf("%v:\ngot  %s\nwant %s", source, got, tt.want)
				}
			}
		})
	}
}

// TestQuotingObjects: an object that names another writer, or none, holds no line of the kernel's,
// whatever its message quotes.
func TestQuotingObjects(t *testing.T) {
	for _, log := range []string{
		`{"message":"text"}`,
		`{"level":"info","msg":"text"}`,
		`{"transport":"http","message":"text"}`,
		`{"transport":"stdout","syslog_identifier":"kernel","message":"text"}`,
		`{"transport":"kernel","pid":"42","syslog_identifier":"kernel","message":"text"}`,
		`{"transport":"kernel","systemd_unit":"a.service","message":"text"}`,
		`{"facility":"daemon","program":"kernel","message":"text"}`,
		`{"facility":"kern","program":"my-app","message":"text"}`,
		`{"syslog_facility":"1","transport":"kernel","message":"text"}`,
		`{"facility":"kern","kubernetes":{"pod_name":"a"},"message":"text"}`,
		`{"kubernetes":{"pod_name":"a"},"facility":"kern","message":"text"}`,
		`{"transport":"kernel","stream":"stderr","message":"text"}`,
		`{"labels":{"transport":"kernel","pod":"a"},"line":"text"}`,
		`{"process":{"name":"kernel","pid":42},"message":"text"}`,
		`{"process":{"name":"my-app"},"log":{"syslog":{"facility":{"code":0}}},"message":"text"}`,
		`{"systemd":{"transport":"kernel","unit":"a.service"},"message":"text"}`,
		`{"event":{"transport":"kernel","message":"text"}}`,
		`{"user":{"jsonPayload":{"transport":"kernel","message":"text"}}}`,
		`{"jsonPayload":{"message":"text"},"logName":"a"}`,
		`{"reason":"OOMKilling","message":"text","source":{"component":"kernel-monitor"},"involvedObject":{"kind":"Node"}}`,
		`{"message":"text","tags":["kernel"],"labels":["transport","kernel"]}`,
		`{"_SYSTEMD_UNIT":"a.service","PRIORITY":"3","MESSAGE":"text","__REALTIME_TIMESTAMP":"1783248040000000"}`,
		`{"_SYSTEMD_USER_UNIT":"a.service","PRIORITY":"3","MESSAGE":"text"}`,
		`{"_COMM":"python3","PRIORITY":"3","MESSAGE":"text"}`,
	} {
		for _, line := range storeLines(log, report.SourceJournald) {
			if !strings.HasPrefix(line, "none ") && !strings.Contains(line, " user ") {
				t.Errorf("%s\nmakes %s", log, line)
			}
		}
	}
}

// TestNestedIsUnproven: what stands in an object inside an entry proves nothing, also in a journal
// that is trusted.
func TestNestedIsUnproven(t *testing.T) {
	for _, log := range []string{
		`{"MESSAGE":"text","labels":{"transport":"kernel"}}`,
		`{"labels":{"_TRANSPORT":"kernel"},"MESSAGE":"text","PRIORITY":"3"}`,
	} {
		for _, line := range storeLines(log, report.SourceJournald) {
			if strings.Contains(line, " kernel ") {
				t.Errorf("%s\nmakes %s", log, line)
			}
		}
	}
}
