// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.yaml.in/yaml/v3"

	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/watch"
)

// values returns the whole numbers of the newest metrics by name and attributes.
func values(m pmetric.Metrics) map[string]int64 {
	found := map[string]int64{}
	for _, rm := range m.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, metric := range sm.Metrics().All() {
				var points pmetric.NumberDataPointSlice
				if metric.Type() == pmetric.MetricTypeGauge {
					points = metric.Gauge().DataPoints()
				} else {
					points = metric.Sum().DataPoints()
				}
				for _, p := range points.All() {
					if p.ValueType() != pmetric.NumberDataPointValueTypeInt {
						continue
					}
					name := metric.Name()
					for _, v := range p.Attributes().All() { // in the order of their names
						name += " " + v.AsString()
					}
					found[name] = p.IntValue()
				}
			}
		}
	}
	return found
}

// Logs and metrics pipelines share one receiver: the log is opened once, and what is counted is
// what is sent.
func TestMetricsShareTheReader(t *testing.T) {
	var k printk
	r := newRing(1000)
	opened := 0
	makeSource := func(cfg *Config) source {
		opened++
		return ringSource(r, "boot-1")(cfg)
	}
	cfg := quick(func(c *Config) {
		c.CollectionInterval = 20 * time.Millisecond
		c.HostName, c.Resource = "node-7", map[string]string{"service.name": "kernel"}
	})
	factory := newFactory(makeSource)
	set, next, metricsNext := settingsOf(t), &sink{}, &consumertest.MetricsSink{}
	logs, err := factory.CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	metrics, err := factory.CreateMetrics(t.Context(), set, cfg, metricsNext)
	require.NoError(t, err)
	for _, c := range []component.Component{logs, metrics} {
		require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	}
	assert.Equal(t, 1, opened)
	r.write(k.report(100)...)
	r.write(k.print("3;Memory cgroup out of memory: Killed process 100 (app-main) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985"))
	r.write(k.print("11;Out of memory: Killed process 666 (init) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0")) // a user's
	r.write(k.report(101)...)
	next.waitFor(t, 100, 101)
	require.NoError(t, logs.Shutdown(t.Context()))
	require.NoError(t, metrics.Shutdown(t.Context()))

	all := metricsNext.AllMetrics()
	last := all[len(all)-1]
	got := values(last)
	delete(got, vmstatKills)
	delete(got, "oom.lost_kills") // of this machine's kernel, which others use
	assert.Equal(t, map[string]int64{"oom.kills memcg cgroup": 2, "oom.kills none host": 0, "oom.kill_lines": 3}, got,
		"the second line of one victim is a line, not a kill; a user's line is neither")
	rm := last.ResourceMetrics().At(0)
	assert.Equal(t, oomlogs.SchemaURL, rm.SchemaUrl())
	name, _ := rm.Resource().Attributes().Get("host.name")
	assert.Equal(t, "node-7", name.Str())
	service, _ := rm.Resource().Attributes().Get("service.name")
	assert.Equal(t, "kernel", service.Str())
}

func TestMetricsWithoutLogs(t *testing.T) {
	var k printk
	r := newRing(1000)
	r.write(k.report(100)...)
	cfg := quick(func(c *Config) { c.CollectionInterval = 10 * time.Millisecond })
	next := &consumertest.MetricsSink{}
	m, err := newFactory(ringSource(r, "boot-1")).CreateMetrics(t.Context(), settingsOf(t), cfg, next)
	require.NoError(t, err)
	require.NoError(t, m.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool {
		all := next.AllMetrics()
		return len(all) > 0 && values(all[len(all)-1])["oom.kills memcg cgroup"] == 1
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, m.Shutdown(t.Context()))
}

func TestKernelKills(t *testing.T) {
	proc := t.TempDir()
	_, _, ok := kernelKills(watch.System{Proc: proc})
	assert.False(t, ok, "no vmstat")
	require.NoError(t, os.WriteFile(filepath.Join(proc, "stat"), []byte("cpu  1 2 3\nbtime 1700000000\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(proc, "vmstat"), []byte("pgfault 5\n"), 0o600))
	_, _, ok = kernelKills(watch.System{Proc: proc})
	assert.False(t, ok, "a kernel before 4.13")
	require.NoError(t, os.WriteFile(filepath.Join(proc, "vmstat"), []byte("pgfault 5\noom_kill 7\nnr_free 9\n"), 0o600))
	kills, boot, ok := kernelKills(watch.System{Proc: proc})
	assert.True(t, ok)
	assert.EqualValues(t, 7, kills)
	assert.Equal(t, time.Unix(1700000000, 0), boot)
}

// The kernel's own count means the kernel whose log is read.
func TestKernelCountOnlyOfThisHost(t *testing.T) {
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
		assert.Equal(t, tc.want, tc.cfg.readsThisMachine(), tc.cfg)
	}
}

// machineOf returns the root directory of a machine whose kernel has counted that many kills, and
// what sets their number.
func machineOf(t *testing.T, kills int) (root string, set func(kills int)) {
	t.Helper()
	root = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "proc"), 0o700))
	vmstat := filepath.Join(root, "proc/vmstat")
	set = func(kills int) {
		require.NoError(t, os.WriteFile(vmstat+".new", fmt.Appendf(nil, "pgfault 5\noom_kill %d\n", kills), 0o600))
		require.NoError(t, os.Rename(vmstat+".new", vmstat))
	}
	set(kills)
	require.NoError(t, os.WriteFile(filepath.Join(root, "proc/stat"), []byte("btime 1700000000\n"), 0o600))
	return root, set
}

