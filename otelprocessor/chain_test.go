// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	oomkillreceiver "github.com/oomtrail/oomtrail/otelreceiver"
)

// TestReceiverAndProcessorInARow: the receiver passes the kernel's lines on with its records, the
// processor behind it does not tell the kill again.
func TestReceiverAndProcessorInARow(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "kill.kmsg"))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "kmsg")
	require.NoError(t, os.WriteFile(file, raw, 0o600))
	factory := oomkillreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig()
	require.NoError(t, confmap.NewFromStringMap(map[string]any{
		"source": "file", "file": map[string]any{"include": []any{file}, "format": "kmsg"}, "start_at": "beginning", "emit": "all",
	}).Unmarshal(cfg))

	for _, mode := range modes {
		sink := new(consumertest.LogsSink)
		p := start(t, sink, func(c *Config) { c.Mode = mode })
		r, err := factory.CreateLogs(context.Background(), receivertest.NewNopSettings(factory.Type()), cfg, p)
		require.NoError(t, err)
		require.NoError(t, r.Start(context.Background(), componenttest.NewNopHost()))
		want := 1
		if mode != modeOnly {
			want += len(captured(t, "kill.kmsg"))
		}
		assert.Eventually(t, func() bool { return sink.LogRecordCount() == want }, time.Minute, 10*time.Millisecond, "%s: %d", mode, sink.LogRecordCount())
		require.NoError(t, r.Shutdown(context.Background()))
		require.NoError(t, p.Shutdown(context.Background()))
		ours, _ := split(sink.AllLogs()...)
		require.Len(t, ours, 1, mode)
		assertKill(t, ours[0])
		assert.Equal(t, "file", ours[0].attrs["oom.source"], "the receiver's record")
	}
}

// TestWarningThroughAProcessor: a warning of the receiver passes a processor behind it as it is, in
// each mode, and is no kill there.
func TestWarningThroughAProcessor(t *testing.T) {
	root, _ := watchtest.Unpack(t, watchtest.Version2)
	cgroup := filepath.Join(root, "sys/fs/cgroup/system.slice/two.service")
	for file, text := range map[string]string{"memory.current": "100000000", "memory.stat": "anon 100000000\ninactive_file 0\nactive_file 0"} {
		require.NoError(t, os.WriteFile(filepath.Join(cgroup, file), []byte(text+"\n"), 0o600))
	}
	for _, mode := range modes {
		factory := oomkillreceiver.NewFactory()
		cfg := factory.CreateDefaultConfig()
		require.NoError(t, confmap.NewFromStringMap(map[string]any{
			"source": "file", "file": map[string]any{"include": []any{filepath.Join(root, "kern.log")}}, "root_path": root,
			"warnings": map[string]any{"enabled": true, "cgroups": []any{"/system.slice/two.service"}},
		}).Unmarshal(cfg))
		require.NoError(t, confmap.Validate(cfg))
		sink := new(consumertest.LogsSink)
		counts := newCounting(t, func(ld plog.Logs) error { return sink.ConsumeLogs(context.Background(), ld) })
		counts.cfg.Mode = mode
		set := receivertest.NewNopSettings(factory.Type())
		r, err := factory.CreateLogs(context.Background(), set, cfg, counts)
		require.NoError(t, err)
		require.NoError(t, r.Start(context.Background(), componenttest.NewNopHost()))
		assert.Eventually(t, func() bool { return sink.LogRecordCount() == 1 }, time.Minute, 10*time.Millisecond, mode)
		require.NoError(t, r.Shutdown(context.Background()))
		ours, others := split(sink.AllLogs()...)
		require.Len(t, ours, 1, mode)
		assert.Empty(t, others)
		assert.Equal(t, "oom.warning", ours[0].lr.EventName())
		assert.Equal(t, "two.service", ours[0].resource["systemd.unit.name"])
		for by, kills := range counts.kills(t) {
			assert.Zero(t, kills, by)
		}
	}
}
