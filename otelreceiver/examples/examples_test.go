// SPDX-License-Identifier: Apache-2.0

// Package examples holds ready configurations. This test validates each of them with a collector
// that was built.
package examples

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

// The collectors that builder-config*.yaml make, each holding what the ones before it hold.
var collectors = []string{"otelcol-oom-slim", "otelcol-oom", "otelcol-oom-elastic"}

// least is the smallest collector that is used, where a smaller one would do.
var least = flag.String("collector", "", "use this collector, or a larger one where a configuration needs it")

// environment sets what the examples leave to the environment.
var environment = []string{
	"NODE_NAME=node-1", "LOKI_URL=http://127.0.0.1:3100", "VICTORIALOGS_URL=http://127.0.0.1:9428", "OTLP_ENDPOINT=127.0.0.1:4317", "GATEWAY=127.0.0.1:4317",
	"ELASTICSEARCH_URL=https://127.0.0.1:9200", "ELASTICSEARCH_API_KEY=key", "OOMTRAIL_CAPTURE=/var/log/kern.log",
}

// configurations returns the collector configurations in a directory and below: the files that have
// a service.
func configurations(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		decoder := yaml.NewDecoder(strings.NewReader(string(raw)))
		for {
			var doc map[string]any
			if decoder.Decode(&doc) != nil {
				return nil
			}
			if _, ok := doc["service"]; ok {
				files = append(files, path)
			}
		}
	}))
	return files
}

// shipped returns all configurations of the collector that this project has.
func shipped(t *testing.T) (files []string) {
	t.Helper()
	for _, dir := range []string{"otelreceiver/examples", "otelprocessor/examples", "deploy/collector", "packaging/otelcol-oom"} {
		found := configurations(t, dir)
		require.NotEmpty(t, found, dir)
		files = append(files, found...)
	}
	return files
}

// TestConfigurations lets a collector read each configuration: the smallest one that its first
// lines name.
func TestConfigurations(t *testing.T) {
	for _, file := range shipped(t) {
		name, err := filepath.Rel(root, file)
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			collector := collectorFor(t, file)
			cmd := exec.Command(collector, "validate", "--config", file)
			cmd.Env = append(os.Environ(), append(environment, "STATE_DIRECTORY="+t.TempDir())...)
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, "%s: %s", collector, out)
		})
	}
}

// TestVersion: each collector that is built says which build it is, as `make version` calls it.
func TestVersion(t *testing.T) {
	for _, name := range collectors {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(root, "build", name, name)
			if _, err := os.Stat(path); err != nil {
				t.Skipf("NOT RUN: %s is not built", name)
			}
			out, err := exec.Command(path, "components").Output()
			require.NoError(t, err)
			var said struct {
				BuildInfo             struct{ Command, Description, Version string }
				Receivers, Processors []struct{ Name, Module string }
			}
			require.NoError(t, yaml.Unmarshal(out, &said))
			assert.Equal(t, name, said.BuildInfo.Command)
			ours := 0
			for _, component := range append(said.Receivers, said.Processors...) {
				if component.Name != "oom_kill" {
					continue
				}
				ours++
				version, _, _ := strings.Cut(said.BuildInfo.Version, "+") // +dirty is no part of a module's version
				if version == "devel" {
					version = "v0.0.0"
				}
				assert.Equal(t, "github.com/oomtrail/oomtrail "+version, component.Module)
			}
			assert.Equal(t, 2, ours, "receiver and processor")
			if said.BuildInfo.Version == "devel" { // outside git
				return
			}
			assert.Regexp(t, `^v\d+\.\d+\.\d+`, said.BuildInfo.Version)
			assert.Regexp(t, `, commit [0-9a-f]{40}, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, said.BuildInfo.Description)
		})
	}
}

// collectorFor returns a collector that has been built and holds what a configuration needs.
func collectorFor(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	_, needs, ok := strings.Cut(string(raw), "Needs ")
	if own := filepath.Base(filepath.Dir(file)); !ok && slices.Contains(collectors, own) {
		needs, ok = own+".", true // the configuration of its package
	}
	require.True(t, ok, "the example does not say which collector it needs")
	first := 0
	if !strings.HasPrefix(needs, "any collector") {
		name, _, _ := strings.Cut(needs, ".")
		words := strings.Fields(name)
		first = len(collectors)
		for _, word := range words {
			if i := slices.Index(collectors, word); i >= 0 {
				first = min(first, i)
			}
		}
		require.Less(t, first, len(collectors), "needs %s, which no builder configuration makes", name)
	}
	if *least != "" {
		i := slices.Index(collectors, *least)
		require.GreaterOrEqual(t, i, 0, "-collector %s is none of %s", *least, collectors)
		first = max(first, i)
	}
	for _, name := range collectors[first:] {
		path := filepath.Join(root, "build", name, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	require.NotEqual(t, *least, collectors[first], "it is not built")
	t.Skipf("%s is not built: make %s", collectors[first], strings.Replace(collectors[first], "otelcol-oom", "collector", 1))
	return ""
}

// TestBuilderConfigs: each collector holds what the smaller one holds, in the same versions.
func TestBuilderConfigs(t *testing.T) {
	smaller := map[string]bool{}
	for _, file := range []string{"builder-config.slim.yaml", "builder-config.yaml", "builder-config.elastic.yaml"} {
		modules := builderModules(t, file)
		for module := range smaller {
			assert.True(t, modules[module], "%s lacks %s", file, module)
		}
		smaller = modules
	}
}

// builderModules returns what a builder configuration puts into a collector.
func builderModules(t *testing.T, file string) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	type component struct{ Gomod, Import, Path string }
	var config struct {
		Dist                                                                map[string]string
		Receivers, Processors, Exporters, Connectors, Extensions, Providers []component
	}
	require.NoError(t, yaml.Unmarshal(raw, &config))
	assert.Equal(t, "./build/"+config.Dist["name"], config.Dist["output_path"], file)
	modules := map[string]bool{}
	for _, components := range [][]component{config.Receivers, config.Processors, config.Exporters, config.Connectors, config.Extensions, config.Providers} {
		for _, c := range components {
			modules[c.Gomod+" "+c.Import] = true
		}
	}
	return modules
}

// TestManifests: the Kubernetes objects and the alert rules are YAML, each with the parts it cannot
// do without.
func TestManifests(t *testing.T) {
	raw, err := os.ReadFile(root + "/deploy/collector/daemonset.yaml")
	require.NoError(t, err)
	decoder := yaml.NewDecoder(strings.NewReader(string(raw)))
	var kinds []string
	for {
		var object struct{ Kind string }
		if err := decoder.Decode(&object); err != nil {
			require.EqualError(t, err, "EOF")
			break
		}
		kinds = append(kinds, object.Kind)
	}
	assert.Equal(t, []string{"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "DaemonSet"}, kinds)
	assert.Contains(t, string(raw), "fieldPath: spec.nodeName", "NODE_NAME comes by the downward API")
	assert.Contains(t, string(raw), "{name: log, mountPath: /var/log, readOnly: true}", "the node's files name the pods")
	assert.Contains(t, string(raw), "hostPath: {path: /var/log, type: Directory}")

	raw, err = os.ReadFile("loki-alerts/rules.yaml")
	require.NoError(t, err)
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &rules))
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			assert.NotEmpty(t, rule.Alert)
			assert.Contains(t, rule.Expr, `{service_name="kernel"}`)
		}
	}
}
