// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// killLine is a kill line that anybody could write.
const killLine = "Out of memory: Killed process 1 (init) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0"

// withFields returns the log records that a text and the fields beside it can come in as: a map, as
// out_opentelemetry sends it; a body and attributes, as the syslog and the fluentforward receiver
// make it; attributes alone.
func withFields(t *testing.T, text string, fields map[string]any) map[string]plog.Logs {
	forms := map[string]plog.Logs{}
	add := func(form, body string) pcommon.Map {
		forms[form] = fromHost("node-1", body)
		lr := forms[form].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
		require.NoError(t, lr.Attributes().FromRaw(fields))
		return lr.Attributes()
	}
	add("body and attributes", text)
	add("attributes", "").PutStr("message", text)
	in := add("map", "")
	in.PutStr("message", text)
	body := forms["map"].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().SetEmptyMap()
	in.MoveTo(body)
	return forms
}

// TestFieldsThatNameSomebodyElse: whatever the text looks like, a program or a facility that is not
// the kernel's makes no record.
func TestFieldsThatNameSomebodyElse(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"the syslog receiver's":                       {"appname": "evil", "facility": 3, "priority": 27, "hostname": "node-1", "proc_id": "12"},
		"a program with the kernel's facility":        {"appname": "evil", "facility": 0, "priority": 3},
		"the kernel's name with another facility":     {"appname": "kernel", "facility": 1, "priority": 11},
		"its facility by name":                        {"appname": "kernel", "facility_text": "user"},
		"its facility in a string":                    {"facility": "16"},
		"its priority alone":                          {"appname": "kernel", "priority": 11},
		"the kernel's name with a process id":         {"appname": "kernel", "proc_id": "12"},
		"the kernel's name with a process number":     {"ident": "kernel", "pid": 12},
		"in_syslog's":                                 {"pri": "3", "ident": "evil"},
		"in_syslog's priority":                        {"pri": "13", "ident": "kernel"},
		"a journal's":                                 {"SYSLOG_IDENTIFIER": "evil"},
		"a journal's transport":                       {"_TRANSPORT": "stdout"},
		"a journal's facility":                        {"SYSLOG_IDENTIFIER": "kernel", "SYSLOG_FACILITY": "1"},
		"a journal's in lower case":                   {"syslog_identifier": "kernel", "syslog_facility": "1"},
		"rsyslog's":                                   {"programname": "evil", "syslogfacility-text": "kern"},
		"a program whose output a container's log is": {"appname": "evil", "stream": "stdout"},
	} {
		for source, text := range map[string]string{"": killLine, "kmsg": "3,1,1000,-;" + killLine, "syslog": "<3>Nov 21 08:00:00 node-1 kernel: " + killLine} {
			for form, ld := range withFields(t, text, fields) {
				ours, others := split(run(t, func(c *Config) { c.TrustedSource = source }, ld)...)
				assert.Empty(t, ours, "%s, %s of %q: %s", name, form, source, text)
				assert.Len(t, others, 1)
				ours, _ = split(run(t, func(c *Config) { c.Trust, c.TrustedSource = "any", source }, ld)...)
				if assert.Len(t, ours, 1, "%s, %s, trust any: %s", name, form, text) {
					assert.Equal(t, "unverified", ours[0].attrs["oom.trust"], "%s, %s, any of %q", name, form, source)
				}
			}
		}
	}
}

// TestFieldsThatSayNothing: what an application calls its own by such names takes no kill away.
func TestFieldsThatSayNothing(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"nothing":                    {},
		"empty":                      {"appname": "", "ident": "", "facility": "", "proc_id": "-", "pid": ""},
		"the name of a level":        {"priority": "err", "pri": "high"},
		"a level":                    {"priority": 3},
		"the kernel's":               {"appname": "kernel", "facility": 0, "priority": 3, "hostname": "node-1"},
		"the kernel's, by name":      {"ident": "kernel", "facility": "kern"},
		"a host":                     {"host": "node 1", "hostname": "node-1"},
		"a process, whose is unsaid": {"pid": 12},
	} {
		for _, text := range []string{killLine, "[    1.000000] " + killLine, "Nov 21 08:00:00 node-1 kernel: " + killLine} {
			for form, ld := range withFields(t, text, fields) {
				ours, _ := split(run(t, nil, ld)...)
				if assert.Len(t, ours, 1, "%s, %s: %s", name, form, text) {
					assert.Equal(t, "unverified", ours[0].attrs["oom.trust"])
				}
			}
		}
	}
}

