package oomkillprocessor

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// A form puts a line of /dev/kmsg into a log record the way some receiver or parser does.
type form func(t testing.TB, lr plog.LogRecord, line string)

// journald is what the journald receiver makes of a kernel line.
func journald(t testing.TB, lr plog.LogRecord, line string) {
	prio, _, usec, text := kernelText(t, line)
	require.NoError(t, lr.Body().SetEmptyMap().FromRaw(map[string]any{
		"MESSAGE": text, "PRIORITY": strconv.Itoa(int(prio % 8)), "_TRANSPORT": "kernel", "SYSLOG_FACILITY": strconv.Itoa(int(prio / 8)),
		"SYSLOG_IDENTIFIER": "kernel", "_SOURCE_MONOTONIC_TIMESTAMP": strconv.Itoa(int(usec)), "__MONOTONIC_TIMESTAMP": strconv.Itoa(int(usec) + 40),
		"_BOOT_ID": "0123456789abcdef0123456789abcdef", "_MACHINE_ID": "fedcba9876543210fedcba9876543210", "_HOSTNAME": "node-1",
		"__CURSOR": "s=1;i=" + strconv.Itoa(int(usec)),
	}))
	lr.SetTimestamp(pcommon.NewTimestampFromTime(observed))
}

func TestForms(t *testing.T) {
	attribute := func(c *Config) { c.Attribute = "text" }
	for name, tc := range map[string]struct {
		put      form
		change   func(*Config)
		verified string
	}{
		"text":      {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetStr(line) }, nil, "unverified"},
		"bytes":     {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetEmptyBytes().FromRaw([]byte(line)) }, nil, "unverified"},
		"attribute": {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Attributes().PutStr("text", line) }, attribute, "unverified"},
		"parsed into message": {func(_ testing.TB, lr plog.LogRecord, line string) {
			lr.Body().SetEmptyMap().PutStr("message", line)
		}, nil, "unverified"},
		"a container's log": {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetEmptyMap().PutStr("log", line) }, nil, "unverified"},
		"journald receiver": {journald, nil, "unverified"},
		"journald receiver, message not UTF-8": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			m, _ := lr.Body().Map().Get("MESSAGE")
			text := m.Str()
			numbers := m.SetEmptySlice()
			for i := range len(text) {
				numbers.AppendEmpty().SetDouble(float64(text[i]))
			}
		}, nil, "unverified"},
		"journal entry as text": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			raw, err := json.Marshal(lr.Body().Map().AsRaw())
			require.NoError(t, err)
			lr.Body().SetStr(string(raw))
		}, nil, "unverified"},
		"journal entry in an attribute": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			lr.Body().Map().CopyTo(lr.Attributes().PutEmptyMap("text"))
			lr.Body().SetStr("see text")
		}, attribute, "unverified"},
		"Fluent Bit's in_kmsg": {func(t testing.TB, lr plog.LogRecord, line string) {
			prio, seq, usec, text := kernelText(t, line)
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(map[string]any{
				"priority": prio % 8, "sequence": seq, "sec": usec / 1e6, "usec": usec % 1e6, "msg": text,
			}))
		}, nil, "unverified"},
	} {
		t.Run(name, func(t *testing.T) {
			ld := plog.NewLogs()
			records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
			for _, line := range captured(t, "kill.kmsg") {
				tc.put(t, records.AppendEmpty(), line)
			}
			ours, _ := split(run(t, tc.change, ld)...)
			require.Len(t, ours, 1)
			assertKill(t, ours[0])
			assert.Equal(t, tc.verified, ours[0].attrs["oom.trust"])
			assert.Equal(t, uidOfKill(t), ours[0].attrs["log.record.uid"], "the same kill has the same id whichever way it came")
		})
	}
}

// uidOfKill returns the id of the kill in testdata/kill.kmsg.
func uidOfKill(t *testing.T) any {
	ours, _ := split(run(t, nil, fromHost("x", captured(t, "kill.kmsg")...))...)
	require.Len(t, ours, 1)
	return ours[0].attrs["log.record.uid"]
}

