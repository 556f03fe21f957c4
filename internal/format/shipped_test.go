// SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// decodeShipped decodes the lines of a log whose carrier is guessed.
func decodeShipped(log string) (got []string) {
	d := NewDecoder(report.Auto)
	emit := func(l *Line) {
		got = append(got, fmt.Sprintf("%s %d %s %s %q", l.Format, l.Uptime, l.Host, l.Tag, l.Text))
	}
	for line := range strings.Lines(log) {
		d.Decode([]byte(strings.TrimSuffix(line, "\n")), emit)
	}
	d.Flush(emit)
	return got
}

// TestShipped: what log shippers and consoles put around a line is taken off.
func TestShipped(t *testing.T) {
	tests := []struct{ name, log, want string }{
		{"filebeat", `{"@timestamp":"2026-01-02T03:04:05.678Z","log":{"offset":7},"message":"Jan  2 03:04:05 node-1 kernel: [   12.345678] text","host":{"name":"x"}}`,
			`syslog 12345678 node-1 kernel "text"`},
		{"logcli", `{"labels":{"job":"k"},"line":"[   12.345678] text","timestamp":"2026-01-02T03:04:05Z"}`, `dmesg 12345678   "text"`},
		{"logcli's own format", `2026-01-02T03:04:05Z {detected_level="unknown"} [   12.345678] text`, `dmesg 12345678   "text"`},
		{"the same with the host", `2026-01-02T03:04:05Z {host="node-1", job="a \"} b"} [   12.345678] text`, `dmesg 12345678 node-1  "text"`},
		{"the same without labels", `2026-01-02T03:04:05+01:00 {} Jan  2 03:04:05 node-2 kernel: text`, `syslog 0 node-2 kernel "text"`},
		{"Cloud Logging", `{"textPayload":"[   12.345678] text","timestamp":"2026-01-02T03:04:05Z"}`, `dmesg 12345678   "text"`},
		{"an event that quotes the kernel", `{"reason":"OOMKilling","message":"text","type":"Warning"}`, `none 0   "{\"reason\":\"OOMKilling\",\"message\":\"text\",\"type\":\"Warning\"}"`},
		{"a source line is none", `{"line":7,"log":{"offset":7},"message":"[   12.345678] text"}`, `dmesg 12345678   "text"`},
		{"short-monotonic without a host", "[   12.345678] kernel: one\n[   12.345679] kernel:  two", `syslog 12345678  kernel "one"; syslog 12345679  kernel " two"`},
		{"the same with others", "[    1.000001] kernel: one\n[    1.000002] kernel: two\n[    1.000003] kernel: three\n[    1.000004] app[7]: four\n[    1.000005] app: five\n[    1.000006] app[7]: six\n[    1.000007] kernel: seven",
			`syslog 1000001  kernel "one"; syslog 1000002  kernel "two"; syslog 1000003  kernel "three"; syslog 1000004  app "four"; syslog 1000005  app "five"; syslog 1000006  app "six"; syslog 1000007  kernel "seven"`},
		{"a console that returns first", "\r[   12.345678] text", `dmesg 12345678   "text"`},
		{"a stamp with a web page's blanks", "[&nbsp;&nbsp; 12.345678] one&nbsp; two", `dmesg 12345678   "one  two"`},
		{"a quoted line with a web page's blanks", ">>> \u00a0\u00a0 [   12.345678] one\u00a0 two", `dmesg 12345678   "one  two"`},
		{"padded to a terminal's width", "[   12.345678] text" + strings.Repeat(" ", 40), `dmesg 12345678   "text"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(decodeShipped(tt.log), "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
