// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// values returns the data points of the newest metrics by name and attributes.
func values(m pmetric.Metrics) map[string]int64 {
	found := map[string]int64{}
	for _, rm := range m.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, metric := range sm.Metrics().All() {
				for _, p := range metric.Sum().DataPoints().All() {
					name := metric.Name()
					if v, ok := p.Attributes().Get("oom.constraint"); ok {
						name += " " + v.Str()
					}
					if v, ok := p.Attributes().Get("oom.scope"); ok {
						name += " " + v.Str()
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
	_, _, ok := kernelKills(proc)
	assert.False(t, ok, "no vmstat")
	require.NoError(t, os.WriteFile(filepath.Join(proc, "stat"), []byte("cpu  1 2 3\nbtime 1700000000\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(proc, "vmstat"), []byte("pgfault 5\n"), 0o600))
	_, _, ok = kernelKills(proc)
	assert.False(t, ok, "a kernel before 4.13")
	require.NoError(t, os.WriteFile(filepath.Join(proc, "vmstat"), []byte("pgfault 5\noom_kill 7\nnr_free 9\n"), 0o600))
	kills, boot, ok := kernelKills(proc)
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
		assert.Equal(t, tc.want, countsThisHost(&tc.cfg), tc.cfg)
	}
}