// measured is a receiver with a logs and a metrics pipeline.
type measured struct {
	*oomReceiver
	logs    *sink
	metrics *consumertest.MetricsSink
}

// measure starts a receiver that compares with the kernel's counter soon. A test that is kept from
// running between a kill and its line looks like a log that is that slow.
func measure(t *testing.T, cfg *Config, host component.Host, src source) measured {
	t.Helper()
	require.NoError(t, cfg.Validate())
	r, err := newReceiver(settingsOf(t), cfg, src)
	require.NoError(t, err)
	m := measured{r, &sink{}, &consumertest.MetricsSink{}}
	r.nextLogs, r.nextMetrics, r.lag = m.logs, m.metrics, 150*time.Millisecond
	require.NoError(t, r.Start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	return m
}

// value returns the newest value of a metric, -1 for none.
func (m *measured) value(name string) int64 {
	all := m.metrics.AllMetrics()
	if len(all) == 0 {
		return -1
	}
	if v, ok := values(all[len(all)-1])[name]; ok {
		return v
	}
	return -1
}

// waitFor waits until a metric has a value.
func (m *measured) waitFor(t *testing.T, name string, want int64) {
	t.Helper()
	require.Eventually(t, func() bool { return m.value(name) == want }, time.Minute, time.Millisecond, "%s is not %d", name, want)
}

// looks waits until the kernel's counter was looked at n times more.
func (m *measured) looks(t *testing.T, n int) {
	t.Helper()
	before := len(m.metrics.AllMetrics())
	require.Eventually(t, func() bool { return len(m.metrics.AllMetrics()) >= before+n }, time.Minute, time.Millisecond)
}

// TestLostKillsOfARing: the kernel's counter and its ring, over a start that finds old kills, a
// group kill, a kill without its line, a restart at the checkpoint, and a ring that overran
// meanwhile.
func TestLostKillsOfARing(t *testing.T) {
	var k printk
	r := newRing(60)
	root, count := machineOf(t, 40)
	r.write(k.report(98)...) // of the 40: the others have left the ring
	r.write(k.report(99)...)
	host := newStorageHost()
	cfg := quick(func(c *Config) {
		c.Storage, c.RootPath, c.CollectionInterval = &storageID, root, 20*time.Millisecond
	})
	m := measure(t, cfg, host, ringSource(r, "boot-1")(cfg))
	m.waitFor(t, "oom.lost_kills", 0)

	count(42) // the kernel counts the first victim of a group kill twice, and prints it twice
	lines := k.report(100)
	r.write(append(lines, k.print("3;Memory cgroup out of memory: Killed process 100 (app-main) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985"))...)
	m.waitFor(t, "oom.kill_lines", 4)
	m.looks(t, 25)
	assert.EqualValues(t, 0, m.value("oom.lost_kills"))
	assert.EqualValues(t, 42, m.value("oom.vmstat_kills"))

	count(43) // no line
	m.waitFor(t, "oom.lost_kills", 1)
	host.waitForStored(t, sourceKmsg, `"kernel_kills":{"boot_id":"boot-1","read":4,"base":39}`)
	require.NoError(t, m.Shutdown(t.Context()))

	count(45)
	r.write(k.report(101)...) // leaves the ring
	for range 60 {
		r.write(k.print("6;usb 1-1: new device"))
	}
	r.write(k.report(102)...)
	again := measure(t, cfg, host, ringSource(r, "boot-1")(cfg))
	again.waitFor(t, "oom.lost_kills", 1)
	again.looks(t, 25)
	assert.EqualValues(t, 1, again.value("oom.lost_kills"))
	assert.Equal(t, []int64{102}, again.logs.pids())
	require.NoError(t, again.Shutdown(t.Context()))

	count(1) // a reboot: the kernel counts from zero
	var next printk
	r = newRing(60)
	r.write(next.report(103)...)
	last := measure(t, cfg, host, ringSource(r, "boot-2")(cfg))
	last.waitFor(t, "oom.lost_kills", 0)
	last.looks(t, 25)
	assert.EqualValues(t, 0, last.value("oom.lost_kills"))
}

// TestLostKillsOnlyWhereKnown: where the kernel does not count, or another log is read, nothing is
// said.
func TestLostKillsOnlyWhereKnown(t *testing.T) {
	root, _ := machineOf(t, 0)
	require.NoError(t, os.WriteFile(filepath.Join(root, "proc/vmstat"), []byte("pgfault 5\n"), 0o600)) // before 4.13
	r := newRing(10)
	r.write(new(printk).report(100)...)
	cfg := quick(func(c *Config) { c.RootPath, c.CollectionInterval = root, 10*time.Millisecond })
	m := measure(t, cfg, componenttest.NewNopHost(), ringSource(r, "boot-1")(cfg))
	m.waitFor(t, "oom.kill_lines", 1)
	m.looks(t, 10)
	assert.EqualValues(t, -1, m.value("oom.lost_kills"))
	assert.EqualValues(t, -1, m.value("oom.vmstat_kills"))
	for _, cfg := range []Config{
		{Source: sourceFile},
		{Source: sourceJournald, Journald: JournaldConfig{Directory: "/backup"}},
		{Source: sourceJournald, Journald: JournaldConfig{Namespace: "audit"}},
	} {
		assert.False(t, cfg.countsLost(), cfg)
	}
}

// TestKillsByAttributes: kills are counted by the attributes that are chosen, with a start of their
// own, and what a record does not have is absent.
func TestKillsByAttributes(t *testing.T) {
	conf := confmap.NewFromStringMap(map[string]any{"metrics": map[string]any{"oom.kills": map[string]any{
		"attributes": []any{"systemd.unit.name", "oom.diagnosis.cause", "k8s.pod.name", "oom.killer"},
	}}})
	cfg := quick(func(c *Config) { c.CollectionInterval = 10 * time.Millisecond })
	require.NoError(t, conf.Unmarshal(cfg))
	var k printk
	r := newRing(1000)
	r.write(k.report(100)...)
	r.write(k.report(101)...)
	m := measure(t, cfg, componenttest.NewNopHost(), ringSource(r, "boot-1")(cfg))
	m.waitFor(t, "oom.kills process_hog kernel app.service", 2)
	require.NoError(t, m.Shutdown(t.Context()))

	all := m.metrics.AllMetrics()
	for _, metric := range all[len(all)-1].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if metric.Name() != oomKills {
			continue
		}
		points := metric.Sum().DataPoints()
		require.Equal(t, 2, points.Len())
		assert.Equal(t, map[string]any{}, points.At(0).Attributes().AsRaw(), "there before the first kill")
		assert.Equal(t, map[string]any{"oom.diagnosis.cause": "process_hog", "oom.killer": "kernel", "systemd.unit.name": "app.service"}, points.At(1).Attributes().AsRaw())
		assert.Greater(t, points.At(1).StartTimestamp(), points.At(0).StartTimestamp())
		assert.True(t, metric.Sum().IsMonotonic())
	}

	wrong := quick(nil)
	wrong.MetricsBuilderConfig.Metrics.OomKills.AggregationStrategy = "avg"
	assert.ErrorContains(t, wrong.Validate(), `metrics::oom.kills::aggregation_strategy: "avg": use sum`)
	wrong.MetricsBuilderConfig.Metrics.OomKills.EnabledAttributes = []metadata.OomKillsMetricAttributeKey{"process.pid"}
	assert.ErrorContains(t, wrong.MetricsBuilderConfig.Metrics.OomKills.Validate(), "metric oom.kills doesn't have an attribute process.pid")
}

