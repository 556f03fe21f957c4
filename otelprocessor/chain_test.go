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
	"go.opentelemetry.io/collector/receiver/receivertest"

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
