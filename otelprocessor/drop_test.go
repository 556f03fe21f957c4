// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadatatest"
)

// watched is a processor whose log, status and telemetry are kept.
type watched struct {
	*oomProcessor
	logs      *observer.ObservedLogs
	host      *statusHost
	telemetry *componenttest.Telemetry
	id        component.ID
}

func startWatched(t *testing.T, next consumer.Logs, change func(*Config)) *watched {
	t.Helper()
	core, logs := observer.New(zap.WarnLevel)
	w := &watched{logs: logs, host: &statusHost{}, telemetry: componenttest.NewTelemetry()}
	t.Cleanup(func() { require.NoError(t, w.telemetry.Shutdown(context.Background())) })
	set := processortest.NewNopSettings(NewFactory().Type())
	w.id = set.ID
	set.TelemetrySettings = w.telemetry.NewTelemetrySettings()
	set.Logger = zap.New(zapcore.NewSamplerWithOptions(core, 10*time.Second, 10, 100)) // as the collector's
	cfg := createDefaultConfig().(*Config)
	if change != nil {
		change(cfg)
	}
	var err error
	w.oomProcessor, err = newProcessor(set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, w.Start(context.Background(), w.host))
	return w
}

// refusing is a next component that refuses for good what holds a record of one of the hosts.
func refusing(t *testing.T, sink *consumertest.LogsSink, err error, hosts ...string) consumer.Logs {
	t.Helper()
	next, e := newNext(func(ctx context.Context, ld plog.Logs) error {
		ours, _ := split(ld)
		for _, r := range ours {
			for _, host := range hosts {
				if r.resource["host.name"] == host {
					return err
				}
			}
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, e)
	return next
}

// A record that the next component refuses for good costs neither the lines of its batch nor the
// other records.
func TestOnlyTheRefusedRecordIsLost(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	p := startWatched(t, refusing(t, sink, consumererror.NewPermanent(errRefused), "node-3"), nil)
	const hosts = 6
	ld := plog.NewLogs()
	for h := range hosts {
		addHost(ld, fmt.Sprintf("node-%d", h), lines...)
	}
	require.NoError(t, p.ConsumeLogs(context.Background(), ld), "the sender's lines were accepted")
	ours, others := split(sink.AllLogs()...)
	assert.Len(t, others, hosts*len(lines))
	kills := map[any]int{}
	for _, r := range ours {
		kills[r.resource["host.name"]]++
	}
	assert.Equal(t, map[any]int{"node-0": 1, "node-1": 1, "node-2": 1, "node-4": 1, "node-5": 1}, kills)

	dropped := p.logs.FilterMessageSnippet("OOM records dropped (1)").All()
	require.Len(t, dropped, 1)
	assert.Len(t, dropped[0].ContextMap()["log.record.uid"], 1)
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, p.host.told)
	self := attribute.NewSet(attribute.String("processor", p.id.String()))
	metadatatest.AssertEqualProcessorOomKillDroppedRecords(t, p.telemetry, []metricdata.DataPoint[int64]{{Value: 1, Attributes: self}}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualProcessorOomKillRecords(t, p.telemetry, []metricdata.DataPoint[int64]{{Value: hosts - 1, Attributes: self}}, metricdatatest.IgnoreTimestamp())

	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-9", lines...)))
	require.NoError(t, p.Shutdown(context.Background()))
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, p.host.told)
}

// Each of many drops is logged: the collector's logger leaves out messages that repeat.
func TestEveryDropIsLogged(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	const kills = 30
	var hosts []string
	for h := range kills {
		hosts = append(hosts, fmt.Sprintf("node-%d", h))
	}
	p := startWatched(t, refusing(t, new(consumertest.LogsSink), consumererror.NewPermanent(errRefused), hosts...), nil)
	for _, host := range hosts {
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost(host, lines...)))
	}
	require.NoError(t, p.Shutdown(context.Background()))
	assert.Equal(t, kills, p.logs.FilterMessageSnippet("OOM records dropped").Len())
}

// A record of a report that timed out and is refused for good does not come again, and nothing says
// that it does.
func TestRefusedForGoodAfterTheTimeout(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	p := startWatched(t, refusing(t, new(consumertest.LogsSink), consumererror.NewPermanent(errRefused), "node-1"),
		func(c *Config) { c.ReportTimeout = 100 * time.Millisecond })
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:20]...)))
	require.Eventually(t, func() bool { return p.logs.FilterMessageSnippet("OOM records dropped").Len() == 1 }, time.Minute, 10*time.Millisecond)
	require.Eventually(t, func() bool { return p.table.active.Load() == 0 }, time.Minute, time.Millisecond)
	time.Sleep(100 * time.Millisecond) // some more looks
	require.NoError(t, p.Shutdown(context.Background()))
	assert.Zero(t, p.logs.FilterMessageSnippet("sent again").Len())
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, p.host.told)
}

// What is refused at shutdown is lost: its id is in the error and in the log, and the other reports
// are sent all the same.
func TestRefusedAtShutdown(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	p := startWatched(t, refusing(t, sink, errRefused, "node-0", "node-1", "node-2"), nil)
	const hosts = 6
	for h := range hosts {
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost(fmt.Sprintf("node-%d", h), lines[:20]...)))
	}
	err := p.Shutdown(context.Background())
	require.ErrorIs(t, err, errRefused)
	dropped := p.logs.FilterMessageSnippet("at shutdown").All()
	require.Len(t, dropped, 3)
	for _, entry := range dropped {
		uids, _ := entry.ContextMap()["log.record.uid"].([]any)
		require.Len(t, uids, 1)
		assert.ErrorContains(t, err, uids[0].(string))
	}
	ours, _ := split(sink.AllLogs()...)
	assert.Len(t, ours, hosts-3)
}
