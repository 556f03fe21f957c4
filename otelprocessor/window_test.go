// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadatatest"
)

// sliced returns the batches of a size that lines come in.
func sliced(host string, size int, lines []string) (batches []plog.Logs) {
	for part := range slices.Chunk(lines, size) {
		batches = append(batches, fromHost(host, part...))
	}
	return batches
}

// throughGateway sends batches that come over the network, and returns the records and the other
// bodies.
func throughGateway(t *testing.T, change func(*Config), batches []plog.Logs) (records []found, others []string) {
	t.Helper()
	sink := new(consumertest.LogsSink)
	p := start(t, sink, change)
	for _, ld := range batches {
		require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), ld))
	}
	require.NoError(t, p.Shutdown(context.Background()))
	return split(sink.AllLogs()...)
}

// byID returns what the records say, by their ids.
func byID(records []found) map[string]map[string]any {
	said := make(map[string]map[string]any)
	for _, r := range records {
		said[fmt.Sprint(r.attrs["log.record.uid"])] = r.attrs
	}
	return said
}

// shuffled returns batches as ten consumers of a queue may send them.
func shuffled(seed int, batches []plog.Logs) []plog.Logs {
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	for part := range slices.Chunk(batches, 10) {
		random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return batches
}

// TestOutOfOrder: the bundled captures, in batches whose order is lost: all lines pass, and the
// records are those of the lines in their order, by the kernel's numbers and by its stamps.
func TestOutOfOrder(t *testing.T) {
	for _, name := range []string{"kmsg.raw", "syslog.raw"} {
		files, lines := capturesOf(t, name)
		for i, file := range files {
			want, _ := throughGateway(t, func(c *Config) { c.ReorderWait = 0 }, sliced("node", 1<<20, lines[file]))
			for _, size := range []int{7, 20, 100} {
				if size < 100 && name == "syslog.raw" {
					continue // forty figures of memory.stat share one stamp: arrival alone would order them
				}
				got, others := throughGateway(t, func(c *Config) { c.ReorderWait = time.Minute }, shuffled(i, sliced("node", size, lines[file])))
				assert.Len(t, others, len(lines[file]), file)
				assert.Len(t, got, len(want), "%s in batches of %d", file, size)
				assert.Equal(t, byID(want), byID(got), "%s in batches of %d", file, size)
			}
		}
	}
}

// TestOutOfOrderIsRead: what waits is read when its time has come, without another batch; the
// metric counts what came out of order, and one warning says what to set.
func TestOutOfOrderIsRead(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	want, _ := split(run(t, nil, fromHost("node", lines...))...)
	telemetry := componenttest.NewTelemetry()
	defer func() { require.NoError(t, telemetry.Shutdown(context.Background())) }()
	core, logs := observer.New(zap.WarnLevel)
	set := processortest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	set.Logger = zap.New(core)
	cfg := createDefaultConfig().(*Config)
	cfg.ReorderWait = 3 * time.Second // however slow the machine is
	sink := new(consumertest.LogsSink)
	p, err := newProcessor(set, cfg, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(context.Background(), componenttest.NewNopHost()))
	defer func() { require.NoError(t, p.Shutdown(context.Background())) }()

	batches := sliced("node", len(lines)/3+1, lines)
	require.Len(t, batches, 3)
	for _, i := range []int{1, 2, 0} { // the first has no word of an OOM kill in it
		require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), batches[i]))
	}
	var got []found
	require.Eventually(t, func() bool {
		got, _ = split(sink.AllLogs()...)
		return len(got) > 0
	}, time.Minute, 10*time.Millisecond)
	assert.Equal(t, byID(want), byID(got))
	metadatatest.AssertEqualProcessorOomKillOutOfOrder(t, telemetry, []metricdata.DataPoint[int64]{
		{Value: 1, Attributes: attribute.NewSet(attribute.String("processor", set.ID.String()))},
	}, metricdatatest.IgnoreTimestamp())
	require.Equal(t, 1, logs.Len())
	assert.Contains(t, logs.All()[0].Message, "num_consumers")
}

// TestTooLate: lines that come later than they are waited for take no part in what was told, and no
// report that they may be of is complete.
func TestTooLate(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	batches := sliced("node", len(lines)/3+1, lines)
	sink := new(consumertest.LogsSink)
	p := start(t, sink, func(c *Config) { c.ReorderWait = 50 * time.Millisecond })
	require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), batches[0]))
	require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), batches[2]))
	require.Eventually(t, func() bool {
		ours, _ := split(sink.AllLogs()...)
		return len(ours) > 0
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), batches[1]))
	require.NoError(t, p.Shutdown(context.Background()))
	got, others := split(sink.AllLogs()...)
	assert.Len(t, others, len(lines))
	require.Len(t, got, 1)
	assert.Equal(t, "oom.kill", got[0].attrs["event.name"])
	assert.Equal(t, false, got[0].attrs["oom.report.complete"])
}

// TestHeldAreTakenBack: what waits belongs to a batch that was accepted: one that is refused comes
// again.
func TestHeldAreTakenBack(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	refuse := true
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if refuse {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(c *Config) { c.ReorderWait = time.Minute })
	for _, ld := range sliced("node", 10, lines) {
		refuse = true
		require.Error(t, p.ConsumeLogs(from("10.0.0.1"), ld))
		refuse = false
		require.NoError(t, p.ConsumeLogs(from("10.0.0.1"), ld))
	}
	require.NoError(t, p.Shutdown(context.Background()))
	ours, others := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assert.Equal(t, true, ours[0].attrs["oom.report.complete"])
	assert.Len(t, others, len(lines))
}

// TestBatchComesAgain: a sender that got no answer sends a batch once more, before or after its
// lines were read: the report is whole, and told once.
func TestBatchComesAgain(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	want, _ := split(run(t, nil, fromHost("node", lines...))...)
	batches := sliced("node", len(lines)/3+1, lines)
	for _, wait := range []time.Duration{time.Minute, time.Nanosecond} {
		var again []plog.Logs
		for _, i := range []int{0, 0, 1, 0, 1, 2, 1, 2} {
			ld := plog.NewLogs()
			batches[i].CopyTo(ld)
			again = append(again, ld)
		}
		got, _ := throughGateway(t, func(c *Config) { c.ReorderWait = wait }, again)
		require.Len(t, got, 1)
		assert.Equal(t, byID(want), byID(got))
	}
}
