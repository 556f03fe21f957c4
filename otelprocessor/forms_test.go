// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// A shape puts a line of /dev/kmsg into a log record the way some receiver or parser does.
type shape func(t testing.TB, lr plog.LogRecord, line string)

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

// syslogMessage returns what a syslog daemon sends of a kernel line, with the fields that the
// syslog receiver makes of it.
func syslogMessage(t testing.TB, line string) (raw string, fields map[string]any) {
	prio, _, usec, text := kernelText(t, line)
	message := fmt.Sprintf("[%5d.%06d] %s", usec/1e6, usec%1e6, text)
	return fmt.Sprintf("<%d>1 2026-11-21T08:00:00.25Z node-1 kernel - - - %s", prio%8, message), map[string]any{
		"priority": prio % 8, "facility": 0, "facility_text": "kern", "version": 1, "hostname": "node-1", "appname": "kernel", "message": message,
	}
}

// syslogReceiver is what the syslog receiver makes of a kernel line.
func syslogReceiver(t testing.TB, lr plog.LogRecord, line string) {
	raw, fields := syslogMessage(t, line)
	require.NoError(t, lr.Attributes().FromRaw(fields))
	lr.Body().SetStr(raw)
	lr.SetTimestamp(pcommon.NewTimestampFromTime(observed))
}

// inSyslog is the record that Fluent Bit's in_syslog makes of a kernel line.
func inSyslog(t testing.TB, line string) map[string]any {
	_, fields := syslogMessage(t, line)
	return map[string]any{"pri": strconv.Itoa(int(fields["priority"].(int64))), "host": "node-1", "ident": "kernel", "message": fields["message"]}
}

