// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// TestRun is `make run` without a terminal: it ends by itself, with the capture's record.
func TestRun(t *testing.T) {
	collector := filepath.Join(root, "build/otelcol-oom-slim/otelcol-oom-slim")
	if _, err := os.Stat(collector); err != nil {
		t.Skip("the collector is not built: make collector-slim")
	}
	capture := filepath.Join(root, "testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer out.Close()
	stdout := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = stdout }()

	require.NoError(t, run(collector, capture, ".", filepath.Join(t.TempDir(), "collector.log")))
	said, err := os.ReadFile(out.Name())
	require.NoError(t, err)
	assert.Contains(t, string(said), "\nOOM kill: app-main (160)")
	assert.Contains(t, string(said), "sudo make oom")
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	err := run("no-collector", "no-capture", ".", filepath.Join(t.TempDir(), "collector.log"))
	assert.ErrorContains(t, err, "no-capture")
	err = run("no-collector", "main.go", ".", filepath.Join(t.TempDir(), "collector.log"))
	assert.ErrorContains(t, err, "no-collector")
}
