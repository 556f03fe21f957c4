// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

const bareKill = "Memory cgroup out of memory: Killed process 42 (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"

// TestTimeOfALine: a kill is dated by its line's own stamp, not by when that was read; it was
// observed when the line was.
func TestTimeOfALine(t *testing.T) {
	read := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	for what, tc := range map[string]struct {
		line, location, want, assumed string
		logged                        time.Time
	}{
		"kern.log":              {"Nov 14 12:00:00 n kernel: [    9.000000] " + bareKill, "Europe/Berlin", "2023-11-14T11:00:00Z", "zone,year", time.Time{}},
		"last year":             {"Dec 31 23:59:59 n kernel: [    9.000000] " + bareKill, "UTC", "2022-12-31T23:59:59Z", "zone,year", time.Time{}},
		"a year guessed wrong":  {"Dec 31 23:59:59 n kernel: [    9.000000] " + bareKill, "UTC", "2022-12-31T23:59:59Z", "zone,year", time.Date(2023, 12, 31, 23, 59, 59, 0, time.UTC)},
		"dmesg -T":              {"[Tue Nov 14 12:00:00 2023] " + bareKill, "America/New_York", "2023-11-14T17:00:00Z", "zone", time.Time{}},
		"a stamp that says all": {"2023-11-14T12:00:00+05:30 n kernel: " + bareKill, "UTC", "2023-11-14T06:30:00Z", "", time.Time{}},
		"no stamp":              {"[    9.000000] " + bareKill, "UTC", "2023-11-14T20:00:00Z", "", time.Date(2023, 11, 14, 20, 0, 0, 0, time.UTC)},
	} {
		t.Run(what, func(t *testing.T) {
			ld := plog.NewLogs()
			lr := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
			lr.Body().SetStr(tc.line)
			lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(read))
			if !tc.logged.IsZero() {
				lr.SetTimestamp(pcommon.NewTimestampFromTime(tc.logged))
			}
			ours, _ := split(run(t, func(c *Config) { c.Location = tc.location }, ld)...)
			require.Len(t, ours, 1)
			assert.Equal(t, tc.want, ours[0].lr.Timestamp().AsTime().Format(time.RFC3339Nano))
			assert.Equal(t, read, ours[0].lr.ObservedTimestamp().AsTime())
			assumed, _ := ours[0].attrs["oom.time.assumed"].(string)
			assert.Equal(t, tc.assumed, assumed)
		})
	}
}

// TestTimeOfTheMachine: without the setting a stamp is in the machine's own zone.
func TestTimeOfTheMachine(t *testing.T) {
	was := time.Local
	defer func() { time.Local = was }()
	time.Local = time.FixedZone("", -5*60*60)
	ours, _ := split(run(t, nil, fromHost("n", "Nov 14 12:00:00 n kernel: [    9.000000] "+bareKill))...)
	require.Len(t, ours, 1)
	assert.Equal(t, "2023-11-14T17:00:00Z", ours[0].lr.Timestamp().AsTime().Format(time.RFC3339))
}

// TestTimeOfAClosedReport: a report that a later line closes, or the next report's first, is dated
// and observed as its own newest line, and stands under that line's resource.
func TestTimeOfAClosedReport(t *testing.T) {
	read := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	lines := captured(t, "kill.kmsg")
	kill := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "Killed process") })
	require.Positive(t, kill)
	later := func(line string) string { // an hour of the kernel's time, and far on in its ring
		prio, _, usec, text := kernelText(t, line)
		return fmt.Sprintf("%d,900000,%d,-;%s", prio, usec+3600e6, text)
	}
	for what, closing := range map[string]string{
		"another line":    later("6,1,1,-;usb 1-1: new device"),
		"the next report": later(lines[0]),
	} {
		t.Run(what, func(t *testing.T) {
			batch := func(at time.Time, lines ...string) plog.Logs {
				ld := fromHost("node-1", lines...)
				ld.ResourceLogs().At(0).Resource().Attributes().PutStr("read", at.Format(time.TimeOnly))
				for _, lr := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
					lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(at))
				}
				return ld
			}
			ours, _ := split(run(t, func(c *Config) { c.ReportTimeout = time.Hour / 2 },
				batch(read, lines[:kill-1]...), batch(read.Add(time.Hour), closing))...)
			require.Len(t, ours, 1)
			assert.Equal(t, read, ours[0].lr.ObservedTimestamp().AsTime())
			assert.Equal(t, read, ours[0].lr.Timestamp().AsTime())
			assert.Equal(t, read.Format(time.TimeOnly), ours[0].resource["read"])
		})
	}
}
