// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestCSV: the rows of a table are read when they have a header of the kernel's, or a column says
// that the kernel wrote them.
func TestCSV(t *testing.T) {
	for _, tt := range []struct{ name, log, want string }{
		{"Grafana", "time,line\n2026-11-29T09:00:10Z,\"Nov 29 09:00:10 node-1 kernel: text, more\"", `syslog unknown -1 0 - node-1 "text, more"`},
		{"Grafana's columns", "\"Time\",\"Line\",\"tsNs\",\"id\"\n\"2026-11-29 09:00:10.000\",\"[   12.345678] say \"\"text\"\"\",\"1\",\"x\"", `dmesg unknown -1 12345678 -  "say \"text\""`},
		{"Kibana", "\ufeff\"@timestamp\",\"log.syslog.facility.name\",message\r\n\"2024-06-10T09:15:24Z\",kern,\"text\"\r", `syslog unknown -1 0 2024-06-10T09:15:24Z  "text"`},
		{"CloudWatch", "@timestamp,@message\n2024-06-10T09:15:24Z,[   12.345678] text", `dmesg unknown -1 12345678 2024-06-10T09:15:24Z  "text"`},
		{"Splunk", "\"_time\",host,\"_raw\"\n\"2024-06-10T09:15:24Z\",x,\"Nov 29 09:00:10 node-1 kernel: text\"", `syslog unknown -1 0 - node-1 "text"`},
		{"Cloud Logging", "timestamp,jsonPayload._TRANSPORT,jsonPayload.MESSAGE\n2024-06-10T09:15:24Z,kernel,text", `journal-json unknown -1 0 2024-06-10T09:15:24Z  "text"`},
		{"semicolons", "timestamp;transport;hostname;message\n2024-06-10T09:15:24Z;kernel;node-1;text", `journal-json unknown -1 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"tabs", "TimeGenerated\tFacility\tComputer\tSyslogMessage\n2024-06-10T09:15:24Z\tkern\tnode-1\ttext", `syslog unknown -1 0 2024-06-10T09:15:24Z node-1 "text"`},
		{"commas that nobody quoted", "time,line\n2026-11-29T09:00:10Z,[   12.345678] text, more, and more", `dmesg unknown -1 12345678 2026-11-29T09:00:10Z  "text, more, and more"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(storeLines(tt.log, report.SourceJournald), "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestNoCSV: rows of a table in which others write, and lines that are no rows, hold no line of the
// kernel's.
func TestNoCSV(t *testing.T) {
	for _, log := range []string{
		"time,message\n2024-06-10T09:15:24Z,text",
		"time,transport,message\n2024-06-10T09:15:24Z,stdout,text",
		"time,facility,program,message\n2024-06-10T09:15:24Z,kern,my-app,text",
		"time,transport,pod,message\n2024-06-10T09:15:24Z,kernel,a,text",
		"time,transport,message\n2024-06-10T09:15:24Z,kernel,\"text",
		"time,transport,message\n2024-06-10T09:15:24Z,kernel",
		"time,transport,message\n2024-06-10T09:15:24Z,\"kernel\"x,text",
		"a line\ntime,transport,message\n2024-06-10T09:15:24Z,kernel,text",
		"time,transport\n2024-06-10T09:15:24Z,kernel",
	} {
		for _, line := range storeLines(log, report.SourceJournald) {
			if !strings.HasPrefix(line, "none ") && !strings.Contains(line, " user ") {
				t.Errorf("%q\nmakes %s", log, line)
			}
		}
	}
}
