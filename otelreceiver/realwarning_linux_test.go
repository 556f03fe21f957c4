// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/parser/record"
)

// A process of this machine leaks in a cgroup of its own: a warning comes before the kernel kills
// it, and the record of the kill names that warning and how long before it that came.
func TestRealWarning(t *testing.T) {
	kmsgOrSkip(t)
	kmsgtest.UntilReported(t, func() bool { return warnsOfRealLeak(t) })
}

// warnsOfRealLeak is one attempt. It returns false where the kernel has not said where it killed.
func warnsOfRealLeak(t *testing.T) bool {
	cgroup := kmsgtest.MemoryCgroup(t, hogLimit)
	name := filepath.Base(cgroup)
	next := &sink{}
	run(t, quick(func(c *Config) {
		c.StartAt, c.HostName = "end", fmt.Sprint("node-", time.Now().UnixNano()) // no watcher of an earlier run is of it
		c.Warnings.Enabled, c.Warnings.Cgroups = true, []string{"**/" + name}
	}), nil, next, newSource)

	leak := kmsgtest.NewLeak(cgroup, hogLimit>>20*3/4, 300*time.Millisecond)
	leak.Args = append(leak.Args, "-test.run=^TestHog$")
	said := new(bytes.Buffer)
	leak.Stdout, leak.Stderr = said, said
	require.NoError(t, leak.Start())
	wasKilled(t, leak)
	if !kmsgtest.Reported(t, leak.Process.Pid) {
		return false
	}
	pid := int64(leak.Process.Pid)
	find := func(of func(plog.LogRecord) bool) (found []plog.LogRecord) {
		next.mu.Lock()
		defer next.mu.Unlock()
		for _, lr := range next.records {
			if of(lr) {
				found = append(found, lr)
			}
		}
		return found
	}
	text := func(lr plog.LogRecord, name string) string {
		if v, ok := lr.Attributes().Get(name); ok {
			return v.AsString()
		}
		return ""
	}
	var kills []plog.LogRecord
	require.Eventually(t, func() bool {
		kills = find(func(lr plog.LogRecord) bool {
			v, ok := lr.Attributes().Get("process.pid")
			return ok && v.Int() == pid && lr.EventName() == record.EventKill
		})
		return len(kills) == 1
	}, time.Minute, time.Millisecond)
	kill := kills[0]
	warnings := find(func(lr plog.LogRecord) bool {
		return lr.EventName() == record.EventWarning && filepath.Base(text(lr, "oom.cgroup.path")) == name
	})
	require.NotEmpty(t, warnings, "it was warned of before the kill")
	last := warnings[len(warnings)-1]
	t.Log(last.Body().Str())
	t.Log(kill.Body().Str())

	assert.Equal(t, text(kill, "oom.cgroup.path"), text(last, "oom.cgroup.path"))
	assert.Equal(t, plog.SeverityNumberWarn, last.SeverityNumber())
	assert.Equal(t, "watch", text(last, "oom.source"))
	id := text(last, "oom.warning.id")
	assert.Equal(t, text(last, "log.record.uid"), id)
	assert.Len(t, id, 32)
	assert.Equal(t, id, text(kill, "oom.warning.id"))
	lead, ok := kill.Attributes().Get("oom.warning.lead")
	require.True(t, ok)
	assert.InDelta(t, kill.Timestamp().AsTime().Sub(last.Timestamp().AsTime()).Seconds(), lead.Double(), 0.1)
	assert.Positive(t, lead.Double())
	t.Logf("warned %.1f s before the kill", lead.Double())
	for _, name := range []string{"oom.killer", "oom.trust", "process.pid"} {
		_, has := last.Attributes().Get(name)
		assert.False(t, has, name)
	}
	return true
}

// The kernel of this machine kills in a cgroup that has metrics: they count that, and say what its
// limit is, and what is left.
func TestRealCgroupMetrics(t *testing.T) {
	cgroup := kmsgtest.MemoryCgroup(t, hogLimit)
	cfg := quick(func(c *Config) { c.CgroupMetrics.Include = []string{"**/" + filepath.Base(cgroup)} })
	require.NoError(t, cfg.Validate())
	r, err := newReceiver(settingsOf(t), cfg, nil)
	require.NoError(t, err)
	m := newMetricsSender(r, hostIdentity{}, nil)
	value := func(name string) int64 {
		for key, v := range values(m.collect(time.Now())) {
			if strings.HasPrefix(key, name+" ") && strings.HasSuffix(key, filepath.Base(cgroup)) {
				return v
			}
		}
		return -1
	}
	if value("oom.cgroup.events oom_kill") < 0 {
		t.Skip("NOT RUN: this kernel does not count the kills of a cgroup, as kernels before 4.13 do not")
	}
	assert.EqualValues(t, 0, value("oom.cgroup.events oom_kill"))
	assert.EqualValues(t, hogLimit, value("oom.cgroup.limit"))
	assert.Greater(t, value("oom.cgroup.headroom"), int64(hogLimit/2))
	wasKilled(t, hogIn(t, cgroup))
	assert.EqualValues(t, 1, value("oom.cgroup.events oom_kill"))
	assert.Positive(t, value("oom.cgroup.events max"))
	waited := -1.0
	for _, metric := range m.collect(time.Now()).ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if metric.Name() == pressureTime {
			waited = metric.Sum().DataPoints().At(0).DoubleValue()
		}
	}
	if _, err := systemOf("").Pressure(); err == nil {
		assert.Positive(t, waited)
	}
}
