// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
)

var errRefused = errors.New("refused")

// newNext returns a next component made of a function.
func newNext(fn func(context.Context, plog.Logs) error) (consumer.Logs, error) {
	return consumer.NewLogs(fn)
}

func TestRefusedBatchesComeAgain(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	refuse := false
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if refuse = !refuse; refuse { // every batch is refused once
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, nil)
	for from := 0; from < len(lines); from += 10 {
		ld := fromHost("node-1", lines[from:min(from+10, len(lines))]...)
		require.ErrorIs(t, p.ConsumeLogs(context.Background(), ld), errRefused)
		require.NoError(t, p.ConsumeLogs(context.Background(), ld))
	}
	ours, others := split(sink.AllLogs()...)
	assert.Equal(t, lines, others)
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
	refuse = true // let the shutdown's flush through
}

func TestRefusedForGoodIsTakenAsRead(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	calls := 0
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if calls++; calls == 1 {
			return consumererror.NewPermanent(errRefused)
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, nil)
	require.True(t, consumererror.IsPermanent(p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:10]...))))
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[10:]...)))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assertKill(t, ours[0]) // complete: what was refused for good does not come again, yet it was read
}

func TestPanicOfTheNextComponentLeavesNoLock(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	broken := true
	sink := new(consumertest.LogsSink)
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if broken {
			panic("broken")
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, nil)
	require.Panics(t, func() { _ = p.ConsumeLogs(context.Background(), fromHost("node-1", lines...)) })
	broken = false
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines...)))
	ours, _ := split(sink.AllLogs()...)
	assert.Len(t, ours, 1)
}

func TestReportTimeout(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	var refusals atomic.Int64
	sink := new(consumertest.LogsSink)
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if ours, _ := split(ld); len(ours) > 0 && refusals.Add(1) <= 2 {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	host := &statusHost{}
	p := startOn(t, host, next, func(c *Config) { c.ReportTimeout = 100 * time.Millisecond })
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:20]...)))
	require.Eventually(t, func() bool { return sink.LogRecordCount() == 21 }, time.Minute, 10*time.Millisecond)
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assert.Equal(t, "oom.unresolved", ours[0].lr.EventName())
	assert.Equal(t, false, ours[0].attrs["oom.report.complete"])
	assert.Equal(t, "node-1", ours[0].resource["host.name"])
	assert.EqualValues(t, 3, refusals.Load(), "two refusals, then it was taken")
	require.Eventually(t, func() bool { return p.table.active.Load() == 0 }, time.Minute, time.Millisecond)
	require.NoError(t, p.Shutdown(context.Background()))
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, host.told, "on change only")
}

// statusHost notes what a component says of its status.
type statusHost struct{ told []componentstatus.Status }

func (*statusHost) GetExtensions() map[component.ID]component.Component { return nil }

func (h *statusHost) Report(event *componentstatus.Event) { h.told = append(h.told, event.Status()) }

func TestShutdownSendsWhatIsOpen(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	p := start(t, sink, nil)
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:20]...)))
	require.NoError(t, p.Shutdown(context.Background()))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assert.Equal(t, "oom.unresolved", ours[0].lr.EventName(), "whom it kills the next processor may read")
}

// TestEviction runs more hosts than there is room for, one batch for all lines and one for each
// line.
func TestEviction(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	const hosts = 20
	few := func(c *Config) { c.MaxStreams = 4 }

	all := plog.NewLogs()
	for _, line := range lines {
		for h := range hosts {
			addHost(all, fmt.Sprintf("node-%d", h), line)
		}
	}
	sink := new(consumertest.LogsSink)
	p := start(t, sink, few)
	require.NoError(t, p.ConsumeLogs(context.Background(), all))
	assert.LessOrEqual(t, p.table.len(), 4)
	assertOneKillEach(t, hosts, sink.AllLogs())

	sink = new(consumertest.LogsSink)
	p = start(t, sink, few)
	for i := range lines {
		for h := range hosts {
			require.NoError(t, p.ConsumeLogs(context.Background(), fromHost(fmt.Sprintf("node-%d", h), lines[i])))
			require.LessOrEqual(t, p.table.len(), 4)
		}
	}
	kills := map[any]int{}
	ours, others := split(sink.AllLogs()...)
	for _, r := range ours {
		if r.lr.EventName() == "oom.kill" {
			kills[r.resource["host.name"]]++
		}
	}
	assert.Len(t, others, hosts*len(lines))
	assert.Len(t, kills, hosts, "a stream that had to go costs context, never a kill")
	for host, n := range kills {
		assert.Equal(t, 1, n, host)
	}
}

