// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/parser/record"
)

// aWarning returns a record of a warning with an id.
func aWarning(id string) *record.Record {
	r := new(record.Record).With(
		record.Attr{Name: "event.name", Value: record.StringValue(record.EventWarning)},
		record.Attr{Name: "log.record.uid", Value: record.StringValue(id)},
	)
	r.Body = "Near its limit: " + id
	r.Time = time.Now()
	return r
}

// refuser is a next component that refuses until it is told to accept.
func refuser() (next *sink, refusing *atomic.Bool) {
	next, refusing = &sink{}, new(atomic.Bool)
	refusing.Store(true)
	next.answer = func() error {
		if refusing.Load() {
			return errRefused
		}
		return nil
	}
	return next, refusing
}

// startWarned starts a receiver of a ring that warns, with metrics beside its logs.
func startWarned(t *testing.T, ring *ring, cfg *Config, host component.Host, next consumer.Logs) (*oomReceiver, *componenttest.Telemetry, *observer.ObservedLogs) {
	t.Helper()
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	core, logs := observer.New(zap.WarnLevel)
	set := settingsOf(t)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	set.Logger = zap.New(core)
	require.NoError(t, cfg.Validate())
	rcv, err := newFactory(ringSource(ring, "boot-1")).CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	r := rcv.(*oomReceiver)
	r.patience = patience{accept: 30 * time.Millisecond, cancel: 30 * time.Millisecond, store: time.Minute}
	require.NoError(t, r.Start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	return r, telemetry, logs
}

// A warning arrives among the kills as a log record of its own, and is no kill in any count. The
// stored checkpoint is that of the kills alone: nothing moves before they are accepted, and a
// warning holds nothing up.
func TestWarningLeavesTheCheckpointAlone(t *testing.T) {
	var k printk
	ring, host := newRing(1000), newStorageHost()
	next, refusing := refuser()
	r, _, _ := startWarned(t, ring, quick(func(c *Config) { c.Storage = &storageID }), host, next)
	ring.write(k.report(100)...)
	require.Eventually(t, func() bool { return r.counts.lines.Load() == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, r.pushWarning(t.Context(), aWarning("w1")))
	ring.write(k.report(101)...)
	require.Eventually(t, func() bool { return r.counts.lines.Load() == 2 }, time.Minute, time.Millisecond)
	require.NoError(t, r.pushWarning(t.Context(), aWarning("w2")))
	stored, _ := host.extension.data.Load(typ.String() + sourceKmsg)
	assert.Nil(t, stored, "nothing was accepted yet")
	refusing.Store(false)
	next.waitFor(t, 100, 101)
	host.waitForCheckpoint(t, k.Sequence)
	require.NoError(t, r.pushWarning(t.Context(), aWarning("w3")))
	require.Eventually(t, func() bool { return next.len() == 5 }, time.Minute, time.Millisecond)
	host.waitForCheckpoint(t, k.Sequence)

	warnings := slices.DeleteFunc(next.uids(), func(uid string) bool { return !strings.HasPrefix(uid, "w") })
	assert.Equal(t, []string{"w1", "w2", "w3"}, warnings) // a kill may be queued a moment after its line is counted
	for _, lr := range next.records {
		if lr.EventName() != record.EventWarning {
			continue
		}
		assert.Equal(t, plog.SeverityNumberWarn, lr.SeverityNumber())
		name, _ := lr.Attributes().Get("event.name")
		assert.Equal(t, record.EventWarning, name.Str())
		assert.NotZero(t, lr.ObservedTimestamp())
	}
	var kills int64
	for _, s := range r.counts.kills.Read(time.Now()) {
		kills += s.Kills
	}
	assert.EqualValues(t, 2, kills)
	assert.EqualValues(t, 2, r.counts.lines.Load())
}

// While nothing is accepted, warnings leave a quarter of the buffer to kills. What is left out is
// counted and named.
func TestWarningsDisplaceNoKill(t *testing.T) {
	var k printk
	ring := newRing(1000)
	next, refusing := refuser()
	r, telemetry, logs := startWarned(t, ring, quick(func(c *Config) { c.BufferSize = minBufferSize }), componenttest.NewNopHost(), next)
	held := func() int {
		r.queue.mu.Lock()
		defer r.queue.mu.Unlock()
		return r.queue.size
	}
	var left []string
	for i := range 2000 {
		id, before := fmt.Sprint("w", i), held()
		require.NoError(t, r.pushWarning(t.Context(), aWarning(id)))
		if held() == before {
			left = append(left, id)
		}
	}
	require.NotEmpty(t, left)
	assert.LessOrEqual(t, held(), minBufferSize/4*3)
	ring.write(k.report(100)...)
	require.Eventually(t, func() bool { return r.counts.lines.Load() == 1 }, time.Minute, time.Millisecond, "the kill has room")
	metric, err := telemetry.GetMetric("otelcol_receiver_oom_kill_dropped_warnings")
	require.NoError(t, err)
	assert.EqualValues(t, len(left), sumOf(metric))
	said := logs.FilterMessageSnippet("a warning was left out")
	require.Equal(t, len(left), said.Len())
	assert.Equal(t, []any{left[0]}, said.All()[0].ContextMap()["log.record.uid"])
	refusing.Store(false)
	next.waitFor(t, 100)
	require.Eventually(t, func() bool { return next.len() == 2000-len(left)+1 }, time.Minute, time.Millisecond)
}

// At a shutdown the storage brings the kills back, and of the warnings none: they are counted and
// named.
func TestShutdownSaysWhichWarningsAreLost(t *testing.T) {
	var k printk
	ring, host := newRing(1000), newStorageHost()
	next, _ := refuser()
	cfg := quick(func(c *Config) { c.Storage = &storageID })
	r, telemetry, logs := startWarned(t, ring, cfg, host, next)
	ring.write(k.report(100)...)
	require.Eventually(t, func() bool { return r.counts.lines.Load() == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, r.pushWarning(t.Context(), aWarning("w1")))
	metric := func() int64 {
		m, err := telemetry.GetMetric("otelcol_receiver_oom_kill_dropped_records")
		require.NoError(t, err)
		return sumOf(m)
	}
	assert.Zero(t, metric())
	require.NoError(t, r.Shutdown(t.Context()))
	assert.EqualValues(t, 1, metric())
	again := logs.FilterMessageSnippet("it is read again after the restart").All()
	require.Len(t, again, 1)
	assert.EqualValues(t, 1, again[0].ContextMap()["records"])
	lost := logs.FilterMessageSnippet("they are lost").All()
	require.Len(t, lost, 1)
	assert.Equal(t, []any{"w1"}, lost[0].ContextMap()["log.record.uid"])

	after := &sink{}
	run(t, cfg, host, after, ringSource(ring, "boot-1"))
	after.waitFor(t, 100)
	assert.Equal(t, 1, after.len())
}

// Only kills of this machine's own log are joined with its warnings.
func TestWarningsJoinKillsOfThisMachineOnly(t *testing.T) {
	w := &watching{Watcher: warning.New(warning.Options{})}
	for _, tc := range []struct {
		cfg  Config
		want bool
	}{
		{Config{Source: sourceKmsg}, true},
		{Config{Source: sourceJournald}, true},
		{Config{Source: sourceJournald, Journald: JournaldConfig{Directory: "/backup"}}, false},
		{Config{Source: sourceJournald, Journald: JournaldConfig{Files: []string{"a"}}}, false},
		{Config{Source: sourceFile}, false},
	} {
		assert.Equal(t, tc.want, tc.cfg.warnedBy(w) != nil, tc.cfg)
		assert.Nil(t, tc.cfg.warnedBy(nil))
	}
}

// pods is a machine with cgroups of version 2, by its files.
type pods struct {
	t    *testing.T
	root string
}

func newPods(t *testing.T) *pods {
	t.Helper()
	p := &pods{t: t}
	p.root, _ = watchtest.Unpack(t, watchtest.Version2)
	p.write("var/log/pods/shop_cart-0_0f8a3c52-7b1e-4c7d-9a55-2d6f1e0b9c34/app/0.log", "")
	return p
}

func (p *pods) write(path, text string) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(filepath.Join(p.root, path)), 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(p.root, path), []byte(text+"\n"), 0o644))
}

