// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
)

// podLines are the kernel's lines of a pod's kill.
func podLines(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
}

// podKill returns the record of the pod's kill, and what the processor warned of.
func podKill(t *testing.T, change func(*Config)) (record found, warnings []string) {
	t.Helper()
	core, logged := observer.New(zap.WarnLevel)
	set := processortest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(core)
	cfg, sink := createDefaultConfig().(*Config), new(consumertest.LogsSink)
	change(cfg)
	require.NoError(t, cfg.Validate())
	p, err := newProcessor(set, cfg, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(context.Background(), componenttest.NewNopHost()))
	require.NoError(t, p.ConsumeLogs(context.Background(), fromHost("node-1", podLines(t)...)))
	require.NoError(t, p.Shutdown(context.Background()))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	for _, entry := range logged.All() {
		warnings = append(warnings, entry.Message)
	}
	return ours[0], warnings
}

// TestNames: on the node itself a record has the names that the node's files give its pod.
func TestNames(t *testing.T) {
	root, err := filepath.Abs("../testdata/node/root")
	require.NoError(t, err)
	named, warnings := podKill(t, func(c *Config) { c.RootPath = root })
	for name, want := range map[string]any{
		"k8s.namespace.name": "shop", "k8s.pod.name": "cart-0", "k8s.container.name": "app",
		"k8s.container.restart_count": int64(3), "container.image.name": "registry.example/shop/cart",
	} {
		assert.Equal(t, want, named.resource[name], name)
	}
	assert.Contains(t, named.lr.Body().Str(), "app of pod shop/cart-0")
	assert.NotContains(t, named.attrs, "process.real_user.name", "user 1000 is on every machine")
	assert.Empty(t, warnings)

	off, warnings := podKill(t, func(c *Config) { c.RootPath, c.Names = root, false })
	assert.NotContains(t, off.resource, "k8s.pod.name")
	assert.Equal(t, "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", off.resource["k8s.pod.uid"])
	assert.Empty(t, warnings)
}

// TestNamesInAGateway: a machine that is not the pod's finds nothing, and says nothing.
func TestNamesInAGateway(t *testing.T) {
	root := t.TempDir()
	record, warnings := podKill(t, func(c *Config) { c.RootPath = root })
	assert.NotContains(t, record.resource, "k8s.pod.name")
	assert.NotContains(t, record.attrs, "oom.names.doubt")
	assert.Empty(t, warnings)
}

// TestNamesWithoutARoot: a root that does not exist is one warning with key, value and remedy.
func TestNamesWithoutARoot(t *testing.T) {
	root := filepath.Join(t.TempDir(), "absent")
	record, warnings := podKill(t, func(c *Config) { c.RootPath = root })
	assert.NotContains(t, record.resource, "k8s.pod.name")
	require.Len(t, warnings, 1)
	for _, part := range []string{`root_path: "` + root + `": no such file or directory`, "mount", "switch names off"} {
		assert.Contains(t, warnings[0], part)
	}
}