// TestShutdownBeforeTheKillLine: the line comes to the processor that is started next, and makes
// the record.
func TestShutdownBeforeTheKillLine(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "Killed process") })
	sink := new(consumertest.LogsSink)
	for _, part := range [][]string{lines[:at], lines[at:]} {
		p := start(t, sink, nil)
		require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node", part...)))
		require.NoError(t, p.Shutdown(context.Background()))
	}
	kills := 0
	ours, _ := split(sink.AllLogs()...)
	for _, r := range ours {
		if r.lr.EventName() == "oom.kill" {
			kills++
		}
	}
	assert.Equal(t, 1, kills)
}

// assertOneKillEach checks that each host told its kill once, with nothing of the report lost.
func assertOneKillEach(t *testing.T, hosts int, logs []plog.Logs) {
	t.Helper()
	ours, _ := split(logs...)
	kills := map[any]int{}
	for _, r := range ours {
		assertKill(t, r)
		kills[r.resource["host.name"]]++
	}
	assert.Len(t, kills, hosts)
	for host, n := range kills {
		assert.Equal(t, 1, n, host)
	}
}

// TestInterleavedHosts sends the reports of 1,000 hosts through four senders, line by line among
// each other, while the next component fails every third batch and its sender sends it again.
func TestInterleavedHosts(t *testing.T) {
	const hosts, senders, perBatch = 1000, 4, 25
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	var calls atomic.Int64
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if calls.Add(1)%3 == 0 {
			return errRefused
		}
		kept := plog.NewLogs()
		ld.CopyTo(kept)
		return sink.ConsumeLogs(ctx, kept)
	})
	require.NoError(t, err)
	p := start(t, next, func(c *Config) { c.ReportTimeout = time.Hour })

	send := func(ld plog.Logs) {
		for p.ConsumeLogs(context.Background(), ld) != nil {
		}
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			ld, inBatch := plog.NewLogs(), 0
			for i := range lines {
				for h := s; h < hosts; h += senders {
					addHost(ld, fmt.Sprintf("node-%d", h), lines[i])
					if inBatch++; inBatch == perBatch {
						send(ld)
						ld, inBatch = plog.NewLogs(), 0
					}
				}
			}
			send(ld)
		})
	}
	wg.Wait()
	_, others := split(sink.AllLogs()...)
	assert.Len(t, others, hosts*len(lines), "each line passes once")
	assertOneKillEach(t, hosts, sink.AllLogs())
	calls.Store(0)
}

// TestSendersOfTheSameStreams lets calls that share streams in different orders run into each
// other.
func TestSendersOfTheSameStreams(t *testing.T) {
	line := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	p := start(t, sink, func(c *Config) { c.MaxStreams = 2 })
	var wg sync.WaitGroup
	for s := range 8 {
		wg.Go(func() {
			for i := range 50 {
				ld := plog.NewLogs()
				for h := range 4 {
					addHost(ld, fmt.Sprintf("node-%d", (h*(s%3+1)+i)%5), line[len(line)-1])
				}
				assert.NoError(t, p.ConsumeLogs(context.Background(), ld))
			}
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, p.table.len(), 2)
}

// TestReportTimeoutWaitsForARetry: while the sender of a refused batch waits, its report must not
// be closed under it.
func TestReportTimeoutWaitsForARetry(t *testing.T) {
	lines := captured(t, "kill.kmsg")
	sink := new(consumertest.LogsSink)
	var refuse atomic.Bool
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if refuse.Load() {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(c *Config) { c.ReportTimeout = time.Hour })
	last := len(lines) - 1
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[:last]...)))
	refuse.Store(true)
	require.Error(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[last])))
	refuse.Store(false)
	require.NoError(t, p.flushDue(context.Background(), time.Now())) // as if the timeout were over
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", lines[last])))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assertKill(t, ours[0])
}
