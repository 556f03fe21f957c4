// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// tableRow is a row of a report's table of tasks.
const tableRow = "[    812]     0   812     2048      512    61440        0             0 app"

// TestLostMessages: journald says in an entry of its own that it lost some of the kernel's. The
// report around it is not complete.
func TestLostMessages(t *testing.T) {
	for _, missed := range []string{"", "Missed 12 kernel messages"} {
		f, _ := newFilter(t)
		var events []fbtest.Event
		for i, text := range []string{head, tableRow, kill} {
			if i == 1 && missed != "" {
				events = append(events, fbtest.Event{Time: kmsg(42, "").At(), Record: journal(
					form.KV{Key: "MESSAGE", Value: missed}, form.KV{Key: "_TRANSPORT", Value: "driver"}, form.KV{Key: "SYSLOG_FACILITY", Value: "5"},
					form.KV{Key: "SYSLOG_IDENTIFIER", Value: "systemd-journald"}, form.KV{Key: "_SOURCE_MONOTONIC_TIMESTAMP"})})
			}
			events = append(events, fbtest.Systemd{}.Event(kmsg(42, text), "node-1"))
		}
		oom, _ := oomOf(t, runFrom(t, f, "systemd", "kernel", events...))
		if lost := oom["report_lost_records"]; (lost == int64(12)) != (missed != "") {
			t.Errorf("%q: %v records are lost", missed, lost)
		}
	}
}

// TestEscapedMessage: rsyslog sends a newline in a name as #012.
func TestEscapedMessage(t *testing.T) {
	f, _ := newFilter(t)
	text := strings.Replace(kill, "(app)", "(a#012b)", 1)
	oom, _ := oomOf(t, run(t, f, "kernel", fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "pri", Value: "3"}, {Key: "ident", Value: "kernel"}, {Key: "message", Value: text}}}))
	if oom["process_title"] != `a\x0ab` {
		t.Errorf("title %v", oom["process_title"])
	}
}