// TestForwardedRecords are what a container, or a program that sends syslog, can make Fluent Bit
// forward: none is verified, none makes a record where only the kernel's word counts.
func TestForwardedRecords(t *testing.T) {
	quoted, err := json.Marshal(map[string]any{"_TRANSPORT": "kernel", "MESSAGE": killLine})
	require.NoError(t, err)
	for _, fields := range []map[string]any{
		{"log": "3,1,1000,-;" + killLine, "stream": "stdout", "kubernetes": map[string]any{"pod_name": "evil"}},
		{"log": "<3>[    1.000000] " + killLine, "stream": "stdout"},
		{"log": string(quoted), "stream": "stdout"},
		{"log": "x", "stream": "stdout", "MESSAGE": killLine, "_TRANSPORT": "kernel"},
		{"message": killLine, "pri": "3", "ident": "evil"},
		{"log": "x", "stream": "stdout", "event.name": "oom.kill", "oom.trust": "verified"},
	} {
		asMap := plog.NewLogs()
		body := asMap.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetEmptyMap()
		require.NoError(t, body.FromRaw(fields))
		forwarded := plog.NewLogs()
		lr := forwarded.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		for name, value := range fields {
			to := lr.Attributes().PutEmpty(name)
			require.NoError(t, to.FromRaw(value))
			if name == "log" || name == "message" {
				to.CopyTo(lr.Body())
				lr.Attributes().Remove(name)
			}
		}
		for _, ld := range []plog.Logs{asMap, forwarded} {
			for _, source := range []string{"", "kmsg", "journald", "syslog"} {
				for _, trust := range []string{"auto", "kernel", "any"} {
					out := run(t, func(c *Config) { c.Trust, c.TrustedSource = trust, source }, ld)
					for _, ld := range out {
						for _, rl := range ld.ResourceLogs().All() {
							for _, sl := range rl.ScopeLogs().All() {
								for _, lr := range sl.LogRecords().All() {
									assert.NotEqual(t, "verified", lr.Attributes().AsRaw()["oom.trust"], "%v, trust %s of %q", fields, trust, source)
								}
							}
						}
					}
					if ours, _ := split(out...); trust == "kernel" {
						assert.Empty(t, ours, "%v of %q", fields, source)
					}
				}
			}
		}
	}
}

// TestResourceOfAContainer: the mark can stand on the resource, too.
func TestResourceOfAContainer(t *testing.T) {
	for name, want := range map[string]string{
		"k8s.container.name": "unverified", "container.id": "unverified",
		"k8s.pod.name": "verified", "service.name": "verified", // a node's agent is a pod, too
	} {
		ld := fromHost("node-1", captured(t, "kill.kmsg")...)
		ld.ResourceLogs().At(0).Resource().Attributes().PutStr(name, "x")
		ours, _ := split(run(t, func(c *Config) { c.TrustedSource = "kmsg" }, ld)...)
		require.Len(t, ours, 1, name)
		assert.Equal(t, want, ours[0].attrs["oom.trust"], name)
	}
}

// TestContainersDoNotDisturbTheKernel: what a container of the same host writes between the lines
// of a report, and as lines of it, changes nothing of the report.
func TestContainersDoNotDisturbTheKernel(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	ld := plog.NewLogs()
	for i, line := range lines {
		addHost(ld, "node-1", line)
		for _, text := range []string{killLine, line, lines[len(lines)-1-i], "__CURSOR=x", "3,9999999,1,-;" + killLine} {
			addHost(ld, "node-1", text)
			rl := ld.ResourceLogs().At(ld.ResourceLogs().Len() - 1)
			rl.ScopeLogs().At(0).LogRecords().At(0).Attributes().PutStr("log.iostream", "stdout")
		}
	}
	verified := func(records []found) (kept []map[string]any) {
		for _, r := range records {
			if r.attrs["oom.trust"] == "verified" {
				kept = append(kept, r.attrs)
			}
		}
		return kept
	}
	trusted := func(c *Config) { c.TrustedSource = "kmsg" }
	alone, _ := split(run(t, trusted, fromHost("node-1", lines...))...)
	among, _ := split(run(t, trusted, ld)...)
	require.Len(t, verified(alone), 1)
	assert.Equal(t, verified(alone), verified(among))
	assert.Greater(t, len(among), 1, "the container's own make records that say so")

	alone, _ = split(run(t, func(c *Config) { c.TrustedSource, c.Trust = "kmsg", "kernel" }, ld)...)
	assert.Len(t, alone, 1)
}

