// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/workload"
)

// node is a machine by its files, and what sends its metrics.
type node struct {
	t    *testing.T
	root string
	*metricsSender
	logs *observer.ObservedLogs
	now  time.Time
	boot time.Time
}

// newNode returns a machine with cgroups of that version.
func newNode(t *testing.T, version string, change func(*Config)) *node {
	t.Helper()
	n := &node{t: t, now: time.Unix(1700003600, 0), boot: time.Unix(1700000000, 0)}
	n.root, _ = watchtest.Unpack(t, version)
	n.write("proc/stat", "btime 1700000000")
	cfg := quick(func(c *Config) {
		c.RootPath, c.HostName = n.root, "node-7"
		if change != nil {
			change(c)
		}
	})
	require.NoError(t, cfg.Validate())
	core, logs := observer.New(zap.InfoLevel)
	set := settingsOf(t)
	set.Logger = zap.New(core)
	r, err := newReceiver(set, cfg, nil)
	require.NoError(t, err)
	n.logs = logs
	n.metricsSender = newMetricsSender(r, hostIdentity{name: "node-7"}, func(w workload.Query) (names report.Names) {
		if w.PodUID != "" {
			names.Namespace, names.Pod, names.Container = "shop", "cart-0", "app"
		}
		return names
	})
	return n
}

func (n *node) write(path, text string) {
	n.t.Helper()
	require.NoError(n.t, os.MkdirAll(filepath.Dir(filepath.Join(n.root, path)), 0o755))
	require.NoError(n.t, os.WriteFile(filepath.Join(n.root, path), []byte(text+"\n"), 0o644))
}

// cgroup makes one.
func (n *node) cgroup(path string, current, limit, oomKill int) {
	n.t.Helper()
	dir := "sys/fs/cgroup" + path
	n.write(dir+"/memory.current", fmt.Sprint(current))
	n.write(dir+"/memory.max", fmt.Sprint(limit))
	n.write(dir+"/memory.stat", "anon 0\ninactive_file 0\nactive_file 0")
	n.events(path, oomKill)
}

func (n *node) events(path string, oomKill int) {
	n.write("sys/fs/cgroup"+path+"/memory.events", fmt.Sprintf("low 0\nhigh 0\nmax %d\noom %d\noom_kill %d", oomKill, oomKill, oomKill))
}

// send collects a minute later.
func (n *node) send() pmetric.Metrics {
	n.now = n.now.Add(time.Minute)
	return n.collect(n.now)
}

// paths returns the cgroups that have metrics, and since when their events count.
func paths(m pmetric.Metrics) map[string]time.Time {
	found := map[string]time.Time{}
	for _, rm := range m.ResourceMetrics().All() {
		for _, metric := range rm.ScopeMetrics().At(0).Metrics().All() {
			if metric.Name() == "oom.cgroup.events" {
				p := metric.Sum().DataPoints().At(0)
				path, _ := p.Attributes().Get("oom.cgroup.path")
				found[path.Str()] = p.StartTimestamp().AsTime()
			}
		}
	}
	return found
}

const podPath = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0f8a3c52_7b1e_4c7d_9a55_2d6f1e0b9c34.slice/cri-containerd-3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b.scope"

