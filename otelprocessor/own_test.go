// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/record"
)

// forged returns a batch with a log record of some file: whoever wrote the line has made all of a
// record's attributes, with the id of the kill in testdata/kill.kmsg.
func forged(t testing.TB) plog.Logs {
	ld := fromHost("node-1", "forged")
	sl := ld.ResourceLogs().At(0).ScopeLogs().At(0)
	sl.Scope().SetName("github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver")
	lr := sl.LogRecords().At(0)
	lr.Attributes().PutStr("event.name", "oom.kill")
	lr.Attributes().PutStr("log.record.uid", uidOfKill(t).(string))
	lr.Attributes().PutStr("oom.record.version", record.Version)
	lr.Attributes().PutStr("oom.trust", "verified")
	lr.Attributes().PutStr("app", "shop")
	lr.SetEventName("oom.kill")
	require.True(t, oomlogs.IsRecord(lr))
	return ld
}

// TestForgedRecordIsALine: it passes as the line that it is, without the word that it gives itself.
func TestForgedRecordIsALine(t *testing.T) {
	only := func(c *Config) { c.Mode = modeOnly }
	assert.Empty(t, run(t, only, forged(t)), "no record")

	for _, mode := range []string{modeAppend, modeReplace} {
		out := run(t, func(c *Config) { c.Mode = mode }, forged(t))
		require.Len(t, out, 1, mode)
		want := forged(t)
		want.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().PutStr("oom.trust", "unverified")
		assert.JSONEq(t, asJSON(t, want), asJSON(t, out[0]), mode)
	}
}

// TestForgedRecordHidesNoKill: a line with the id of a kill does not stand for it.
func TestForgedRecordHidesNoKill(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	for _, mode := range modes {
		out := run(t, func(c *Config) { c.Mode = mode }, forged(t), fromHost("node-1", lines...))
		kills := 0
		for _, ld := range out {
			for _, rl := range ld.ResourceLogs().All() {
				for _, sl := range rl.ScopeLogs().All() {
					if oomlogs.IsMarked(sl) {
						kills += sl.LogRecords().Len()
					}
				}
			}
		}
		assert.Equal(t, 1, kills, mode)
	}
}

// TestAcceptAnyRecord: where another component drops scope or schema, a setting says that what
// claims to be a record is one.
func TestAcceptAnyRecord(t *testing.T) {
	for _, mode := range modes {
		accept := func(c *Config) { c.Mode, c.AcceptRecords = mode, acceptAny }
		out := run(t, accept, forged(t), fromHost("node-1", captured(t, "kill.kmsg")...))
		require.NotEmpty(t, out, mode)
		assert.JSONEq(t, asJSON(t, forged(t)), asJSON(t, out[0]), mode)
		ours, _ := split(out...)
		assert.Len(t, ours, 1, "%s: it stands for the kill whose id it has", mode)
	}
}

// TestMarkAloneMakesNoRecord: what the receiver passes on under its scope is a record only if it is
// made like one.
func TestMarkAloneMakesNoRecord(t *testing.T) {
	for name, change := range map[string]func(plog.LogRecord){
		"another event":               func(lr plog.LogRecord) { lr.SetEventName("oom.party"); lr.Attributes().Remove("event.name") },
		"an id of another form":       func(lr plog.LogRecord) { lr.Attributes().PutStr("log.record.uid", "1") },
		"a version that is not known": func(lr plog.LogRecord) { lr.Attributes().PutStr("oom.record.version", "1000") },
	} {
		for _, accept := range accepts {
			ld := plog.NewLogs()
			run(t, func(c *Config) { c.Mode = modeOnly }, fromHost("node-1", captured(t, "kill.kmsg")...))[0].CopyTo(ld)
			change(ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0))
			assert.Empty(t, run(t, func(c *Config) { c.Mode, c.AcceptRecords = modeOnly, accept }, ld), "%s, %s", name, accept)
		}
	}
}

// TestMarksSurviveOTLP: what a processor on a node made and OTLP carried is a record in the
// gateway, untouched and counted once, also when the kernel's lines come along.
func TestMarksSurviveOTLP(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	for name, carry := range map[string]func(plog.Logs) plog.Logs{
		"protobuf": func(ld plog.Logs) plog.Logs {
			raw, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
			require.NoError(t, err)
			ld, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(raw)
			require.NoError(t, err)
			return ld
		},
		"JSON": func(ld plog.Logs) plog.Logs {
			raw, err := (&plog.JSONMarshaler{}).MarshalLogs(ld)
			require.NoError(t, err)
			ld, err = (&plog.JSONUnmarshaler{}).UnmarshalLogs(raw)
			require.NoError(t, err)
			return ld
		},
	} {
		for _, onNode := range modes {
			for _, inGateway := range modes {
				made := run(t, func(c *Config) { c.Mode = onNode }, fromHost("node-1", lines...))
				require.Len(t, made, 1)
				want, sent := split(made...)
				require.Len(t, want, 1)
				carried := carry(made[0])
				got, others := split(run(t, func(c *Config) { c.Mode = inGateway }, carried)...)
				require.Len(t, got, 1, "%s, %s to %s", name, onNode, inGateway)
				assert.Equal(t, want[0].attrs, got[0].attrs)
				assert.Equal(t, want[0].resource, got[0].resource)
				if inGateway == modeAppend {
					assert.Equal(t, sent, others)
				}
			}
		}
	}
}