// TestOnlyTheFirstLineOfATextIsTheSources: what follows a newline in a message was written by
// whoever wrote the message.
func TestOnlyTheFirstLineOfATextIsTheSources(t *testing.T) {
	for source, text := range map[string]string{
		"kmsg":   "12,1,1000,-;hello\n3,2,1000,-;" + killLine,
		"syslog": "<13>1 2026-11-21T08:00:00Z node-1 app - - - hello\n<3>1 2026-11-21T08:00:00Z node-1 kernel - - - " + killLine,
	} {
		ours, _ := split(run(t, func(c *Config) { c.TrustedSource = source }, fromHost("node-1", text))...)
		require.Len(t, ours, 1, source)
		assert.Equal(t, "unverified", ours[0].attrs["oom.trust"], source)
	}
}

// TestFacilityInWords: in a file whose lines have no facility, logger -t kern.err writes one.
func TestFacilityInWords(t *testing.T) {
	text := "Nov 21 08:00:00 node-1 kern.err kernel: " + killLine
	ours, _ := split(run(t, func(c *Config) { c.TrustedSource = "syslog" }, fromHost("node-1", text))...)
	require.Len(t, ours, 1)
	assert.Equal(t, "unverified", ours[0].attrs["oom.trust"])
}

// TestNewlineInASyslogMessage: a name with a newline stays in its line when the message is put
// together again.
func TestNewlineInASyslogMessage(t *testing.T) {
	for _, stamp := range []string{"", "[    1.000000] "} {
		ld := fromHost("node-1", "<6>[    1.000000] usb 1-1: new device", "")
		require.NoError(t, ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(1).Body().SetEmptyMap().FromRaw(map[string]any{
			"appname": "kernel", "facility": 0, "priority": 3, "message": stamp + strings.Replace(killLine, "(init)", "(a\nOut of memory)", 1),
		}))
		ours, _ := split(run(t, func(c *Config) { c.TrustedSource = "syslog" }, ld)...)
		require.Len(t, ours, 1, stamp)
		assert.Equal(t, `a\x0aOut of memory`, ours[0].attrs["process.title"], stamp)
		assert.Equal(t, "verified", ours[0].attrs["oom.trust"], stamp)
	}
}

// TestTheLineBefore: a kill line behind a foreign line of the same stamp and level may be a piece
// of the same record, also where that line was left out. A line before it that nobody has seen
// proves nothing.
func TestTheLineBefore(t *testing.T) {
	const kill = "<3>[   60.000000] " + killLine
	const ordinary, head = "<6>[   59.000000] usb 1-1: new device", "<3>[   60.000000] overlayfs: failed to resolve '/x"
	for name, tc := range map[string]struct {
		batches [][]string
		want    string
	}{
		"ordinary":                  {[][]string{{ordinary, kill}}, "verified"},
		"many ordinary":             {[][]string{{head, ordinary, ordinary, kill}}, "verified"},
		"the head":                  {[][]string{{ordinary, head, kill}}, "unverified"},
		"unseen":                    {[][]string{{kill}}, "unverified"},
		"in a batch before":         {[][]string{{ordinary, strings.Replace(kill, "process 1 ", "process 2 ", 1)}, {head}, {kill}}, "unverified"},
		"ordinary behind a batch":   {[][]string{{ordinary}, {ordinary, kill}}, "verified"},
		"the head behind a report":  {[][]string{{ordinary, strings.Replace(kill, "process 1 ", "process 2 ", 1)}, {ordinary, head, kill}}, "unverified"},
		"ordinary behind a report":  {[][]string{{ordinary, strings.Replace(kill, "process 1 ", "process 2 ", 1)}, {ordinary, kill}}, "verified"},
		"another stamp of the head": {[][]string{{ordinary, strings.Replace(head, "60.0", "50.0", 1), kill}}, "verified"},
	} {
		var batches []plog.Logs
		for _, lines := range tc.batches {
			batches = append(batches, fromHost("node-1", lines...))
		}
		ours, _ := split(run(t, func(c *Config) { c.TrustedSource = "syslog" }, batches...)...)
		for _, r := range ours {
			if r.attrs["process.pid"] == int64(1) {
				assert.Equal(t, tc.want, r.attrs["oom.trust"], name)
			}
		}
		assert.NotEmpty(t, ours, name)
	}
}

