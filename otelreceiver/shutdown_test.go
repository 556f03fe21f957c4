// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// slowBackend accepts what comes until it is told to hang: then a call returns, accepted, when it
// is released, and not before.
type slowBackend struct {
	sink
	hangs    atomic.Bool
	calls    atomic.Int64
	hanging  atomic.Int64
	released chan struct{}
	// cancellable makes a call that hangs end with its context, as most do.
	cancellable func(error) error
}

func newSlowBackend() *slowBackend { return &slowBackend{released: make(chan struct{})} }

func (s *slowBackend) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	s.calls.Add(1)
	if s.hangs.Load() {
		s.hanging.Add(1)
		defer s.hanging.Add(-1)
		ended := ctx.Done()
		if s.cancellable == nil {
			ended = nil
		}
		select {
		case <-s.released:
		case <-ended:
			return s.cancellable(ctx.Err())
		}
	}
	return s.sink.ConsumeLogs(ctx, logs)
}

// uids returns the ids of the records, in the order of their arrival.
func (s *sink) uids() (uids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, lr := range s.records {
		uid, _ := lr.Attributes().Get("log.record.uid")
		uids = append(uids, uid.Str())
	}
	return uids
}

// startImpatient starts a receiver whose Shutdown waits a moment only.
func startImpatient(t *testing.T, cfg *Config, host component.Host, next consumer.Logs, logger *zap.Logger) *oomReceiver {
	t.Helper()
	set := settingsOf(t)
	if logger != nil {
		set.Logger = logger
	}
	rcv, err := newFactory(newSource).CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	r := rcv.(*oomReceiver)
	r.patience = patience{accept: 30 * time.Millisecond, cancel: 30 * time.Millisecond, store: time.Minute}
	require.NoError(t, r.Start(t.Context(), host))
	return r
}

func TestShutdownTakesLessThanFiveSeconds(t *testing.T) {
	p := defaultPatience
	assert.Less(t, p.accept+p.cancel+p.store, 5*time.Second)
}

// The next component takes longer over a call than Shutdown may take. What it has not accepted by
// then comes after the restart, with equal ids, whether it heeds the end of its context or not, and
// whatever it answers then.
func TestShutdownWhileACallHangs(t *testing.T) {
	for name, cancellable := range map[string]func(error) error{
		"heedless":                    nil,
		"cancelled":                   func(err error) error { return err },
		"cancelled and says for good": consumererror.NewPermanent,
		"cancelled without an error":  func(error) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
			host, backend := newStorageHost(), newSlowBackend()
			backend.cancellable = cancellable
			cfg := fileConfig(true, w.path)
			r := startImpatient(t, cfg, host, backend, nil)
			w.append(w.syslog(100)...)
			backend.waitFor(t, 100)
			w.append("2026-11-21T08:17:59.123456+00:00 node-7 kernel: [ 9999.000000] usb\n") // ends the report
			host.waitForStored(t, sourceFile, `"offset"`)

			backend.hangs.Store(true)
			want := []int64{101}
			w.append(w.syslog(101)...)
			require.Eventually(t, func() bool { return backend.hanging.Load() == 1 }, time.Minute, time.Millisecond)
			for pid := 102; pid < 110; pid++ {
				w.append(w.syslog(pid)...)
				want = append(want, int64(pid))
			}
			require.Eventually(t, func() bool { return r.queued() > 0 }, time.Minute, time.Millisecond)
			require.NoError(t, r.Shutdown(t.Context()))
			if cancellable == nil {
				assert.EqualValues(t, 1, backend.hanging.Load(), "Shutdown did not wait for the call")
			}
			calls := backend.calls.Load()
			close(backend.released)
			require.Eventually(t, func() bool { return backend.hanging.Load() == 0 }, time.Minute, time.Millisecond)

			again := &sink{}
			run(t, cfg, host, again, newSource)
			require.Eventually(t, func() bool {
				pids := again.pids()
				return len(pids) > 0 && pids[len(pids)-1] == want[len(want)-1]
			}, time.Minute, 5*time.Millisecond)
			got := again.pids()
			if cancellable != nil && cancellable(context.Canceled) == nil {
				want = slices.DeleteFunc(want, func(pid int64) bool { return pid == 101 && !slices.Contains(got, pid) }) // it said that it has it
			}
			assert.Equal(t, want, got[max(0, len(got)-len(want)):])
			assert.Subset(t, []int64{100, 101, 102, 103, 104, 105, 106, 107, 108, 109}, got)
			for _, uid := range backend.uids()[1:] { // what a call that nobody waited for took in the end
				assert.Contains(t, again.uids(), uid)
			}
			assert.Equal(t, calls, backend.calls.Load(), "nothing is delivered after Shutdown")
		})
	}
}