func TestJournalEntryTimeIsTheRecords(t *testing.T) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, line := range captured(t, "kill.kmsg") {
		journald(t, records.AppendEmpty(), line)
	}
	ours, _ := split(run(t, nil, ld)...)
	require.Len(t, ours, 1)
	assert.Equal(t, observed, ours[0].lr.Timestamp().AsTime())
	assert.Equal(t, "node-1", ours[0].resource["host.name"])
	assert.Equal(t, "fedcba9876543210fedcba9876543210", ours[0].resource["host.id"])
}

// TestFakedJournalEntries: journald calls kernel whatever it read from /dev/kmsg; the facility tells who wrote it.
func TestFakedJournalEntries(t *testing.T) {
	for name, change := range map[string]func(pcommon.Map){
		"written to /dev/kmsg":   func(m pcommon.Map) { m.PutStr("SYSLOG_FACILITY", "1") },
		"sent to syslog":         func(m pcommon.Map) { m.PutStr("_TRANSPORT", "syslog") },
		"a service's own output": func(m pcommon.Map) { m.PutStr("_TRANSPORT", "stdout"); m.Remove("SYSLOG_FACILITY") },
	} {
		ld := plog.NewLogs()
		records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for _, line := range captured(t, "kill.kmsg") {
			lr := records.AppendEmpty()
			journald(t, lr, line)
			change(lr.Body().Map())
		}
		ours, others := split(run(t, nil, ld)...)
		assert.Empty(t, ours, name)
		assert.Len(t, others, records.Len(), name)
	}
}

func TestSeveralLinesInOneBody(t *testing.T) {
	text := ""
	for _, line := range captured(t, "kill.kmsg") {
		text += line + "\n"
	}
	ours, others := split(run(t, nil, fromHost("node-1", text))...)
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
	assert.Len(t, others, 1)

	ours, others = split(run(t, func(c *Config) { c.Mode = modeReplace }, fromHost("node-1", text), fromHost("node-2", text+"6,9000,11000000,-;after\n"))...)
	assert.Len(t, ours, 2)
	assert.Len(t, others, 1, "a body that holds more than the report stays")
}

func TestJournalsOfTwoHostsWithoutAResource(t *testing.T) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, line := range captured(t, "kill.kmsg") {
		for _, host := range []string{"node-1", "node-2"} {
			lr := records.AppendEmpty()
			journald(t, lr, line)
			lr.Body().Map().PutStr("_HOSTNAME", host)
		}
	}
	ours, _ := split(run(t, nil, ld)...)
	require.Len(t, ours, 2)
	for i, host := range []string{"node-1", "node-2"} {
		assertKill(t, ours[i])
		assert.Equal(t, host, ours[i].resource["host.name"])
	}
}

// TestLogServer: the lines of many hosts stand among each other in one file, told apart by what syslog wrote.
func TestLogServer(t *testing.T) {
	const hosts = 20
	var lines []string
	for _, line := range captured(t, "kill.kmsg") {
		_, _, usec, text := kernelText(t, line)
		for h := range hosts {
			lines = append(lines, fmt.Sprintf("2026-11-21T08:00:00.000000+00:00 node-%d kernel: [%5d.%06d] %s", h, usec/1e6, usec%1e6, text))
		}
	}
	for _, size := range []int{1, 7, len(lines)} {
		var batches []plog.Logs
		for from := 0; from < len(lines); from += size {
			batches = append(batches, fromHost("log-server", lines[from:min(from+size, len(lines))]...))
		}
		ours, others := split(run(t, nil, batches...)...)
		assert.Equal(t, lines, others)
		kills := map[any]int{}
		for _, r := range ours {
			assertKill(t, r)
			kills[r.resource["host.name"]]++
		}
		assert.Len(t, kills, hosts, "batches of %d", size)
		assert.Len(t, ours, hosts, "batches of %d", size)
	}
}