// Each cgroup that a pattern chooses has its events, what it uses, its limit and what is left,
// under a resource that names whose it is. All of it counts since boot.
func TestCgroupMetrics(t *testing.T) {
	n := newNode(t, watchtest.Version2, func(c *Config) {
		c.CgroupMetrics.Include = []string{"/system.slice/*", "/kubepods.slice/**/cri-*"}
		c.Resource = map[string]string{"service.name": "kernel"}
	})
	m := n.send()
	v := values(m)
	const lowered, ssh = "/system.slice/lowered.service", "/system.slice/ssh.service"
	for name, want := range map[string]int64{
		"oom.cgroup.events high " + lowered: 0, "oom.cgroup.events max " + lowered: 35, "oom.cgroup.events oom " + lowered: 1,
		"oom.cgroup.events oom_kill " + lowered: 1, "oom.cgroup.limit " + lowered: 52428800,
		"oom.cgroup.limit " + podPath: 41943040, "oom.omitted_cgroups": 0,
	} {
		got, ok := v[name]
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	h, err := n.cgroups.system.Hierarchy()
	require.NoError(t, err)
	g, err := h.Read(lowered)
	require.NoError(t, err)
	require.True(t, g.Held().OK)
	assert.Equal(t, g.Held().V, v["oom.cgroup.usage "+lowered])
	assert.Equal(t, 52428800-g.Held().V, v["oom.cgroup.headroom "+lowered])
	_, ok := v["oom.cgroup.usage "+ssh]
	assert.True(t, ok)
	for _, name := range []string{"oom.cgroup.limit ", "oom.cgroup.headroom "} {
		_, ok := v[name+ssh]
		assert.False(t, ok, "it has no limit")
	}
	assert.NotContains(t, paths(m), "/system.slice", "no pattern matches it")
	for path, start := range paths(m) {
		assert.Equal(t, n.boot.UTC(), start, path)
	}
	resources := map[string]map[string]any{}
	for _, rm := range m.ResourceMetrics().All() {
		one := pmetric.NewMetrics()
		rm.CopyTo(one.ResourceMetrics().AppendEmpty())
		for path := range paths(one) {
			resources[path] = rm.Resource().Attributes().AsRaw()
		}
	}
	assert.Equal(t, map[string]any{"host.name": "node-7", "os.type": "linux", "service.name": "kernel", "systemd.unit.name": "lowered.service"}, resources[lowered])
	assert.Equal(t, map[string]any{
		"host.name": "node-7", "os.type": "linux", "service.name": "kernel", "k8s.namespace.name": "shop", "k8s.pod.name": "cart-0", "k8s.container.name": "app",
		"k8s.pod.uid": "0f8a3c52-7b1e-4c7d-9a55-2d6f1e0b9c34", "container.runtime.name": "containerd",
		"container.id":      "3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b",
		"systemd.unit.name": "cri-containerd-3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b.scope",
	}, resources[podPath])
	assert.Empty(t, n.logs.All())
}

// Cgroups of version 1 have what the kernel counts there.
func TestCgroupMetricsOfVersion1(t *testing.T) {
	n := newNode(t, watchtest.Version1, func(c *Config) { c.CgroupMetrics.Include = []string{"/system.slice/lowered.service"} })
	v := values(n.send())
	assert.Contains(t, v, "oom.cgroup.events max /system.slice/lowered.service")
	assert.Contains(t, v, "oom.cgroup.events oom_kill /system.slice/lowered.service")
	assert.NotContains(t, v, "oom.cgroup.events high /system.slice/lowered.service")
	assert.NotContains(t, v, "oom.cgroup.events oom /system.slice/lowered.service")
	assert.EqualValues(t, 52428800, v["oom.cgroup.limit /system.slice/lowered.service"])
	assert.Contains(t, v, "oom.cgroup.headroom /system.slice/lowered.service")
}

// Beyond the limit those nearest their limit have metrics. Who has them keeps them, and who is left
// out is counted, and that is said once.
func TestCgroupMetricsAreBounded(t *testing.T) {
	n := newNode(t, watchtest.Version2, func(c *Config) { c.CgroupMetrics = CgroupMetricsConfig{Include: []string{"/jobs/*"}, Limit: 2} })
	for i, current := range []int{10, 90, 50, 70} {
		n.cgroup(fmt.Sprint("/jobs/", i), current<<20, 100<<20, 0)
	}
	listed := func() (list []string, omitted int64) {
		m := n.send()
		for path := range paths(m) {
			list = append(list, path)
		}
		slices.Sort(list)
		return list, values(m)["oom.omitted_cgroups"]
	}
	list, omitted := listed()
	assert.Equal(t, []string{"/jobs/1", "/jobs/3"}, list)
	assert.EqualValues(t, 2, omitted)
	n.cgroup("/jobs/0", 99<<20, 100<<20, 0)
	list, omitted = listed()
	assert.Equal(t, []string{"/jobs/1", "/jobs/3"}, list, "their counters go on")
	assert.EqualValues(t, 2, omitted)
	require.NoError(t, os.RemoveAll(filepath.Join(n.root, "sys/fs/cgroup/jobs/1")))
	list, omitted = listed()
	assert.Equal(t, []string{"/jobs/0", "/jobs/3"}, list)
	assert.EqualValues(t, 1, omitted)
	said := n.logs.All()
	require.Len(t, said, 1)
	assert.Equal(t, "cgroup_metrics::limit: 2: 2 more cgroups are chosen and have no metrics: narrow cgroup_metrics::include, or raise the limit", said[0].Message)
}

// The events of a cgroup count since boot, of one that was made later since the look before, and of
// one that was made anew under its old path as well.
func TestCgroupEventsCountSince(t *testing.T) {
	n := newNode(t, watchtest.Version2, func(c *Config) { c.CgroupMetrics.Include = []string{"/jobs/*"} })
	n.cgroup("/jobs/old", 1, 100, 5)
	assert.Equal(t, map[string]time.Time{"/jobs/old": n.boot.UTC()}, paths(n.send()))
	first := n.now.UTC()
	n.cgroup("/jobs/new", 1, 100, 1)
	n.events("/jobs/old", 6)
	assert.Equal(t, map[string]time.Time{"/jobs/old": n.boot.UTC(), "/jobs/new": first}, paths(n.send()))
	second := n.now.UTC()
	n.events("/jobs/old", 2)
	n.events("/jobs/new", 3)
	assert.Equal(t, map[string]time.Time{"/jobs/old": second, "/jobs/new": first}, paths(n.send()))
	n.events("/jobs/old", 3)
	assert.Equal(t, map[string]time.Time{"/jobs/old": second, "/jobs/new": first}, paths(n.send()))
}

// What cannot be had is said once, with the key, and the rest is sent.
func TestCgroupMetricsSayWhatIsMissing(t *testing.T) {
	n := newNode(t, watchtest.Version2, func(c *Config) { c.CgroupMetrics.Include = []string{"/system.slice/*", "/machine.slice/**"} })
	for range 3 {
		assert.Contains(t, values(n.send()), "oom.cgroup.events max /system.slice/lowered.service")
	}
	require.Equal(t, 1, n.logs.Len())
	assert.Contains(t, n.logs.All()[0].Message, `cgroup_metrics::include: "/machine.slice/**": no cgroup here has such a path now`)

	n = newNode(t, watchtest.Version2, func(c *Config) { c.CgroupMetrics.Include = []string{"/system.slice/*"} })
	require.NoError(t, os.RemoveAll(filepath.Join(n.root, "sys")))
	for range 3 {
		assert.Contains(t, values(n.send()), "oom.kill_lines")
	}
	require.Equal(t, 1, n.logs.Len())
	assert.Contains(t, n.logs.All()[0].Message, "no cgroups with the controller memory")
}

// How long tasks waited counts since boot. Where the kernel does not say, the metric is absent, and
// that is said once.
func TestPressureMetric(t *testing.T) {
	n := newNode(t, watchtest.Version2, nil)
	waited := map[string]float64{}
	for _, metric := range n.send().ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if metric.Name() != pressureTime {
			continue
		}
		assert.True(t, metric.Sum().IsMonotonic())
		assert.Equal(t, "s", metric.Unit())
		for _, p := range metric.Sum().DataPoints().All() {
			kind, _ := p.Attributes().Get("oom.pressure.kind")
			waited[kind.Str()] = p.DoubleValue()
			assert.Equal(t, pcommon.NewTimestampFromTime(n.boot), p.StartTimestamp())
		}
	}
	assert.Equal(t, map[string]float64{"some": 0.038670, "full": 0.038185}, waited)
	assert.Zero(t, n.logs.Len())

	require.NoError(t, os.Remove(filepath.Join(n.root, "proc/pressure/memory")))
	for range 3 {
		for _, metric := range n.send().ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			assert.NotEqual(t, pressureTime, metric.Name())
		}
	}
	require.Equal(t, 1, n.logs.Len())
	assert.Contains(t, n.logs.All()[0].Message, "metrics::oom.pressure.time: it is absent: no pressure stall information")
	assert.Contains(t, n.logs.All()[0].Message, "psi=1")
}

