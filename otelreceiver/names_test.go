// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/parser"
)

// A pod's kill, and the root directory of its node.
const (
	podCapture = "6.12/e_k8s_systemd/kmsg.raw"
	nodeRoot   = "../testdata/node/root"
)

// podNames are what the node's files have for podCapture.
var podNames = map[string]any{
	"k8s.namespace.name": "shop", "k8s.pod.name": "cart-0", "k8s.container.name": "app", "k8s.container.restart_count": int64(3),
	"container.image.name": "registry.example/shop/cart", "container.image.tag": "1.4",
}

// ofNode sets the root of the pod's node.
func ofNode(t *testing.T) func(*Config) {
	root, err := filepath.Abs(nodeRoot)
	require.NoError(t, err)
	return func(c *Config) { c.RootPath = root }
}

// podKill returns the resource, the attributes and the sentence of the pod's kill as a source reads
// it.
func podKill(t *testing.T, logger *zap.Logger, from string, change ...func(*Config)) (resource, attrs map[string]any, body string) {
	t.Helper()
	records := strings.SplitAfter(string(capture(t, podCapture)), "\n")
	makeSource := newSource
	cfg := quick(func(c *Config) { c.Source, c.StartAt = from, "beginning" })
	switch from {
	case sourceKmsg:
		r := newRing(1 << 20)
		r.write(records[:len(records)-1]...)
		makeSource = ringSource(r, "boot-1")
	case sourceJournald:
		j := &fakeJournal{t: t}
		j.write(journalEntries(records[:len(records)-1])...)
		makeSource = j.source
		cfg.Journald.JournalctlPath = "/usr/bin/journalctl"
	default:
		cfg.File.Include, cfg.File.Format = []string{filepath.Join("..", "testdata", "captures", podCapture)}, "kmsg"
	}
	for _, f := range change {
		f(cfg)
	}
	next := &sink{}
	runLogged(t, logger, cfg, next, makeSource)
	next.waitFor(t, 160)
	return next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw(), next.records[0].Attributes().AsRaw(), next.records[0].Body().Str()
}

// runLogged runs a receiver that logs, until the test ends.
func runLogged(t *testing.T, logger *zap.Logger, cfg *Config, next consumer.Logs, makeSource func(*Config) source) {
	t.Helper()
	require.NoError(t, cfg.Validate())
	set := settingsOf(t)
	set.Logger = logger
	r, err := newFactory(makeSource).CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
}

// TestNames: each source gives a pod's kill the names that the node's files have, as attributes of
// the resource, by which Loki makes index labels.
func TestNames(t *testing.T) {
	for _, from := range []string{sourceKmsg, sourceJournald, sourceFile} {
		t.Run(from, func(t *testing.T) {
			resource, attrs, body := podKill(t, zap.NewNop(), from, ofNode(t))
			for name, want := range podNames {
				assert.Equal(t, want, resource[name], name)
				assert.NotContains(t, attrs, name)
			}
			assert.Contains(t, body, "app of pod shop/cart-0")

			resource, _, body = podKill(t, zap.NewNop(), from, ofNode(t), func(c *Config) { c.Names = false })
			for name := range podNames {
				assert.NotContains(t, resource, name)
			}
			assert.NotContains(t, body, "cart-0")
			assert.Equal(t, "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", resource["k8s.pod.uid"])
		})
	}
}

// TestNamesOfAnotherMachine: a pod of which the files have nothing is not named, and nothing is
// said about it.
func TestNamesOfAnotherMachine(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "var/log/pods/shop_cart-0_ffffffff-4a5b-6c7d-8e9f-0a1b2c3d4e5f/app"), 0o755))
	core, logged := observer.New(zap.WarnLevel)
	resource, attrs, _ := podKill(t, zap.New(core), sourceKmsg, func(c *Config) { c.RootPath = root })
	assert.NotContains(t, resource, "k8s.pod.name")
	assert.NotContains(t, attrs, "oom.names.doubt")
	assert.Empty(t, logged.All())
}

// TestNamesWithoutARoot: a root that does not exist is one warning with key, value and remedy, and
// records are as they were.
func TestNamesWithoutARoot(t *testing.T) {
	root := filepath.Join(t.TempDir(), "absent")
	core, logged := observer.New(zap.WarnLevel)
	resource, _, _ := podKill(t, zap.New(core), sourceKmsg, func(c *Config) { c.RootPath = root })
	assert.Equal(t, "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", resource["k8s.pod.uid"])
	assert.NotContains(t, resource, "k8s.pod.name")
	require.Len(t, logged.All(), 1)
	for _, part := range []string{`root_path: "` + root + `": no such file or directory`, "mount", "switch names off"} {
		assert.Contains(t, logged.All()[0].Message, part)
	}
}

// TestNamesOfUsers: the name of a number is given where the log is this machine's own, and the root
// is known to be this machine's, too.
func TestNamesOfUsers(t *testing.T) {
	pod := map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
	for _, tc := range []struct {
		what  string
		env   map[string]string
		set   func(*Config)
		named bool
	}{
		{"kmsg", nil, func(*Config) {}, true},
		{"kmsg in a pod", pod, func(*Config) {}, false},
		{"kmsg in a pod, with the node's root", pod, func(c *Config) { c.RootPath = "/" }, true},
		{"this machine's journal", nil, func(c *Config) { c.Source = sourceJournald }, true},
		{"any journal", nil, func(c *Config) { c.Source, c.Journald.Directory = sourceJournald, "/var/log/journal/remote" }, false},
		{"a file", nil, func(c *Config) { c.Source = sourceFile }, false},
		{"names are off", nil, func(c *Config) { c.Names = false }, false},
	} {
		if tc.env == nil && machine.InContainer("/", func(string) string { return "" }) {
			continue // this machine is a container itself
		}
		cfg := quick(tc.set)
		options, err := cfg.withNames(parser.Options{}, func(name string) string { return tc.env[name] })
		require.NoError(t, err)
		assert.Equal(t, tc.named, options.UserNames, tc.what)
		assert.Equal(t, cfg.Names, options.Names != nil, tc.what)
	}

	r := newRing(1000)
	r.write(new(printk).report(100)...)
	next := &sink{}
	run(t, quick(ofNode(t)), nil, next, ringSource(r, "boot-1"))
	next.waitFor(t, 100)
	name, _ := next.records[0].Attributes().Get("process.real_user.name")
	assert.Equal(t, "cart", name.AsString())
}
