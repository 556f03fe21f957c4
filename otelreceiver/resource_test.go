// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/record"
)

// logsAndMetrics returns what a receiver sends of one kill, records and lines, and of its metrics.
func logsAndMetrics(t *testing.T, version string, change func(*Config)) ([]plog.Logs, []pmetric.Metrics) {
	t.Helper()
	var k printk
	r := newRing(1000)
	cfg := quick(func(c *Config) {
		c.Emit, c.CollectionInterval, c.HostName = "all", 20*time.Millisecond, "node-7"
		change(c)
	})
	factory, set := newFactory(ringSource(r, "boot-1")), settingsOf(t)
	set.BuildInfo.Version = version
	next, metricsNext := &sink{}, &consumertest.MetricsSink{}
	logs, err := factory.CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	metrics, err := factory.CreateMetrics(t.Context(), set, cfg, metricsNext)
	require.NoError(t, err)
	for _, c := range []component.Component{logs, metrics} {
		require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	}
	r.write(k.report(100)...)
	next.waitFor(t, 100)
	require.NoError(t, logs.Shutdown(t.Context()))
	require.NoError(t, metrics.Shutdown(t.Context()))
	return next.logs, metricsNext.AllMetrics()
}

// Records, lines and metrics name the version of what made them.
func TestScopeVersion(t *testing.T) {
	logs, metrics := logsAndMetrics(t, "v1.2.3", func(*Config) {})
	require.NotEmpty(t, logs)
	require.NotEmpty(t, metrics)
	scopes := 0
	for _, l := range logs {
		for _, rl := range l.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				assert.Equal(t, "v1.2.3", sl.Scope().Version())
				assert.Equal(t, metadata.ScopeName, sl.Scope().Name())
				scopes++
			}
		}
	}
	assert.GreaterOrEqual(t, scopes, 2, "a record, and lines")
	for _, m := range metrics {
		for _, rm := range m.ResourceMetrics().All() {
			assert.Equal(t, oomlogs.SchemaURL, rm.SchemaUrl())
			assert.Equal(t, "v1.2.3", rm.ScopeMetrics().At(0).Scope().Version())
			assert.Equal(t, metadata.ScopeName, rm.ScopeMetrics().At(0).Scope().Name())
		}
	}
}

// resources returns the resources of logs and metrics.
func resources(logs []plog.Logs, metrics []pmetric.Metrics) (all []map[string]any) {
	for _, l := range logs {
		for _, rl := range l.ResourceLogs().All() {
			all = append(all, rl.Resource().Attributes().AsRaw())
		}
	}
	for _, m := range metrics {
		for _, rm := range m.ResourceMetrics().All() {
			all = append(all, rm.Resource().Attributes().AsRaw())
		}
	}
	return all
}

// A resource attribute that is switched off is in no record, no line and no metric; the rest stays,
// and so does the record's key.
func TestResourceAttributesOff(t *testing.T) {
	logs, metrics := logsAndMetrics(t, "", func(*Config) {})
	all := resources(logs, metrics)
	require.NotEmpty(t, all)
	for _, resource := range all {
		assert.Equal(t, "node-7", resource["host.name"])
		assert.Equal(t, "linux", resource["os.type"])
	}
	keys := keysOf(logs)
	require.Len(t, keys, 1)

	logs, metrics = logsAndMetrics(t, "", func(c *Config) {
		c.MetricsBuilderConfig.ResourceAttributes.HostName.Enabled = false
		c.MetricsBuilderConfig.ResourceAttributes.SystemdUnitName.Enabled = false
	})
	without := resources(logs, metrics)
	require.NotEmpty(t, without)
	for _, resource := range without {
		assert.NotContains(t, resource, "host.name")
		assert.Equal(t, "linux", resource["os.type"])
	}
	assert.Equal(t, keys, keysOf(logs), "the host is still the host")
}

func keysOf(logs []plog.Logs) (keys []string) {
	for _, l := range logs {
		for _, rl := range l.ResourceLogs().All() {
			for _, lr := range rl.ScopeLogs().At(0).LogRecords().All() {
				if key, ok := lr.Attributes().Get("oom.record.key"); ok {
					keys = append(keys, key.Str())
				}
			}
		}
	}
	return keys
}

// metadata.yaml declares the resource attributes that records and metrics have, and no others.
func TestResourceAttributesAreDeclared(t *testing.T) {
	want := []string{"os.type"}
	for _, field := range record.Fields {
		if field.Resource {
			want = append(want, field.Name)
		}
	}
	var declared []string
	for config := reflect.TypeFor[metadata.ResourceAttributesConfig](); len(declared) < config.NumField(); {
		declared = append(declared, config.Field(len(declared)).Tag.Get("mapstructure"))
	}
	assert.ElementsMatch(t, want, declared)
	assert.Empty(t, oomlogs.Omitted(metadata.DefaultResourceAttributesConfig()))
}
