// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadatatest"
)

var errRefused = errors.New("refused")

// While the next component refuses, the ring is drained, and no checkpoint moves past what was not
// accepted.
func TestRefusedDataIsKeptAndTheRingDrained(t *testing.T) {
	var k printk
	r := newRing(20) // two reports
	host, next := newStorageHost(), &sink{}
	var refusing atomic.Bool
	refusing.Store(true)
	next.answer = func() error {
		if refusing.Load() {
			return errRefused
		}
		return nil
	}
	cfg := quick(func(c *Config) { c.Storage = &storageID })
	run(t, cfg, host, next, ringSource(r, "boot-1"))
	var want []int64
	for pid := int64(100); pid < 130; pid++ {
		r.write(k.report(int(pid))...)
		want = append(want, pid)
		require.Eventually(t, func() bool { return r.drained() }, time.Minute, time.Millisecond)
	}
	time.Sleep(checkpointInterval + 200*time.Millisecond)
	stored, _ := host.extension.data.Load(typ.String() + sourceKmsg)
	assert.Nil(t, stored, "nothing was accepted yet")
	refusing.Store(false)
	next.waitFor(t, want...)
	host.waitForCheckpoint(t, k.Sequence)
}

// When the buffer is full the ring is left alone: what it can still hold is not lost.
func TestFullBufferWaits(t *testing.T) {
	var k printk
	r := newRing(1 << 20)
	next := &sink{}
	var refusing atomic.Bool
	refusing.Store(true)
	next.answer = func() error {
		if refusing.Load() {
			return errRefused
		}
		return nil
	}
	cfg := quick(func(c *Config) { c.BufferSize = minBufferSize })
	run(t, cfg, nil, next, ringSource(r, "boot-1"))
	var want []int64
	for pid := int64(100); pid < 400; pid++ {
		r.write(k.report(int(pid))...)
		want = append(want, pid)
	}
	time.Sleep(300 * time.Millisecond)
	assert.False(t, r.drained(), "300 records do not fit in the buffer")
	refusing.Store(false)
	next.waitFor(t, want...)
}

// With emit: all a full buffer costs lines, counted, but no record.
func TestFullBufferShedsLinesBeforeRecords(t *testing.T) {
	var k printk
	r := newRing(1 << 20)
	next := &sink{}
	var refusing atomic.Bool
	refusing.Store(true)
	next.answer = func() error {
		if refusing.Load() {
			return errRefused
		}
		return nil
	}
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	cfg := quick(func(c *Config) { c.BufferSize, c.Emit = minBufferSize, "all" })
	set := receivertest.NewNopSettings(typ)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	rcv, err := newFactory(ringSource(r, "boot-1")).CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, rcv.Start(t.Context(), componenttest.NewNopHost()))
	for range 5000 {
		r.write(k.print("6;usb 1-1: new full-speed USB device number 2 using xhci_hcd, and other words"))
	}
	r.write(k.report(100)...)
	require.Eventually(t, func() bool { return r.drained() }, time.Minute, time.Millisecond)
	refusing.Store(false)
	next.waitFor(t, 100)
	require.NoError(t, rcv.Shutdown(t.Context()))

	metric, err := telemetry.GetMetric("otelcol_receiver_oom_kill_dropped_lines")
	require.NoError(t, err)
	dropped := sumOf(metric)
	assert.Positive(t, dropped)
	assert.EqualValues(t, 5000+len(reportLines)+1, dropped+int64(next.len()))
}

