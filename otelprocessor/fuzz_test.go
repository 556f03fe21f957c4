// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
)

// FuzzProcessor feeds any OTLP logs, after the beginning of a report, and lets the next component
// refuse them once: nothing may panic, stay locked, or cost a log line in mode append, and nothing
// is verified that the settings do not vouch for.
func FuzzProcessor(f *testing.F) {
	lines := captured(f, "kill.kmsg")
	marshal := func(ld plog.Logs) []byte {
		raw, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
		require.NoError(f, err)
		return raw
	}
	f.Add(marshal(fromHost("node-1", lines[20:]...)), uint8(0), uint8(0))
	f.Add(marshal(fromHost("node-1", lines[20:]...)), uint8(1), uint8(1+4))
	f.Add(marshal(fromHost("node-1", strings.Join(lines, "\n"))), uint8(1), uint8(2))
	f.Add(marshal(fromHost("", `{"MESSAGE":[75,105],"_TRANSPORT":"kernel"}`)), uint8(2), uint8(2))
	for i, put := range []shape{journald, syslogReceiver, func(t testing.TB, lr plog.LogRecord, line string) {
		require.NoError(t, lr.Body().SetEmptyMap().FromRaw(inSyslog(t, line)))
		lr.Attributes().PutStr("log.iostream", "stdout")
	}} {
		ld := plog.NewLogs()
		records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for _, line := range lines[len(lines)-3:] {
			put(f, records.AppendEmpty(), line)
		}
		f.Add(marshal(ld), uint8(i), uint8(i+2))
	}
	made := plog.NewLogs()
	run(f, nil, fromHost("node-1", lines...))[0].CopyTo(made)
	f.Add(marshal(made), uint8(2), uint8(0))
	f.Add(marshal(forged(f)), uint8(0), uint8(16))

	f.Fuzz(func(t *testing.T, raw []byte, mode, setting uint8) {
		ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(raw)
		if err != nil {
			return
		}
		sink := new(consumertest.LogsSink)
		refuse := false
		next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
			if refuse {
				return errRefused
			}
			return sink.ConsumeLogs(ctx, ld)
		})
		require.NoError(t, err)
		p := start(t, next, func(c *Config) {
			c.Mode, c.MaxStreams, c.MaxMemory = modes[int(mode)%len(modes)], 3, parser.LeastMaxMemory
			c.TrustedSource = []string{"", "kmsg", "journald", "syslog"}[setting%4]
			c.Trust = trusts[int(setting/4%4)%len(trusts)]
			c.AcceptRecords = accepts[setting/16%2]
		})
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:20]...)))
		ld.MarkReadOnly()
		refuse = true
		_ = p.ConsumeLogs(context.Background(), ld)
		refuse = false
		require.NoError(t, p.ConsumeLogs(context.Background(), ld))
		if p.cfg.Mode == modeAppend {
			_, others := split(sink.AllLogs()...)
			_, sent := split(ld)
			require.Len(t, others, len(sent)+20)
		}
		require.LessOrEqual(t, p.table.len(), 3)
		require.NoError(t, p.Shutdown(context.Background()))
		require.Zero(t, p.table.active.Load())
		require.Zero(t, p.table.share.Held())
		if p.cfg.TrustedSource == "" {
			require.LessOrEqual(t, verified(p, sink.AllLogs()...), verified(p, ld), "nobody vouches for anything")
		}
		for _, ld := range sink.AllLogs() {
			require.Equal(t, verified(nil, ld), verified(p, ld), "only a record says that it is verified")
		}
	})
}

// verified counts the records that p knows as such and that say they are verified; with p nil, all
// log records that do.
func verified(p *oomProcessor, logs ...plog.Logs) (n int) {
	for _, ld := range logs {
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, lr := range sl.LogRecords().All() {
					if v, ok := lr.Attributes().Get("oom.trust"); ok && v.AsString() == "verified" && (p == nil || p.isRecord(oomlogs.IsMarked(sl), lr)) {
						n++
					}
				}
			}
		}
	}
	return n
}

func BenchmarkOrdinaryBatch(b *testing.B) {
	lines := make([]string, 1000)
	size := 0
	for i := range lines {
		lines[i] = "2026-11-21T08:00:00Z node-1 nginx[812]: 10.1.2.3 - - \"GET /index.html HTTP/1.1\" 200 5120 \"-\" \"curl/8.5.0\""
		size += len(lines[i])
	}
	ld := fromHost("node-1", lines...)
	p := start(b, consumertest.NewNop(), nil)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		_ = p.ConsumeLogs(context.Background(), ld)
	}
}

func BenchmarkReport(b *testing.B) {
	lines := captured(b, "kill.kmsg")
	ld := fromHost("node-1", lines...)
	p := start(b, consumertest.NewNop(), nil)
	b.SetBytes(int64(len(strings.Join(lines, "\n"))))
	b.ReportAllocs()
	for b.Loop() {
		_ = p.ConsumeLogs(context.Background(), ld)
	}
}