// TestForms: the kill is found in each form, and verified under the one trusted source that gives
// that form.
func TestForms(t *testing.T) {
	attribute := func(c *Config) { c.Attribute = "text" }
	str := func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetStr(line) }
	inContainer := func(name string, value any) shape {
		return func(t testing.TB, lr plog.LogRecord, line string) {
			lr.Body().SetStr(line)
			require.NoError(t, lr.Attributes().PutEmpty(name).FromRaw(value))
		}
	}
	for name, tc := range map[string]struct {
		put      shape
		change   func(*Config)
		verifies string // the trusted source under which the record is verified, "" for none
	}{
		"text":      {str, nil, "kmsg"},
		"bytes":     {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetEmptyBytes().FromRaw([]byte(line)) }, nil, "kmsg"},
		"attribute": {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Attributes().PutStr("text", line) }, attribute, "kmsg"},
		"parsed into message": {func(_ testing.TB, lr plog.LogRecord, line string) {
			lr.Body().SetEmptyMap().PutStr("message", line)
		}, nil, "kmsg"},
		"parsed into log":               {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetEmptyMap().PutStr("log", line) }, nil, "kmsg"},
		"parsed into an attribute":      {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Attributes().PutStr("message", line) }, nil, "kmsg"},
		"text with a newline behind it": {func(_ testing.TB, lr plog.LogRecord, line string) { lr.Body().SetStr(line + "\n") }, nil, "kmsg"},

		"a container's log":                    {inContainer("log.iostream", "stdout"), nil, ""},
		"a container's log, by its file":       {inContainer("log.file.path", "/var/log/pods/shop_cart-0_1/app/0.log"), nil, ""},
		"a container's log, by Fluent Bit":     {inContainer("kubernetes", map[string]any{"pod_name": "cart-0"}), nil, ""},
		"a container's log, by Docker":         {inContainer("container_name", "/cart"), nil, ""},
		"a container's log, by Docker, a map":  {inContainer("docker", map[string]any{"id": "1"}), nil, ""},
		"a container's log, by its pod":        {inContainer("k8s.pod.name", "cart-0"), nil, ""},
		"a container's log with its own words": {inContainer("stream", "kernel"), nil, ""},
		"a container's log in a map": {func(_ testing.TB, lr plog.LogRecord, line string) {
			lr.Body().SetEmptyMap().PutStr("log", line)
			lr.Body().Map().PutStr("stream", "stderr")
		}, nil, ""},

		"journald receiver": {journald, nil, "journald"},
		"journald receiver, message not UTF-8": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			m, _ := lr.Body().Map().Get("MESSAGE")
			text := m.Str()
			numbers := m.SetEmptySlice()
			for i := range len(text) {
				numbers.AppendEmpty().SetDouble(float64(text[i]))
			}
		}, nil, "journald"},
		"journal entry as text": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			raw, err := json.Marshal(lr.Body().Map().AsRaw())
			require.NoError(t, err)
			lr.Body().SetStr(string(raw))
		}, nil, ""},
		"journal entry in an attribute": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			lr.Body().Map().CopyTo(lr.Attributes().PutEmptyMap("text"))
			lr.Body().SetStr("see text")
		}, attribute, "journald"},
		"journal entry in attributes": {func(t testing.TB, lr plog.LogRecord, line string) { // Fluent Bit's in_systemd, forwarded
			journald(t, lr, line)
			lr.Body().Map().CopyTo(lr.Attributes())
			pcommon.NewValueEmpty().CopyTo(lr.Body())
		}, nil, "journald"},
		"journal entry of a container's log": {func(t testing.TB, lr plog.LogRecord, line string) {
			journald(t, lr, line)
			lr.Body().Map().PutStr("CONTAINER_NAME", "cart")
		}, nil, ""},

		"syslog receiver": {syslogReceiver, nil, "syslog"},
		"syslog receiver, counted octets": {func(t testing.TB, lr plog.LogRecord, line string) {
			syslogReceiver(t, lr, line)
			raw := lr.Body().Str()
			lr.Body().SetStr(fmt.Sprintf("%d %s", len(raw), raw))
		}, nil, "syslog"},
		"syslog receiver, message moved into the body": {func(t testing.TB, lr plog.LogRecord, line string) {
			syslogReceiver(t, lr, line)
			message, _ := lr.Attributes().Get("message")
			message.CopyTo(lr.Body())
			lr.Attributes().Remove("message")
		}, nil, "syslog"},
		"syslog receiver, no body": {func(t testing.TB, lr plog.LogRecord, line string) {
			syslogReceiver(t, lr, line)
			pcommon.NewValueEmpty().CopyTo(lr.Body())
		}, nil, "syslog"},
		"syslog_parser into the body": {func(t testing.TB, lr plog.LogRecord, line string) {
			_, fields := syslogMessage(t, line)
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(fields))
		}, nil, "syslog"},
		"syslog_parser, numbers through JSON": {func(t testing.TB, lr plog.LogRecord, line string) {
			_, fields := syslogMessage(t, line)
			fields["facility"], fields["priority"] = 0.0, float64(fields["priority"].(int64))
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(fields))
		}, nil, "syslog"},
		"syslog_parser, no priority": {func(t testing.TB, lr plog.LogRecord, line string) {
			_, fields := syslogMessage(t, line)
			for _, name := range []string{"priority", "facility", "facility_text"} {
				delete(fields, name)
			}
			require.NoError(t, lr.Attributes().FromRaw(fields))
			lr.Body().SetStr(fields["message"].(string))
		}, nil, ""},
		"a syslog file": {func(t testing.TB, lr plog.LogRecord, line string) {
			raw, _ := syslogMessage(t, line)
			_, text, _ := strings.Cut(raw, " - - - ")
			lr.Body().SetStr("2026-11-21T08:00:00.250000+00:00 node-1 kernel: " + text)
		}, nil, ""},
		"Fluent Bit's in_syslog": {func(t testing.TB, lr plog.LogRecord, line string) {
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(inSyslog(t, line)))
		}, nil, "syslog"},
		"Fluent Bit's in_syslog, forwarded": {func(t testing.TB, lr plog.LogRecord, line string) {
			fields := inSyslog(t, line)
			lr.Body().SetStr(fields["message"].(string))
			delete(fields, "message")
			require.NoError(t, lr.Attributes().FromRaw(fields))
		}, nil, "syslog"},
		"Fluent Bit's in_kmsg": {func(t testing.TB, lr plog.LogRecord, line string) { // it masks the facility off
			prio, seq, usec, text := kernelText(t, line)
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(map[string]any{
				"priority": prio % 8, "sequence": seq, "sec": usec / 1e6, "usec": usec % 1e6, "msg": text,
			}))
		}, nil, ""},
		"our input of Fluent Bit": {func(t testing.TB, lr plog.LogRecord, line string) {
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(inOwn(t, line)))
		}, nil, "kmsg"},
		"our input of Fluent Bit, numbers through JSON": {func(t testing.TB, lr plog.LogRecord, line string) {
			fields := inOwn(t, line)
			for name, value := range fields {
				if n, ok := value.(int64); ok {
					fields[name] = float64(n)
				}
			}
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(fields))
		}, nil, "kmsg"},
		"our input of Fluent Bit, forwarded": {func(t testing.TB, lr plog.LogRecord, line string) {
			require.NoError(t, lr.Attributes().FromRaw(inOwn(t, line)))
		}, nil, "kmsg"},
		"our input of Fluent Bit, a facility that is none": {func(t testing.TB, lr plog.LogRecord, line string) {
			fields := inOwn(t, line)
			fields["facility"] = "Frankfurt"
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(fields))
		}, nil, ""},
		"our input of Fluent Bit, in a container's log": {func(t testing.TB, lr plog.LogRecord, line string) {
			fields := inOwn(t, line)
			fields["stream"] = "stdout"
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(fields))
		}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, source := range []string{"", "kmsg", "journald", "syslog"} {
				ld := plog.NewLogs()
				records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
				// Behind an ordinary line: what no other line comes before may be the rest of one.
				for _, line := range append([]string{"6,947,10083000,-;usb 1-1: new device"}, captured(t, "kill.kmsg")...) {
					tc.put(t, records.AppendEmpty(), line)
				}
				with := func(trust string) func(*Config) {
					return func(c *Config) {
						if tc.change != nil {
							tc.change(c)
						}
						c.TrustedSource, c.Trust = source, trust
					}
				}
				ours, _ := split(run(t, with("auto"), ld)...)
				require.Len(t, ours, 1, source)
				assertKill(t, ours[0])
				verified := "unverified"
				if source != "" && source == tc.verifies {
					verified = "verified"
				}
				assert.Equal(t, verified, ours[0].attrs["oom.trust"], "trusted_source %q", source)
				assert.Equal(t, uidOfKill(t), ours[0].attrs["log.record.uid"], "the same kill has the same id whichever way it came")
				kernels, _ := split(run(t, with("kernel"), ld)...)
				assert.Equal(t, verified == "verified", len(kernels) == 1, "trusted_source %q, trust kernel: %d", source, len(kernels))
			}
		})
	}
}

