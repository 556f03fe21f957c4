// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// TestRun is `make run-collector` without a terminal: it ends by itself, with the capture's page.
func TestRun(t *testing.T) {
	d := demo{
		collector: filepath.Join(root, "build/otelcol-oom-demo/otelcol-oom-demo"),
		oomtrail:  filepath.Join(root, "build/oomtrail"),
		capture:   filepath.Join(root, "testdata/captures/6.12/e_k8s_systemd/kmsg.raw"),
		root:      filepath.Join(root, "testdata/node/root"),
		configs:   ".",
		log:       filepath.Join(t.TempDir(), "collector.log"),
	}
	for _, built := range []string{d.collector, d.oomtrail} {
		if _, err := os.Stat(built); err != nil {
			t.Skip("what it runs is not built: make run-collector")
		}
	}
	page, err := exec.Command(d.oomtrail, "explain", "--root", d.root, d.capture).Output()
	require.NoError(t, err)
	// A captured log has no wall time, and a record of OTLP no time since boot.
	page = bytes.Replace(page, []byte("10.1 s after boot"), []byte("The log does not say when."), 1)

	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer out.Close()
	stdout := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = stdout }()
	require.NoError(t, d.run())
	said, err := os.ReadFile(out.Name())
	require.NoError(t, err)
	assert.Contains(t, string(said), "verified:\n\n"+string(page), "the page of the command")
	assert.Regexp(t, `Records: [1-9]`, string(said), "this machine may have kills of its own meanwhile")
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	d := demo{collector: "no-collector", oomtrail: "main.go", capture: "no-capture", configs: ".", log: filepath.Join(t.TempDir(), "collector.log")}
	assert.ErrorContains(t, d.run(), "no-capture")
	d.capture, d.oomtrail = "main.go", "no-oomtrail"
	assert.ErrorContains(t, d.run(), "no-oomtrail")
	d.oomtrail = "main.go"
	assert.ErrorContains(t, d.run(), "no-collector")
}