// nearLimit makes a container of the pod that is near its limit, and returns its cgroup.
func (p *pods) nearLimit(id string) string {
	p.t.Helper()
	path := filepath.Dir(podPath) + "/cri-containerd-" + strings.Repeat(id, 32) + ".scope"
	p.write("sys/fs/cgroup"+path+"/memory.current", "41000000")
	p.write("sys/fs/cgroup"+path+"/memory.max", "41943040")
	p.write("sys/fs/cgroup"+path+"/memory.stat", "anon 41000000\ninactive_file 0\nactive_file 0")
	return path
}

// config is of a receiver that reads a file and warns of the machine.
func (p *pods) config(change func(*Config)) *Config {
	return quick(func(c *Config) {
		c.Source, c.File.Include = sourceFile, []string{filepath.Join(p.root, "kern.log")}
		c.RootPath, c.HostName, c.Resource = p.root, "node-7", map[string]string{"service.name": "kernel"}
		c.Warnings.Enabled, c.Warnings.Cgroups = true, []string{"/kubepods.slice/**"}
		change(c)
	})
}

// A container of a machine with cgroups of version 2 is near its limit: the warning is a log record
// under the resource of its pod, beside the log of another machine as well. What is beyond
// per_minute is counted.
func TestWarningOfAContainer(t *testing.T) {
	p := newPods(t)
	p.nearLimit("3f")
	p.nearLimit("5d")
	telemetry := componenttest.NewTelemetry()
	defer func() { require.NoError(t, telemetry.Shutdown(context.Background())) }()
	next := &sink{}
	set := settingsOf(t)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	cfg := p.config(func(c *Config) {
		c.Attributes = map[string]string{"team": "platform"}
		c.Warnings.PerMinute = 1
	})
	require.NoError(t, cfg.Validate())
	r, err := newFactory(newSource).CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	defer func() { require.NoError(t, r.Shutdown(context.Background())) }()
	require.Eventually(t, func() bool {
		metric, err := telemetry.GetMetric("otelcol_receiver_oom_kill_held_back_warnings")
		return err == nil && next.len() == 1 && sumOf(metric) == 1
	}, time.Minute, time.Millisecond)

	next.mu.Lock()
	defer next.mu.Unlock()
	lr, resource := next.records[0], next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw()
	attrs := lr.Attributes().AsRaw()
	t.Log(lr.Body().Str())
	assert.Equal(t, record.EventWarning, lr.EventName())
	assert.Equal(t, plog.SeverityNumberWarn, lr.SeverityNumber())
	assert.Equal(t, "cgroup_near_limit", attrs["oom.warning.cause"])
	assert.Equal(t, "platform", attrs["team"])
	assert.NotContains(t, attrs, "oom.killer")
	assert.Equal(t, "node-7", resource["host.name"])
	assert.Equal(t, "kernel", resource["service.name"])
	assert.Equal(t, filepath.Dir(podPath), filepath.Dir(attrs["oom.cgroup.path"].(string)))
	assert.Equal(t, "0f8a3c52-7b1e-4c7d-9a55-2d6f1e0b9c34", resource["k8s.pod.uid"])
	assert.Equal(t, "cart-0", resource["k8s.pod.name"])
	assert.Equal(t, "shop", resource["k8s.namespace.name"])
	assert.Contains(t, lr.Body().Str(), "shop/cart-0")
}

