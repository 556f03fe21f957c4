// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// captured returns the lines of a captured /dev/kmsg in testdata.
func captured(t testing.TB, name string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var lines []string
	for line := range bytes.Lines(raw) {
		lines = append(lines, string(bytes.TrimSuffix(line, []byte("\n"))))
	}
	return lines
}

// kernelText returns what /dev/kmsg's header says of a line, and its text.
func kernelText(t testing.TB, line string) (prio, seq, usec int64, text string) {
	t.Helper()
	head, text, ok := strings.Cut(line, ";")
	require.True(t, ok, line)
	fields := strings.Split(head, ",")
	for i, to := range []*int64{&prio, &seq, &usec} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		require.NoError(t, err)
		*to = n
	}
	return prio, seq, usec, text
}

// fromHost returns a batch of text bodies under a resource with that host name.
func fromHost(host string, lines ...string) plog.Logs {
	ld := plog.NewLogs()
	addHost(ld, host, lines...)
	return ld
}

// addHost adds a host's lines to a batch.
func addHost(ld plog.Logs, host string, lines ...string) {
	rl := ld.ResourceLogs().AppendEmpty()
	if host != "" {
		rl.Resource().Attributes().PutStr("host.name", host)
	}
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, line := range lines {
		lr := records.AppendEmpty()
		lr.SetObservedTimestamp(pcommon.NewTimestampFromTime(observed))
		lr.Body().SetStr(line)
	}
}

// observed is when the tests' lines were read.
var observed = time.Unix(1_700_000_000, 0).UTC()

// start starts a processor with the default configuration as change leaves it.
func start(t testing.TB, next consumer.Logs, change func(*Config)) *oomProcessor {
	t.Helper()
	return startOn(t, componenttest.NewNopHost(), next, change)
}

// startOn starts a processor on a host.
func startOn(t testing.TB, host component.Host, next consumer.Logs, change func(*Config)) *oomProcessor {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	p, err := newProcessor(processortest.NewNopSettings(metadata.Type), cfg, next)
	require.NoError(t, err)
	require.NoError(t, p.Start(context.Background(), host))
	t.Cleanup(func() { require.NoError(t, p.Shutdown(context.Background())) })
	return p
}

// run sends batches through a processor of its own and returns what came out before its shutdown.
func run(t testing.TB, change func(*Config), batches ...plog.Logs) []plog.Logs {
	t.Helper()
	sink := new(consumertest.LogsSink)
	p := start(t, sink, change)
	for _, ld := range batches {
		ld.MarkReadOnly()
		require.NoError(t, p.ConsumeLogs(context.Background(), ld))
	}
	return sink.AllLogs()
}

// found is one log record with the resource it stands under.
type found struct {
	resource map[string]any
	attrs    map[string]any
	lr       plog.LogRecord
}

// split returns the records of ours in logs and the bodies of all others.
func split(logs ...plog.Logs) (ours []found, others []string) {
	for _, ld := range logs {
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, lr := range sl.LogRecords().All() {
					if oomlogs.IsRecord(lr) {
						ours = append(ours, found{rl.Resource().Attributes().AsRaw(), lr.Attributes().AsRaw(), lr})
					} else {
						others = append(others, lr.Body().AsString())
					}
				}
			}
		}
	}
	return ours, others
}