// A log that is not this machine's has no figures of this machine beside it.
func TestMachineMetricsOnlyOfThisMachine(t *testing.T) {
	root, _ := watchtest.Unpack(t, watchtest.Version2)
	cfg := quick(func(c *Config) {
		c.RootPath, c.Source, c.File.Include = root, sourceFile, []string{"/var/log/kern.log"}
	})
	r, err := newReceiver(settingsOf(t), cfg, nil)
	require.NoError(t, err)
	for _, metric := range newMetricsSender(r, hostIdentity{}, nil).collect(time.Now()).ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		assert.NotEqual(t, pressureTime, metric.Name())
	}
	cfg.CgroupMetrics.Include = []string{"/system.slice/**"}
	assert.ErrorContains(t, cfg.Validate(), `cgroup_metrics::include: ["/system.slice/**"]: the cgroups are this machine's`)
}

// Who asks for metrics of cgroups in a logs pipeline alone is told so.
func TestCgroupMetricsWithoutAMetricsPipeline(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	set := settingsOf(t)
	set.Logger = zap.New(core)
	cfg := quick(func(c *Config) { c.CgroupMetrics.Include = []string{"/system.slice/**"} })
	r, err := newFactory(ringSource(newRing(10), "boot-1")).CreateLogs(t.Context(), set, cfg, &sink{})
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, 1, logs.FilterMessageSnippet("is in no metrics pipeline: add it to one").Len())
}