// TestOverflowPoint: beyond the bound of series there is one more, which says so.
func TestOverflowPoint(t *testing.T) {
	kills := tally.New([]string{tally.K8sPod}, time.Now())
	for i := range tally.MaxSeries + 10 {
		kills.Add(time.Now(), func(string) string { return fmt.Sprint("cart-", i) })
	}
	points := pmetric.NewNumberDataPointSlice()
	putKills(points, 0, kills.Read(time.Now()))
	require.Equal(t, tally.MaxSeries+1, points.Len())
	last := points.At(tally.MaxSeries)
	assert.Equal(t, map[string]any{"otel.metric.overflow": true}, last.Attributes().AsRaw())
	assert.EqualValues(t, 11, last.IntValue())
}

// TestLostKillsOfAJournal: the journal's kernel lines of the running boot count, and no others.
// While it shows none, nothing is said.
func TestLostKillsOfAJournal(t *testing.T) {
	boot := machine.BootID()
	if boot == "" {
		t.Skip("NOT RUN: this system gives no boot an id, by which a journal is known to be its own")
	}
	ofThisBoot := func(records []string) (entries []string) {
		for _, entry := range journalEntries(records) {
			entries = append(entries, strings.Replace(entry, "b00700000000000000000000000000aa", boot, 1))
		}
		return entries
	}
	var k printk
	root, count := machineOf(t, 3)
	j := &fakeJournal{t: t}
	j.write(journalEntries(k.report(90))...) // of another boot
	cfg := journaldConfig(false)
	cfg.RootPath, cfg.CollectionInterval, cfg.Names = root, 20*time.Millisecond, false
	cfg.Journald.JournalctlPath = "/usr/bin/journalctl"
	m := measure(t, cfg, componenttest.NewNopHost(), j.source(cfg))
	m.waitFor(t, "oom.kill_lines", 1)
	m.looks(t, 5)
	assert.EqualValues(t, -1, m.value("oom.lost_kills"), "no line of the running kernel")

	j.write(ofThisBoot(k.report(100))...)
	m.waitFor(t, "oom.lost_kills", 0)
	count(4)
	j.write(ofThisBoot(k.report(101))...)
	m.waitFor(t, "oom.kill_lines", 3)
	m.looks(t, 25)
	assert.EqualValues(t, 0, m.value("oom.lost_kills"))
	count(6)
	m.waitFor(t, "oom.lost_kills", 2)
}

