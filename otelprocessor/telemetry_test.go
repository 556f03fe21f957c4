// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.yaml.in/yaml/v3"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadatatest"
)

func TestTelemetry(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	telemetry := componenttest.NewTelemetry()
	defer func() { require.NoError(t, telemetry.Shutdown(context.Background())) }()
	set := processortest.NewNopSettings(NewFactory().Type())
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	cfg := createDefaultConfig().(*Config)
	cfg.Mode, cfg.MaxStreams = modeReplace, 2
	sink := new(consumertest.LogsSink)
	refuse := true
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if refuse {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p, err := newProcessor(set, cfg, next)
	require.NoError(t, err)

	require.Error(t, p.ConsumeLogs(context.Background(), fromHost("node-0", lines...)))
	refuse = false
	for h := range 3 {
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost(fmt.Sprintf("node-%d", h), lines...)))
	}
	told := plog.NewLogs()
	sink.AllLogs()[0].CopyTo(told)
	told.ResourceLogs().At(0).Resource().Attributes().PutStr("host.name", "node-3")
	require.NoError(t, p.ConsumeLogs(context.Background(), told))
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-3", lines...)))

	point := func(n int64) []metricdata.DataPoint[int64] {
		return []metricdata.DataPoint[int64]{{Value: n, Attributes: attribute.NewSet(attribute.String("processor", set.ID.String()))}}
	}
	ignore := metricdatatest.IgnoreTimestamp()
	metadatatest.AssertEqualProcessorOomKillRollbacks(t, telemetry, point(1), ignore)
	metadatatest.AssertEqualProcessorOomKillRecords(t, telemetry, point(3), ignore)
	metadatatest.AssertEqualProcessorOomKillDuplicates(t, telemetry, point(1), ignore)
	metadatatest.AssertEqualProcessorOomKillDroppedLines(t, telemetry, point(int64(4*len(lines))), ignore)
	metadatatest.AssertEqualProcessorOomKillEvictedStreams(t, telemetry, point(2), ignore)
	metadatatest.AssertEqualProcessorOomKillStreams(t, telemetry, point(2), ignore)
	require.NoError(t, p.Shutdown(context.Background()))
}

// TestCountersBeginAtZero: each counter of the processor's own telemetry is there from the start,
// so that Prometheus sees it rise from 0 to 1.
func TestCountersBeginAtZero(t *testing.T) {
	raw, err := os.ReadFile("metadata.yaml")
	require.NoError(t, err)
	var declared struct {
		Telemetry struct {
			Metrics map[string]struct{ Sum struct{ Async bool } }
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &declared))
	require.NotEmpty(t, declared.Telemetry.Metrics)
	telemetry := componenttest.NewTelemetry()
	defer func() { require.NoError(t, telemetry.Shutdown(context.Background())) }()
	set := processortest.NewNopSettings(NewFactory().Type())
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	_, err = newProcessor(set, createDefaultConfig().(*Config), new(consumertest.LogsSink))
	require.NoError(t, err)
	for name, metric := range declared.Telemetry.Metrics {
		if metric.Sum.Async { // what is observed says 0 by itself
			continue
		}
		got, err := telemetry.GetMetric("otelcol_" + name)
		require.NoError(t, err)
		points := got.Data.(metricdata.Sum[int64]).DataPoints
		require.Len(t, points, 1, name)
		assert.Zero(t, points[0].Value, name)
	}
}