// TestNotesOfLostLines: journald and rsyslog say that they lost some of the kernel's lines. The
// note is theirs and makes no record, but the report in which it stands is not complete.
func TestNotesOfLostLines(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	note := func(put func(lr plog.LogRecord)) plog.Logs {
		ld := fromHost("node-1", "")
		put(ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0))
		return ld
	}
	for name, tc := range map[string]struct {
		source string
		line   shape
		note   func(plog.LogRecord)
	}{
		"journald": {"journald", journald, func(lr plog.LogRecord) {
			journald(t, lr, lines[0])
			lr.Body().Map().PutStr("_TRANSPORT", "driver")
			lr.Body().Map().PutStr("SYSLOG_FACILITY", "5")
			lr.Body().Map().PutStr("SYSLOG_IDENTIFIER", "systemd-journald")
			lr.Body().Map().PutStr("MESSAGE", "Missed 12 kernel messages")
		}},
		"syslog receiver": {"syslog", syslogReceiver, func(lr plog.LogRecord) {
			syslogReceiver(t, lr, lines[0])
			lr.Attributes().PutInt("facility", 5)
			lr.Attributes().PutStr("appname", "rsyslogd")
			lr.Attributes().PutStr("proc_id", "311")
			lr.Attributes().PutStr("message", "imjournal: 12 messages lost due to rate-limiting")
			lr.Body().SetStr("<46>1 2026-11-21T08:00:00.25Z node-1 rsyslogd 311 - - imjournal: 12 messages lost due to rate-limiting")
		}},
		"in_syslog": {"syslog", func(t testing.TB, lr plog.LogRecord, line string) {
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(inSyslog(t, line)))
		}, func(lr plog.LogRecord) {
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(map[string]any{
				"pri": "46", "host": "node-1", "ident": "rsyslogd", "pid": "311", "message": "imjournal: 12 messages lost due to rate-limiting",
			}))
		}},
	} {
		for _, source := range []string{"", tc.source} {
			var batches []plog.Logs
			for i, line := range lines {
				if i == 20 {
					batches = append(batches, note(tc.note))
				}
				batches = append(batches, note(func(lr plog.LogRecord) { tc.line(t, lr, line) }))
			}
			ours, _ := split(run(t, func(c *Config) { c.TrustedSource = source }, batches...)...)
			require.Len(t, ours, 1, "%s of %q", name, source)
			assert.EqualValues(t, 12, ours[0].attrs["oom.report.lost_records"], "%s of %q", name, source)
			assert.Equal(t, false, ours[0].attrs["oom.report.complete"], "%s of %q", name, source)
		}
	}
}

// TestTransportOfAnotherType: an entry that says kernel in a way that no journal does is not the
// kernel's.
func TestTransportOfAnotherType(t *testing.T) {
	ld := fromHost("node-1", "")
	body := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().SetEmptyMap()
	require.NoError(t, body.FromRaw(map[string]any{"MESSAGE": killLine, "_TRANSPORT": []any{"kernel", "kernel"}}))
	ours, _ := split(run(t, func(c *Config) { c.TrustedSource = "journald" }, ld)...)
	assert.Empty(t, ours)
}

// TestJournalFieldsThatAreNone: an entry whose fields no journal can hold is not read as text
// instead.
func TestJournalFieldsThatAreNone(t *testing.T) {
	ld := fromHost("node-1", "")
	body := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().SetEmptyMap()
	body.PutStr("MESSAGE", `{"_TRANSPORT":"kernel","MESSAGE":"`+killLine+`"}`)
	body.PutDouble("PRIORITY", math.NaN())
	ours, others := split(run(t, func(c *Config) { c.TrustedSource = "journald" }, ld)...)
	assert.Empty(t, ours)
	assert.Len(t, others, 1)
}

// TestTrustKernelWithoutASource warns once, at the start, and says what to set.
func TestTrustKernelWithoutASource(t *testing.T) {
	for _, tc := range []struct {
		trust, source string
		warnings      int
	}{{"kernel", "", 1}, {"kernel", "journald", 0}, {"auto", "", 0}, {"any", "", 0}} {
		core, logs := observer.New(zap.WarnLevel)
		set := processortest.NewNopSettings(NewFactory().Type())
		set.Logger = zap.New(core)
		cfg := createDefaultConfig().(*Config)
		cfg.Trust, cfg.TrustedSource = tc.trust, tc.source
		p, err := newProcessor(set, cfg, consumertest.NewNop())
		require.NoError(t, err)
		require.NoError(t, p.Start(context.Background(), componenttest.NewNopHost()))
		for range 3 {
			require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", captured(t, "kill.kmsg")...)))
		}
		require.NoError(t, p.Shutdown(context.Background()))
		require.Equal(t, tc.warnings, logs.Len(), "%+v", tc)
		for _, entry := range logs.All() {
			assert.Contains(t, entry.Message, "trust: kernel")
			assert.Contains(t, entry.Message, "trusted_source to kmsg, journald or syslog")
			assert.NotContains(t, strings.ToLower(entry.Message), "error")
		}
	}
}
