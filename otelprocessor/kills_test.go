// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/oomtrail/oomtrail/internal/tally"
)

// counting is a processor whose own metrics are read.
type counting struct {
	*oomProcessor
	telemetry *componenttest.Telemetry
}

func newCounting(t *testing.T, next func(plog.Logs) error, by ...string) counting {
	t.Helper()
	telemetry := componenttest.NewTelemetry()
	set := processortest.NewNopSettings(NewFactory().Type())
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	cfg := createDefaultConfig().(*Config)
	if cfg.ReorderWait = 0; len(by) > 0 {
		cfg.MetricAttributes = by
	}
	require.NoError(t, cfg.Validate())
	logs, err := newNext(func(_ context.Context, ld plog.Logs) error { return next(ld) })
	require.NoError(t, err)
	p, err := newProcessor(set, cfg, logs)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, p.Shutdown(context.Background()))
		require.NoError(t, telemetry.Shutdown(context.Background()))
	})
	return counting{p, telemetry}
}

// kills returns the counts of kills by the attributes that they have beside the processor's id.
func (c *counting) kills(t *testing.T) map[string]int64 {
	t.Helper()
	m, err := c.telemetry.GetMetric("otelcol_processor_oom_kill_kills")
	require.NoError(t, err)
	sum, ok := m.Data.(metricdata.Sum[int64])
	require.True(t, ok)
	assert.True(t, sum.IsMonotonic)
	found := map[string]int64{}
	for _, p := range sum.DataPoints {
		var names []string
		own := false
		for _, a := range p.Attributes.ToSlice() {
			if a.Key == "processor" {
				own = true
				continue
			}
			names = append(names, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
		}
		assert.True(t, own)
		found[strings.Join(names, " ")] = p.Value
	}
	return found
}

func accept(plog.Logs) error { return nil }

// TestKills: kills are counted by what ran out, from zero on, and other events are not.
func TestKills(t *testing.T) {
	p := newCounting(t, accept)
	assert.Equal(t, map[string]int64{"oom.constraint=none oom.scope=host": 0, "oom.constraint=memcg oom.scope=cgroup": 0}, p.kills(t))
	for host := range 3 {
		require.NoError(t, p.ConsumeLogs(t.Context(), fromHost(fmt.Sprint("node-", host), captured(t, "kill.kmsg")...)))
	}
	kills := p.kills(t)
	assert.EqualValues(t, 3, kills["oom.constraint=memcg oom.scope=cgroup"], kills)
	require.NoError(t, p.ConsumeLogs(t.Context(), fromHost("node-9", "Memory cgroup out of memory: Kill process 7 (x) score 1 or sacrifice child")))
	assert.Equal(t, kills, p.kills(t), "whether it was killed is not known")
}

// TestKillsByAttributes: the attributes are the record's and those of the lines' resource.
func TestKillsByAttributes(t *testing.T) {
	p := newCounting(t, accept, "host.name", "oom.killer", "k8s.pod.name")
	for range 2 {
		require.NoError(t, p.ConsumeLogs(t.Context(), fromHost("node-1", captured(t, "kill.kmsg")...)))
	}
	require.NoError(t, p.ConsumeLogs(t.Context(), fromHost("node-2", captured(t, "kill.kmsg")...)))
	assert.Equal(t, map[string]int64{"": 0, "host.name=node-1 oom.killer=kernel": 1, "host.name=node-2 oom.killer=kernel": 1}, p.kills(t),
		"the same kill twice is one")
}

// TestKillsThatAreRefused: what the next component refuses is no kill yet, what it refuses for good
// is none.
func TestKillsThatAreRefused(t *testing.T) {
	var answer error
	p := newCounting(t, func(plog.Logs) error { return answer }, "host.name")
	send := func(host string) error {
		return p.ConsumeLogs(t.Context(), fromHost(host, captured(t, "kill.kmsg")...))
	}
	answer = errRefused
	require.Error(t, send("node-1"))
	assert.Equal(t, map[string]int64{"": 0}, p.kills(t))
	answer = consumererror.NewPermanent(errRefused)
	require.Error(t, send("node-2"))
	assert.Equal(t, map[string]int64{"": 0}, p.kills(t))
	answer = nil
	require.NoError(t, send("node-1"))
	assert.Equal(t, map[string]int64{"": 0, "host.name=node-1": 1}, p.kills(t))
}

// TestKillsOfMoreHostsThanSeries: the others are counted together, below the limit at which the SDK
// would do so itself.
func TestKillsOfMoreHostsThanSeries(t *testing.T) {
	p := newCounting(t, accept, "host.name")
	const hosts = tally.MaxSeries + 20
	for host := range hosts {
		require.NoError(t, p.ConsumeLogs(t.Context(), fromHost(fmt.Sprint("node-", host), captured(t, "kill.kmsg")...)))
	}
	kills := p.kills(t)
	assert.Len(t, kills, tally.MaxSeries+1)
	assert.EqualValues(t, 21, kills["otel.metric.overflow=true"])
	sum := int64(0)
	for _, n := range kills {
		sum += n
	}
	assert.EqualValues(t, hosts, sum)
}
