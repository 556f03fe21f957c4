// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestWall: the second line of a message to all terminals has host and time of the first.
func TestWall(t *testing.T) {
	const head = "Message from syslogd@web1 at Jun 10 09:15:24 ...\n"
	for _, tt := range []struct{ name, log, want string }{
		{"rsyslog", head + " kernel:text", `syslog unknown -1 0 - web1 "text"`},
		{"a space behind the tag", head + " kernel: text", `syslog unknown -1 0 - web1 "text"`},
		{"the kernel's timestamp", head + " kernel:[   12.345678] text", `syslog unknown -1 12345678 - web1 "text"`},
		{"no indent, carriage returns", strings.ReplaceAll(head, "\n", "\r\n") + "kernel:text\r", `syslog unknown -1 0 - web1 "text"`},
		{"a time with its zone", "Message from syslogd@web1 at 2024-06-10T09:15:24+02:00 ...\n kernel:text", `syslog unknown -1 0 2024-06-10T07:15:24Z web1 "text"`},
		{"another message behind it", head + " kernel:text\n\n" + head + " kernel:more", `syslog unknown -1 0 - web1 "more"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines := storeLines(tt.log, report.SourceNone)
			if got := lines[len(lines)-1]; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if !strings.Contains(lines[0], " user ") {
				t.Errorf("the first line is %s", lines[0])
			}
		})
	}
}

// TestNoWall: without its first line, and from another program, the second line has neither host
// nor time.
func TestNoWall(t *testing.T) {
	for _, log := range []string{
		" kernel:text",
		"Message from syslogd@web1 at Jun 10 09:15:24 ...\n\n kernel:text",
		"Message from syslogd@web1 at Jun 10 09:15:24 ...\n sshd[812]:text",
		"Message from syslogd@web1 at noon ...\n kernel:text",
		"Message from syslogd@web1 at Jun 10 09:15:24 and more\n kernel:text",
		"Message from syslogd@ at Jun 10 09:15:24 ...\n kernel:text",
		"Message from syslogd@web1 at \n kernel:text",
		"Message from syslogd@web1",
	} {
		lines := storeLines(log, report.SourceNone)
		if got := lines[len(lines)-1]; strings.Contains(got, " web1 ") && strings.HasSuffix(got, `"text"`) {
			t.Errorf("%q makes %s", log, got)
		}
	}
}
