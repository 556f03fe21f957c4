// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
)

func TestShutdownVerifier(t *testing.T) {
	processortest.VerifyShutdown(t, NewFactory(), createDefaultConfig())
}

func TestShutdownWithoutStartAndTwice(t *testing.T) {
	p, err := newProcessor(processortest.NewNopSettings(NewFactory().Type()), createDefaultConfig().(*Config), consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, p.Shutdown(context.Background()))
	require.NoError(t, p.Shutdown(context.Background()))
}

func TestAppend(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	ours, others := split(run(t, nil, fromHost("node-1", lines...))...)
	assert.Equal(t, lines, others, "the lines pass as they are")
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
	assert.Equal(t, "node-1", ours[0].resource["host.name"])
	assert.Equal(t, "pipeline", ours[0].attrs["oom.source"])
	assert.Equal(t, observed, ours[0].lr.Timestamp().AsTime(), "kmsg tells no wall time: the line's own is taken")
	assert.NotContains(t, ours[0].attrs, "log.record.original")
}

// assertKill checks what the report of testdata/kill.kmsg says, whichever way it came.
func assertKill(t *testing.T, got found) {
	t.Helper()
	assert.Equal(t, "oom.kill", got.lr.EventName())
	for name, want := range map[string]any{
		"event.name": "oom.kill", "process.pid": int64(160), "process.title": "app-main", "oom.constraint": "memcg", "oom.scope": "cgroup",
		"oom.victim.memory.anon": int64(24384 << 10), "oom.report.complete": true,
	} {
		assert.Equal(t, want, got.attrs[name], name)
	}
	assert.Equal(t, "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", got.resource["k8s.pod.uid"])
}

func TestLinesInBatchesOfAnySize(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	for size := 1; size <= len(lines); size += 7 {
		var batches []plog.Logs
		for from := 0; from < len(lines); from += size {
			batches = append(batches, fromHost("node-1", lines[from:min(from+size, len(lines))]...))
		}
		ours, others := split(run(t, nil, batches...)...)
		assert.Equal(t, lines, others, "batches of %d", size)
		require.Len(t, ours, 1, "batches of %d", size)
		assertKill(t, ours[0])
	}
}

func TestReplace(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	batch := fromHost("node-1", append(append([]string{"6,1,1,-;before"}, lines...), "6,9000,11000000,-;after")...)
	replace := func(c *Config) { c.Mode = modeReplace }
	ours, others := split(run(t, replace, batch)...)
	assert.Equal(t, []string{"6,1,1,-;before", "6,9000,11000000,-;after"}, others)
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
	assert.NotContains(t, ours[0].attrs, "log.record.original", "only asked for by the mode, for reports without a kill")
}

func TestReplaceKeepsAReportWithoutHead(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	tail := lines[len(lines)-4:]
	ours, others := split(run(t, func(c *Config) { c.Mode = modeReplace }, fromHost("node-1", tail...))...)
	assert.Equal(t, tail, others, "its head was not seen: it may be somebody else's")
	assert.Len(t, ours, 1)
}

func TestReplaceHoldsWhatItDroppedWhenNobodyDied(t *testing.T) {
	lines := captured(t, "nobody.kmsg")
	ours, others := split(run(t, func(c *Config) { c.Mode = modeReplace }, fromHost("node-1", lines...))...)
	require.NotEmpty(t, ours)
	assert.Equal(t, "oom.no_victim", ours[0].lr.EventName())
	original, _ := ours[0].attrs["log.record.original"].(string)
	for _, line := range lines {
		_, _, _, text := kernelText(t, line)
		assert.True(t, strings.Contains(original, text) || strings.Contains(strings.Join(others, "\n"), text), "lost: %s", text)
	}
}

func TestOnly(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	only := func(c *Config) { c.Mode = modeOnly }
	ours, others := split(run(t, only, fromHost("node-1", lines...), fromHost("node-1", "some other line"))...)
	assert.Empty(t, others)
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
	assert.Empty(t, run(t, only, fromHost("node-1", "some other line")), "nothing to send, nothing sent")
}

