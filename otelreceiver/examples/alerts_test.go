// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestPrometheusAlerts runs the tests of the alert rules, where Prometheus's promtool is.
func TestPrometheusAlerts(t *testing.T) {
	promtool, err := exec.LookPath(cmp.Or(os.Getenv("PROMTOOL"), "promtool"))
	if err != nil {
		t.Skip("NOT RUN: promtool, of the Debian package prometheus, is not here; PROMTOOL names it: ", err)
	}
	for _, args := range [][]string{{"check", "rules", "rules.yaml"}, {"test", "rules", "rules_test.yaml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = "prometheus-alerts"
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s", out)
	}
}

// TestAlertsNameMetrics: each metric in the alert rules and in the README is one that the receiver
// has, as Prometheus calls it: with _ for each dot, and with _total.
func TestAlertsNameMetrics(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "otelreceiver/metadata.yaml"))
	require.NoError(t, err)
	var metadata struct{ Metrics map[string]any }
	require.NoError(t, yaml.Unmarshal(raw, &metadata))
	known := map[string]bool{}
	for name := range metadata.Metrics {
		known[strings.ReplaceAll(name, ".", "_")+"_total"] = true
	}
	for _, file := range []string{"otelreceiver/README.md", "otelreceiver/examples/prometheus-alerts/rules.yaml", "otelreceiver/examples/prometheus-alerts/rules_test.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		names := regexp.MustCompile(`\boom_[a-z_]+_total\b`).FindAllString(string(text), -1)
		assert.NotEmpty(t, names, file)
		for _, name := range names {
			assert.True(t, known[name], "%s: %s", file, name)
		}
	}
}