var updateGolden = flag.Bool("update", false, "write the golden metrics of testdata anew")

// TestGoldenMetrics holds everything that is sent but for times against a file.
func TestGoldenMetrics(t *testing.T) {
	var k printk
	r := newRing(1000)
	r.write(k.report(100)...)
	root, _ := machineOf(t, 1)
	cfg := quick(func(c *Config) {
		c.RootPath, c.CollectionInterval, c.HostName = root, 20*time.Millisecond, "node-7"
		attributes := &c.MetricsBuilderConfig.Metrics.OomKills.EnabledAttributes
		*attributes = append(*attributes, metadata.OomKillsMetricAttributeKeyCause, metadata.OomKillsMetricAttributeKeyUnit, metadata.OomKillsMetricAttributeKeyPod)
	})
	m := measure(t, cfg, componenttest.NewNopHost(), ringSource(r, "boot-1")(cfg))
	m.waitFor(t, "oom.lost_kills", 0)
	m.waitFor(t, "oom.kills memcg process_hog cgroup app.service", 1)
	all := m.metrics.AllMetrics()
	last := all[len(all)-1]
	for _, metric := range last.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		for _, p := range metric.Sum().DataPoints().All() {
			assert.NotZero(t, p.StartTimestamp(), metric.Name())
			assert.GreaterOrEqual(t, p.Timestamp(), p.StartTimestamp(), metric.Name())
			p.SetStartTimestamp(0)
			p.SetTimestamp(0)
		}
	}
	raw, err := new(pmetric.JSONMarshaler).MarshalMetrics(last)
	require.NoError(t, err)
	var got bytes.Buffer
	require.NoError(t, json.Indent(&got, raw, "", "  "))
	got.WriteByte('\n')
	const path = "testdata/metrics.json"
	if *updateGolden {
		require.NoError(t, os.WriteFile(path, got.Bytes(), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String(), "go test ./otelreceiver -run TestGoldenMetrics -update writes it anew")
}

// TestCountersBeginAtZero: each counter of the receiver's own telemetry is there from the start, so
// that Prometheus sees it rise from 0 to 1.
func TestCountersBeginAtZero(t *testing.T) {
	raw, err := os.ReadFile("metadata.yaml")
	require.NoError(t, err)
	var declared struct {
		Telemetry struct{ Metrics map[string]any }
	}
	require.NoError(t, yaml.Unmarshal(raw, &declared))
	require.NotEmpty(t, declared.Telemetry.Metrics)
	telemetry := componenttest.NewTelemetry()
	defer func() { require.NoError(t, telemetry.Shutdown(context.Background())) }()
	set := receivertest.NewNopSettings(typ)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	_, err = newFactory(ringSource(newRing(10), "boot-1")).CreateLogs(t.Context(), set, quick(nil), &sink{})
	require.NoError(t, err)
	for name := range declared.Telemetry.Metrics {
		metric, err := telemetry.GetMetric("otelcol_" + name)
		require.NoError(t, err)
		assert.Zero(t, sumOf(metric), name)
	}
}
