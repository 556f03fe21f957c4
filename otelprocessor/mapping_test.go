// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// TestNamesOfTheProgram: the program and the facility are known by the names of every parser that
// the Fluent Bit filter knows.
func TestNamesOfTheProgram(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"Logstash's":       {"program": "evil"},
		"rsyslog's":        {"app-name": "evil"},
		"rsyslog's tag":    {"syslogtag": "evil:"},
		"Vector's":         {"appname": "evil", "procid": 12},
		"two facilities":   {"SYSLOG_FACILITY": []any{"0", "1"}},
		"in_systemd's":     {"TRANSPORT": "stdout"},
		"another process":  {"syslogtag": "kernel:", "procid": "12"},
		"another facility": {"facility_label": "user"},
	} {
		for form, ld := range withFields(t, killLine, fields) {
			ours, _ := split(run(t, nil, ld)...)
			assert.Empty(t, ours, "%s, %s", name, form)
		}
	}
}

// TestFacilityOfSomethingElse: a facility that is none of syslog's takes no kill away, and nothing
// is proven beside it.
func TestFacilityOfSomethingElse(t *testing.T) {
	for form, ld := range withFields(t, "<3>[    1.000000] "+killLine, map[string]any{"facility": "Frankfurt"}) {
		ours, _ := split(run(t, func(c *Config) { c.TrustedSource = "syslog" }, ld)...)
		if assert.Len(t, ours, 1, form) {
			assert.Equal(t, "unverified", ours[0].attrs["oom.trust"], form)
		}
	}
}

// TestRenamedJournalEntry: Fluent Bit's in_systemd can write the names of an entry's fields in
// lower case and without underscores.
func TestRenamedJournalEntry(t *testing.T) {
	for name, rename := range map[string]func(string) string{
		"lower case": strings.ToLower,
		"stripped":   func(s string) string { return strings.TrimLeft(s, "_") },
		"both":       func(s string) string { return strings.ToLower(strings.TrimLeft(s, "_")) },
	} {
		for trusted, want := range map[string]string{"": "unverified", "journald": "verified"} {
			ld := plog.NewLogs()
			records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
			for _, line := range captured(t, "kill.kmsg") {
				lr := records.AppendEmpty()
				journald(t, lr, line)
				entry := pcommon.NewMap()
				for name, v := range lr.Body().Map().All() {
					v.CopyTo(entry.PutEmpty(rename(name)))
				}
				entry.CopyTo(lr.Body().Map())
			}
			ours, _ := split(run(t, func(c *Config) { c.TrustedSource = trusted }, ld)...)
			require.Len(t, ours, 1, name)
			assert.Equal(t, uidOfKill(t), ours[0].attrs["log.record.uid"], name)
			assert.Equal(t, want, ours[0].attrs["oom.trust"], name)
			assert.Equal(t, "node-1", ours[0].resource["host.name"], name)
		}
	}
}

// TestTimeOfInKmsg: Fluent Bit's in_kmsg dates its records by the boot clock, which drifts.
func TestTimeOfInKmsg(t *testing.T) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, line := range captured(t, "kill.kmsg") {
		lr := records.AppendEmpty()
		prio, seq, usec, text := kernelText(t, line)
		require.NoError(t, lr.Body().SetEmptyMap().FromRaw(map[string]any{"priority": prio % 8, "sequence": seq, "sec": usec / 1e6, "usec": usec % 1e6, "msg": text}))
		lr.SetTimestamp(pcommon.NewTimestampFromTime(observed))
	}
	ours, _ := split(run(t, nil, ld)...)
	require.Len(t, ours, 1)
	assert.Equal(t, observed, ours[0].lr.Timestamp().AsTime())
	assert.Equal(t, "boot_clock", ours[0].attrs["oom.time.assumed"])
}

// BenchmarkJournal is the path of what the journald receiver brings: a report, and entries about
// something else.
func BenchmarkJournal(b *testing.B) {
	for name, lines := range map[string][]string{"report": captured(b, "kill.kmsg"), "ordinary": {"6,947,10083000,-;usb 1-1: new device"}} {
		ld := fromHost("node-1", lines...)
		for i, lr := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			journald(b, lr, lines[i])
		}
		b.Run(name, func(b *testing.B) {
			p := start(b, consumertest.NewNop(), func(c *Config) { c.TrustedSource = "journald" })
			b.ReportAllocs()
			for b.Loop() {
				_ = p.ConsumeLogs(context.Background(), ld)
			}
		})
	}
}
