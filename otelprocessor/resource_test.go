// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/record"
)

// A resource attribute that is switched off is in no record. The lines keep theirs.
func TestResourceAttributesOff(t *testing.T) {
	with, _ := podKill(t, func(*Config) {})
	require.Contains(t, with.resource, "k8s.pod.uid")
	require.Equal(t, "node-1", with.resource["host.name"])

	off := func(c *Config) {
		c.ResourceAttributes.K8sPodUID.Enabled = false
		c.ResourceAttributes.HostName.Enabled = false
	}
	without, _ := podKill(t, off)
	assert.NotContains(t, without.resource, "k8s.pod.uid")
	assert.NotContains(t, without.resource, "host.name")
	assert.Equal(t, with.resource["container.id"], without.resource["container.id"])
	assert.Equal(t, with.attrs["oom.record.key"], without.attrs["oom.record.key"], "the host is still the host")

	for _, rl := range run(t, off, fromHost("node-1", "a line of no report"))[0].ResourceLogs().All() {
		assert.Equal(t, map[string]any{"host.name": "node-1"}, rl.Resource().Attributes().AsRaw())
	}
}

// metadata.yaml declares the resource attributes that records get, and no others.
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

// Records name the version of what made them.
func TestScopeVersion(t *testing.T) {
	set, sink := processortest.NewNopSettings(metadata.Type), new(consumertest.LogsSink)
	set.BuildInfo.Version = "v1.2.3"
	p, err := newProcessor(set, createDefaultConfig().(*Config), sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, p.ConsumeLogs(t.Context(), fromHost("node-1", podLines(t)...)))
	require.NoError(t, p.Shutdown(context.Background()))
	made := 0
	for _, logs := range sink.AllLogs() {
		for _, rl := range logs.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				if oomlogs.IsMarked(sl) {
					assert.Equal(t, "v1.2.3", sl.Scope().Version())
					made++
				}
			}
		}
	}
	assert.Equal(t, 1, made)
}