// queued returns how many items wait for the delivery.
func (r *oomReceiver) queued() int {
	r.queue.mu.Lock()
	defer r.queue.mu.Unlock()
	return len(r.queue.items)
}

// Without storage what was read and not accepted is counted, and told with its ids.
func TestShutdownWithoutStorageSaysWhatIsLost(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	backend := newSlowBackend()
	backend.hangs.Store(true)
	core, logs := observer.New(zap.ErrorLevel)
	r := startImpatient(t, fileConfig(false, w.path), componenttest.NewNopHost(), backend, zap.New(core))
	w.append(w.syslog(100)...)
	require.Eventually(t, func() bool { return backend.hanging.Load() == 1 }, time.Minute, time.Millisecond)
	w.append(w.syslog(101)...)
	require.Eventually(t, func() bool { return r.queued() > 0 }, time.Minute, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	require.Equal(t, 1, logs.Len())
	fields := logs.All()[0].ContextMap()
	assert.EqualValues(t, 2, fields["dropped"])
	assert.Len(t, fields["log.record.uid"], 2)
	close(backend.released)
}

// A source that cannot be stopped does not keep Shutdown waiting.
func TestShutdownWhileTheSourceHangs(t *testing.T) {
	hang := &hangingSource{released: make(chan struct{})}
	rcv, err := newFactory(func(*Config) source { return hang }).CreateLogs(t.Context(), settingsOf(t), quick(nil), &sink{})
	require.NoError(t, err)
	r := rcv.(*oomReceiver)
	r.patience = patience{time.Millisecond, time.Millisecond, time.Minute}
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, r.Shutdown(t.Context()))
	assert.False(t, hang.closed.Load(), "it is in use")
	close(hang.released)
	require.Eventually(t, hang.closed.Load, time.Minute, time.Millisecond)
}

// hangingSource reads from something that does not answer.
type hangingSource struct {
	released chan struct{}
	closed   atomic.Bool
}

func (h *hangingSource) open(*intake, []byte) error { return nil }
func (h *hangingSource) run(context.Context)        { <-h.released }
func (h *hangingSource) checkpoint() []byte         { return nil }
func (h *hangingSource) close()                     { h.closed.Store(true) }

// hangingMetrics is a next component that does not answer.
type hangingMetrics struct{ released chan struct{} }

func (h hangingMetrics) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }
func (h hangingMetrics) ConsumeMetrics(context.Context, pmetric.Metrics) error {
	<-h.released
	return nil
}

// Metrics that are not accepted do not keep Shutdown waiting either.
func TestShutdownWhileMetricsHang(t *testing.T) {
	next := hangingMetrics{make(chan struct{})}
	rcv, err := newFactory(ringSource(newRing(10), "boot-1")).CreateMetrics(t.Context(), settingsOf(t), quick(nil), next)
	require.NoError(t, err)
	r := rcv.(*oomReceiver)
	r.patience = patience{time.Millisecond, time.Millisecond, time.Minute}
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, r.Shutdown(t.Context()))
	close(next.released)
}

// hangingStorage is a storage whose disk does not answer.
type hangingStorage struct {
	*memoryStorage
	released chan struct{}
	sets     atomic.Int64
}

func (h *hangingStorage) GetClient(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	client, err := h.memoryStorage.GetClient(ctx, kind, id, name)
	return hangingClient{client, h}, err
}

type hangingClient struct {
	storage.Client
	owner *hangingStorage
}

func (c hangingClient) Set(context.Context, string, []byte) error {
	if c.owner.sets.Add(1) > 1 { // the first is part of the start
		<-c.owner.released
	}
	return nil
}

// A storage that does not answer does not keep Shutdown waiting, which says so.
func TestShutdownWhileTheStorageHangs(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	ext := &hangingStorage{memoryStorage: &memoryStorage{}, released: make(chan struct{})}
	defer close(ext.released)
	host := extensionHost{componenttest.NewNopHost(), map[component.ID]component.Component{storageID: ext}}
	r := startImpatient(t, fileConfig(true, w.path), host, &sink{}, nil)
	r.patience.store = time.Millisecond
	w.append(w.syslog(100)...)
	require.Eventually(t, func() bool { return ext.sets.Load() > 1 }, time.Minute, time.Millisecond)
	require.ErrorContains(t, r.Shutdown(t.Context()), "storage: it does not close")
}

// extensionHost is a collector with these extensions.
type extensionHost struct {
	component.Host
	extensions map[component.ID]component.Component
}

func (h extensionHost) GetExtensions() map[component.ID]component.Component { return h.extensions }