func TestTwoProcessorsInARowCountOneKill(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	for _, mode := range modes {
		change := func(c *Config) { c.Mode = mode }
		first := run(t, change, fromHost("", lines...))
		var again []plog.Logs
		for _, ld := range first {
			kept := plog.NewLogs()
			ld.CopyTo(kept)
			again = append(again, kept)
		}
		second := run(t, change, again...)
		require.Len(t, second, len(first), mode)
		for i := range first {
			assert.JSONEq(t, asJSON(t, first[i]), asJSON(t, second[i]), mode)
		}
		ours, _ := split(second...)
		assert.Len(t, ours, 1, mode)
	}
}

func asJSON(t *testing.T, ld plog.Logs) string {
	raw, err := (&plog.JSONMarshaler{}).MarshalLogs(ld)
	require.NoError(t, err)
	return string(raw)
}

func TestRecordOfAnotherDoorThatComesFirst(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	ours := plog.NewLogs()
	run(t, func(c *Config) { c.Mode = modeOnly }, fromHost("node-1", lines...))[0].CopyTo(ours)
	records, others := split(run(t, nil, ours, fromHost("node-1", lines...))...)
	assert.Len(t, records, 1, "a receiver before us told this kill")
	assert.Equal(t, lines, others)

	records, _ = split(run(t, nil, fromHost("node-2", lines...))...)
	assert.Len(t, records, 1, "another processor knows nothing of it")
}

func TestTrust(t *testing.T) {
	lines := captured(t, "spoof.kmsg")
	for source, wants := range map[string]map[string][]any{
		"":     {"auto": {"realhog"}, "kernel": nil, "any": {"fakehog", "init", "realhog"}},
		"kmsg": {"auto": {"realhog"}, "kernel": {"realhog"}, "any": {"fakehog", "init", "realhog"}},
	} {
		for trust, want := range wants {
			ours, _ := split(run(t, func(c *Config) { c.Trust, c.TrustedSource = trust, source }, fromHost("node-1", lines...))...)
			var names []any
			for _, r := range ours {
				name := r.attrs["process.title"]
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
				assert.Equal(t, name == "realhog" && source == "kmsg", r.attrs["oom.trust"] == "verified", "%s of %q: %s", trust, source, name)
			}
			assert.Equal(t, want, names, "%s of %q", trust, source)
		}
	}
}

// TestOrdinaryBatch shows what the commonest batch costs: nothing is copied, changed or allocated.
func TestOrdinaryBatch(t *testing.T) {
	ld := fromHost("node-1", "6,1,1,-;eth0: link up", "6,2,2,-;usb 1-1: new device", `{"level":"info"}`)
	ld.MarkReadOnly()
	var got plog.Logs
	next, err := newNext(func(_ context.Context, ld plog.Logs) error { got = ld; return nil })
	require.NoError(t, err)
	p := start(t, next, nil)
	allocs := testing.AllocsPerRun(100, func() { require.NoError(t, p.ConsumeLogs(context.Background(), ld)) })
	assert.Zero(t, allocs)
	assert.Equal(t, ld, got, "the very batch")
	assert.Zero(t, p.table.len(), "no stream is made for a host without a report")

	// A report that is open on another host costs a look at the key.
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-2", captured(t, "kill.kmsg")[0])))
	require.EqualValues(t, 1, p.table.active.Load())
	allocs = testing.AllocsPerRun(100, func() { require.NoError(t, p.ConsumeLogs(context.Background(), ld)) })
	assert.Zero(t, allocs)
}

// TestTwice: a report that comes twice in a stream, in one batch or in two, makes one record;
// another host's is another.
func TestTwice(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	again := append(append([]string{}, lines...), lines...)
	ours, others := split(run(t, nil, fromHost("node-1", again...), fromHost("node-1", lines...), fromHost("node-1", lines[:20]...))...)
	assert.Len(t, others, 3*len(lines)+20)
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
	ours, _ = split(run(t, nil, fromHost("node-1", lines...), fromHost("node-2", lines...))...)
	assert.Len(t, ours, 2)
}