// inOwn returns the fields that our input of Fluent Bit makes of a line, with Emit all.
func inOwn(t testing.TB, line string) map[string]any {
	prio, seq, usec, text := kernelText(t, line)
	return map[string]any{
		"priority": prio % 8, "sequence": seq, "sec": usec / 1e6, "usec": usec % 1e6, "msg": text,
		"facility": prio / 8, "boot_id": "0123456789abcdef0123456789abcdef",
	}
}

// TestForgedKmsg: a line that a user wrote to /dev/kmsg makes no record, whatever is trusted, and
// a record has the boot that its lines have.
func TestForgedKmsg(t *testing.T) {
	for _, source := range []string{"", "kmsg"} {
		ld := plog.NewLogs()
		records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for _, user := range []bool{true, false} {
			for _, line := range append([]string{"6,947,10083000,-;usb 1-1: new device"}, captured(t, "kill.kmsg")...) {
				fields := inOwn(t, line)
				if user {
					fields["facility"], fields["sec"] = 1, fields["sec"].(int64)-5 // another kill, by its id
				}
				require.NoError(t, records.AppendEmpty().Body().SetEmptyMap().FromRaw(fields))
			}
		}
		ours, _ := split(run(t, func(c *Config) { c.TrustedSource = source }, ld)...)
		require.Len(t, ours, 1, source)
		assert.Equal(t, "0123456789abcdef0123456789abcdef", ours[0].attrs["oom.boot.id"])
		assert.Equal(t, uidOfKill(t), ours[0].attrs["log.record.uid"])
	}
}

// uidOfKill returns the id of the kill in testdata/kill.kmsg.
func uidOfKill(t testing.TB) any {
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

// TestFakedJournalEntries: journald calls kernel whatever it read from /dev/kmsg; the facility
// tells who wrote it.
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

// TestLogServer: the lines of many hosts stand among each other in one file, told apart by what
// syslog wrote.
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
		for _, from := range hostsFrom {
			ours, others := split(run(t, func(c *Config) { c.HostFrom = from }, batches...)...)
			assert.Equal(t, lines, others)
			kills, keys := map[any]int{}, map[any]int{}
			for _, r := range ours {
				assertKill(t, r)
				keys[r.attrs["oom.record.key"]]++
				if from == oomlogs.HostFromLog {
					kills[r.resource["host.name"]]++
				} else {
					assert.Equal(t, "log-server", r.resource["host.name"])
					kills[r.attrs["oom.log_host"]]++
				}
			}
			assert.Len(t, kills, hosts, "batches of %d", size)
			assert.Len(t, keys, hosts, "batches of %d", size)
			assert.Len(t, ours, hosts, "batches of %d", size)
		}
	}
}