// A permanent error costs the data it is about, which is counted and told, and nothing else.
func TestPermanentErrorIsCounted(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		change func(*Config)
	}{
		"permanent":               {consumererror.NewPermanent(errRefused), nil},
		"without retry":           {errRefused, func(c *Config) { c.RetryOnFailure.Enabled = false }},
		"for longer than allowed": {errRefused, func(c *Config) { c.RetryOnFailure.MaxElapsedTime = 10 * time.Millisecond }},
	} {
		t.Run(name, func(t *testing.T) {
			telemetry := componenttest.NewTelemetry()
			t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
			var k printk
			r := newRing(1000)
			host, next := newStorageHost(), &sink{}
			var refusing atomic.Bool
			refusing.Store(true)
			var calls atomic.Int64
			next.answer = func() error {
				if refusing.Load() {
					calls.Add(1)
					return tc.err
				}
				return nil
			}
			cfg := quick(func(c *Config) { c.Storage = &storageID })
			if tc.change != nil {
				tc.change(cfg)
			}
			set := receivertest.NewNopSettings(typ)
			set.ID = component.NewID(typ)
			set.TelemetrySettings = telemetry.NewTelemetrySettings()
			rcv, err := newFactory(ringSource(r, "boot-1")).CreateLogs(t.Context(), set, cfg, next)
			require.NoError(t, err)
			require.NoError(t, rcv.Start(t.Context(), host))
			r.write(k.report(100)...)
			require.Eventually(t, func() bool {
				metric, err := telemetry.GetMetric("otelcol_receiver_oom_kill_dropped_records")
				return err == nil && sumOf(metric) == 1
			}, time.Minute, 5*time.Millisecond)
			refusing.Store(false)
			r.write(k.report(101)...)
			next.waitFor(t, 101)
			host.waitForCheckpoint(t, k.Sequence)
			require.NoError(t, rcv.Shutdown(t.Context()))
			metadatatest.AssertEqualReceiverOomKillLines(t, telemetry, linesCount(set.ID, 2*len(reportLines)), ignoreTime...)
		})
	}
}

// A component says that it is ill when that begins and that it is well when that ends, and not in
// between.
func TestStatusOnChangeOnly(t *testing.T) {
	var k printk
	r := newRing(1000)
	host := &statusHost{Host: componenttest.NewNopHost()}
	next := &sink{}
	var calls atomic.Int64
	next.answer = func() error {
		if calls.Add(1) < 5 {
			return errRefused
		}
		return nil
	}
	run(t, quick(nil), host, next, ringSource(r, "boot-1"))
	r.write(k.report(100)...)
	next.waitFor(t, 100)
	r.write(k.report(101)...)
	next.waitFor(t, 100, 101)
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, host.seen())
}

// A record that the next component refuses for good does not cost those that were sent with it, and
// the status does not say that all is well until a later batch was accepted.
func TestOnlyTheRefusedRecordIsLost(t *testing.T) {
	var k printk
	r := newRing(1000)
	host, accepted := &statusHost{Host: componenttest.NewNopHost()}, &sink{}
	var waiting atomic.Bool
	waiting.Store(true)
	next, err := consumer.NewLogs(func(ctx context.Context, logs plog.Logs) error {
		if waiting.Load() {
			return errRefused // so that one batch is all of the kills
		}
		refused := &sink{}
		_ = refused.ConsumeLogs(ctx, logs)
		if slices.Contains(refused.pids(), 149) {
			return consumererror.NewPermanent(errRefused)
		}
		return accepted.ConsumeLogs(ctx, logs)
	})
	require.NoError(t, err)
	core, logs := observer.New(zap.ErrorLevel)
	set := settingsOf(t)
	set.Logger = zap.New(core)
	rcv, err := newFactory(ringSource(r, "boot-1")).CreateLogs(t.Context(), set, quick(nil), next)
	require.NoError(t, err)
	require.NoError(t, rcv.Start(t.Context(), host))
	var want []int64
	for pid := int64(100); pid < 150; pid++ {
		r.write(k.report(int(pid))...)
		if pid != 149 {
			want = append(want, pid)
		}
	}
	queued := rcv.(*oomReceiver).counts
	require.Eventually(t, func() bool { return r.drained() && queued.lines.Load() == 50 }, time.Minute, time.Millisecond)
	waiting.Store(false)
	accepted.waitFor(t, want...)
	require.Eventually(t, func() bool { return logs.FilterMessageSnippet("refused them for good").Len() == 1 }, time.Minute, time.Millisecond)
	dropped := logs.FilterMessageSnippet("refused them for good").All()[0].ContextMap()
	assert.EqualValues(t, 1, dropped["dropped"])
	assert.Len(t, dropped["log.record.uid"], 1)
	last := func() componentstatus.Status { return host.seen()[len(host.seen())-1] }
	require.Eventually(t, func() bool { return last() == componentstatus.StatusRecoverableError }, time.Minute, time.Millisecond)
	time.Sleep(20 * time.Millisecond)
	require.Equal(t, componentstatus.StatusRecoverableError, last())

	r.write(k.report(150)...)
	accepted.waitFor(t, append(want, 150)...)
	require.Eventually(t, func() bool { return last() == componentstatus.StatusOK }, time.Minute, time.Millisecond)
	require.NoError(t, rcv.Shutdown(t.Context()))
}
