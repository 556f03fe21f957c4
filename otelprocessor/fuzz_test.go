package oomkillprocessor

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
)

// FuzzProcessor feeds any OTLP logs, after the beginning of a report: nothing may panic, stay locked, or
// cost a log line in mode append.
func FuzzProcessor(f *testing.F) {
	lines := captured(f, "kill.kmsg")
	marshal := func(ld plog.Logs) []byte {
		raw, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
		require.NoError(f, err)
		return raw
	}
	f.Add(marshal(fromHost("node-1", lines[20:]...)), uint8(0))
	f.Add(marshal(fromHost("node-1", strings.Join(lines, "\n"))), uint8(1))
	f.Add(marshal(fromHost("", `{"MESSAGE":[75,105],"_TRANSPORT":"kernel"}`)), uint8(2))
	entry := plog.NewLogs()
	lr := entry.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	journald(f, lr, lines[len(lines)-1])
	f.Add(marshal(entry), uint8(0))

	f.Fuzz(func(t *testing.T, raw []byte, mode uint8) {
		ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(raw)
		if err != nil {
			return
		}
		sink := new(consumertest.LogsSink)
		p := start(t, sink, func(c *Config) { c.Mode, c.MaxStreams = modes[int(mode)%len(modes)], 3 })
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:20]...)))
		ld.MarkReadOnly()
		require.NoError(t, p.ConsumeLogs(context.Background(), ld))
		if p.cfg.Mode == modeAppend {
			_, others := split(sink.AllLogs()...)
			_, sent := split(ld)
			require.Len(t, others, len(sent)+20)
		}
		require.LessOrEqual(t, p.table.len(), 3)
		require.NoError(t, p.Shutdown(context.Background()))
		require.Zero(t, p.table.active.Load())
	})
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
