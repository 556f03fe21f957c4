// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestAuthorOf: what a line says of its writer, and that journald's fields alone make it trusted.
func TestAuthorOf(t *testing.T) {
	decode := func(source TrustedSource, line string) (a string, trusted bool) {
		format.NewDecoder(report.Auto).Trust(source).Decode([]byte(line), func(l *format.Line) {
			by := authorOf(l)
			a, trusted = by.Program+"|"+by.Unit+"|"+by.Comm+"|"+by.Transport+"|"+by.Get("UNIT"), by.Trusted
			if !by.HasPID || by.PID != 1 {
				t.Errorf("%s: pid %d, %t", line, by.PID, by.HasPID)
			}
		})
		return a, trusted
	}
	const entry = `{"_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd","_PID":"1","_UID":"0","_COMM":"systemd","_SYSTEMD_UNIT":"init.scope","UNIT":"a.service","MESSAGE":"x"}`
	const syslog = "May  2 10:00:01 node-1 systemd[1]: x"
	for _, test := range []struct {
		source     TrustedSource
		line, want string
		trusted    bool
	}{
		{TrustedJournald, entry, "systemd|init.scope|systemd|journal|a.service", true},
		{TrustedNone, entry, "systemd|init.scope|systemd|journal|a.service", false},
		{TrustedSyslog, syslog, "systemd||||", false},
	} {
		if got, trusted := decode(test.source, test.line); got != test.want || trusted != test.trusted {
			t.Errorf("%s: %q, trusted %t", test.line, got, trusted)
		}
	}
}
