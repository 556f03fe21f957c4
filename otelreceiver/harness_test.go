// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/internal/health"
	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// quick returns a configuration for tests: short waits.
func quick(change func(*Config)) *Config {
	cfg := createDefaultConfig().(*Config)
	cfg.RetryOnFailure.InitialInterval = time.Millisecond
	cfg.RetryOnFailure.MaxInterval = 10 * time.Millisecond
	cfg.File.PollInterval = 5 * time.Millisecond
	cfg.ReportTimeout = 200 * time.Millisecond
	if change != nil {
		change(cfg)
	}
	return cfg
}

// sink is a next component that keeps what it accepts.
type sink struct {
	mu      sync.Mutex
	records []plog.LogRecord
	logs    []plog.Logs
	// answer decides about each call; nil accepts all.
	answer func() error
}

func (s *sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: true} }

func (s *sink) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer != nil {
		if err := s.answer(); err != nil {
			logs.ResourceLogs().RemoveIf(func(plog.ResourceLogs) bool { return true }) // it is ours to change
			return err
		}
	}
	s.logs = append(s.logs, logs)
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				s.records = append(s.records, lr)
			}
		}
	}
	return nil
}

// pids returns the victims in the order of their arrival.
func (s *sink) pids() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var pids []int64
	for _, lr := range s.records {
		if v, ok := lr.Attributes().Get("process.pid"); ok && oomlogs.IsRecord(lr) {
			pids = append(pids, v.Int())
		}
	}
	return pids
}

func (s *sink) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records)
}

// waitFor waits until these victims and no others have arrived, in this order.
func (s *sink) waitFor(t *testing.T, pids ...int64) {
	t.Helper()
	require.Eventually(t, func() bool { return slices.Equal(s.pids(), pids) }, time.Minute, 2*time.Millisecond,
		"want %v", pids)
}

// storageHost is a collector with one storage extension, that outlives the receivers under test.
type storageHost struct {
	component.Host
	extension *memoryStorage
}

var storageID = component.MustNewID("file_storage")

func newStorageHost() *storageHost {
	return &storageHost{Host: componenttest.NewNopHost(), extension: &memoryStorage{}}
}

func (h *storageHost) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: h.extension}
}

// waitForCheckpoint waits until the stored checkpoint of a kmsg source says that all before
// sequence is done with: the last report is closed by then.
func (h *storageHost) waitForCheckpoint(t *testing.T, sequence uint64) {
	t.Helper()
	h.waitForStored(t, sourceKmsg, fmt.Sprintf(`"sequence":%d}`, sequence))
}

// waitForStored waits until the stored checkpoint of a source holds the text.
func (h *storageHost) waitForStored(t *testing.T, source, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		b, _ := h.extension.data.Load(typ.String() + source)
		stored, _ := b.([]byte)
		return strings.Contains(string(stored), text)
	}, time.Minute, 5*time.Millisecond, text)
}

// memoryStorage keeps what a storage extension keeps on disk.
type memoryStorage struct {
	component.StartFunc
	component.ShutdownFunc
	data sync.Map
	fail error
	// generation counts the processes that used it: what a dead one still writes is not kept.
	generation atomic.Int64
}

func (m *memoryStorage) GetClient(_ context.Context, _ component.Kind, id component.ID, name string) (storage.Client, error) {
	return &memoryClient{m, id.String() + name, m.generation.Load()}, nil
}

type memoryClient struct {
	*memoryStorage
	prefix     string
	generation int64
}

func (c *memoryClient) Get(_ context.Context, key string) ([]byte, error) {
	v, _ := c.data.Load(c.prefix + key)
	b, _ := v.([]byte)
	return b, nil
}

func (c *memoryClient) Set(_ context.Context, key string, value []byte) error {
	if c.fail != nil {
		return c.fail
	}
	if c.generation != c.memoryStorage.generation.Load() {
		return nil
	}
	c.data.Store(c.prefix+key, slices.Clone(value))
	return nil
}

func (c *memoryClient) Delete(_ context.Context, key string) error {
	c.data.Delete(c.prefix + key)
	return nil
}
func (c *memoryClient) Batch(context.Context, ...*storage.Operation) error { return nil }
func (c *memoryClient) Close(context.Context) error                        { return nil }

// run starts a receiver of logs; it is shut down at the end of the test, or by the returned
// function.
func run(t *testing.T, cfg *Config, host component.Host, next consumer.Logs, makeSource func(*Config) source) (stop func()) {
	t.Helper()
	require.NoError(t, cfg.Validate())
	if host == nil {
		host = componenttest.NewNopHost()
	}
	r, err := newFactory(makeSource).CreateLogs(t.Context(), settingsOf(t), cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), host))
	stop = func() { require.NoError(t, r.Shutdown(context.Background())) }
	t.Cleanup(stop)
	return stop
}

// testIntake returns an intake for a source that is opened without a receiver.
func testIntake(t testing.TB, src source) *intake {
	t.Helper()
	set := componenttest.NewNopTelemetrySettings()
	telemetry, err := metadata.NewTelemetryBuilder(set)
	require.NoError(t, err)
	return &intake{
		timeout: time.Second, queue: newQueue(1 << 20), counts: newCounts(tally.Usual), telemetry: telemetry,
		status: new(health.Status), logger: set.Logger, source: src, now: time.Now,
	}
}

// settingsOf returns the settings of the receiver that run starts: the same id keeps the same
// checkpoint.
func settingsOf(t *testing.T) receiver.Settings {
	t.Helper()
	set := receivertest.NewNopSettings(typ)
	set.ID = component.NewID(typ)
	return set
}

// statusHost notes the component's status reports.
type statusHost struct {
	component.Host
	mu     sync.Mutex
	events []componentstatus.Status
}

func (h *statusHost) Report(e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e.Status())
}

func (h *statusHost) seen() []componentstatus.Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

var ignoreTime = []metricdatatest.Option{metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars()}

// linesCount is the count of the receiver with that id.
func linesCount(id component.ID, n int) []metricdata.DataPoint[int64] {
	return []metricdata.DataPoint[int64]{{Value: int64(n), Attributes: attribute.NewSet(attribute.String("receiver", id.String()))}}
}

// sumOf adds the data points of a counter up.
func sumOf(m metricdata.Metrics) (sum int64) {
	if data, ok := m.Data.(metricdata.Sum[int64]); ok {
		for _, p := range data.DataPoints {
			sum += p.Value
		}
	}
	return sum
}

// runObserved is run with the receiver's own log in sight.
func runObserved(t *testing.T, cfg *Config, next *sink) *observer.ObservedLogs {
	t.Helper()
	require.NoError(t, cfg.Validate())
	core, logs := observer.New(zap.WarnLevel)
	set := settingsOf(t)
	set.Logger = zap.New(core)
	r, err := newFactory(newSource).CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(t.Context())) })
	return logs
}