// A reload of the configuration, which ends the receiver and makes another, goes on with what was
// known: nothing is warned of again, and a kill finds the warning before the reload. Other settings
// begin anew.
func TestReloadForgetsNoWarning(t *testing.T) {
	p := newPods(t)
	begin := func(next *sink, change func(*Config)) *oomReceiver {
		rcv, err := newFactory(newSource).CreateLogs(t.Context(), settingsOf(t), p.config(change), next)
		require.NoError(t, err)
		require.NoError(t, rcv.Start(t.Context(), componenttest.NewNopHost()))
		return rcv.(*oomReceiver)
	}
	paths := func(s *sink) (all []string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, lr := range s.records {
			path, _ := lr.Attributes().Get("oom.cgroup.path")
			all = append(all, path.Str())
		}
		return all
	}
	same := func(*Config) {}
	first := p.nearLimit("3f")
	before := &sink{}
	r := begin(before, same)
	require.Eventually(t, func() bool { return before.len() == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	id, _ := before.records[0].Attributes().Get("oom.warning.id")

	second := p.nearLimit("5d")
	after := &sink{}
	r = begin(after, same)
	require.Eventually(t, func() bool { return after.len() > 0 }, time.Minute, time.Millisecond)
	found, lead := r.warnings.Load().Warned(first, first, time.Now())
	assert.Equal(t, id.Str(), found)
	assert.Positive(t, lead)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, []string{second}, paths(after))

	anew := &sink{}
	r = begin(anew, func(c *Config) { c.Warnings.NearLimit = 0.8 })
	require.Eventually(t, func() bool { return anew.len() == 2 }, time.Minute, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.ElementsMatch(t, []string{first, second}, paths(anew))
}

// Who asks for warnings where nobody would get one is told so, once.
func TestWarningsWithoutALogsPipeline(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	set := settingsOf(t)
	set.Logger = zap.New(core)
	cfg := quick(func(c *Config) { c.Warnings.Enabled = true })
	m, err := newFactory(ringSource(newRing(10), "boot-1")).CreateMetrics(t.Context(), set, cfg, &consumertest.MetricsSink{})
	require.NoError(t, err)
	require.NoError(t, m.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, m.Shutdown(t.Context()))
	said := logs.FilterMessageSnippet("warnings: ").All()
	require.Len(t, said, 1)
	assert.Contains(t, said[0].Message, "is in no logs pipeline: add it to one")
}
