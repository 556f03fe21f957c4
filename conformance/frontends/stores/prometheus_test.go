// SPDX-License-Identifier: Apache-2.0

package stores

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/conformance/stress/faults"
	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

const (
	root     = "../../.."
	alerts   = root + "/deploy/prometheus/"
	captures = root + "/testdata/captures/"
)

// TestRules: promtool finds no error in the rules, and their tests pass.
func TestRules(t *testing.T) {
	promtool := backends.PrometheusBinary(t, "promtool")
	for _, name := range []string{"collector", "fluent-bit"} {
		for _, args := range [][]string{{"check", "rules", name + ".rules.yaml"}, {"test", "rules", name + ".test.yaml"}} {
			cmd := exec.Command(promtool, args...)
			cmd.Dir = alerts
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
			}
		}
	}
}

// TestRulesAreTested: the tests expect each alert to fire, and expect it not to fire before.
func TestRulesAreTested(t *testing.T) {
	for _, name := range []string{"collector", "fluent-bit"} {
		raw, err := os.ReadFile(alerts + name + ".test.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Tests []struct {
				Cases []struct {
					Name string           `yaml:"alertname"`
					Want []map[string]any `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		if err := yaml.Unmarshal(raw, &file); err != nil {
			t.Fatal(err)
		}
		fires, quiet := map[string]bool{}, map[string]bool{}
		for _, test := range file.Tests {
			for _, c := range test.Cases {
				if len(c.Want) > 0 {
					fires[c.Name] = true
				} else {
					quiet[c.Name] = true
				}
			}
		}
		for _, rule := range backends.ReadRules(t, alerts+name+".rules.yaml") {
			if rule.Alert != "" && (!fires[rule.Alert] || !quiet[rule.Alert]) {
				t.Errorf("%s: %s: it fires in a test: %t, it does not in another: %t", name, rule.Alert, fires[rule.Alert], quiet[rule.Alert])
			}
		}
	}
}

// TestRulesAreDocumented: docs/dashboards.md names each alert, and Prometheus takes the
// configuration that it shows.
func TestRulesAreDocumented(t *testing.T) {
	raw, err := os.ReadFile(root + "/docs/dashboards.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "\n## Prometheus\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, name := range []string{"collector", "fluent-bit"} {
		for _, rule := range backends.ReadRules(t, alerts+name+".rules.yaml") {
			if rule.Alert != "" && !strings.Contains(section, "`"+rule.Alert+"`") {
				t.Errorf("%s: the page does not name %s", name, rule.Alert)
			}
		}
	}
	config := regexp.MustCompile("(?s)```yaml\n(# prometheus.yml\n.*?)```").FindStringSubmatch(section)
	if config == nil {
		t.Fatal("the page shows no configuration")
	}
	file := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(file, []byte(config[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(backends.PrometheusBinary(t, "promtool"), "check", "config", "--syntax-only", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestRulesNameMetrics: each metric that the collector's rules take is one that metadata.yaml
// declares, as Prometheus calls it: with _ for each dot. Those of metrics pipelines have their unit
// behind that, and counters end in _total; those of the collector itself do where they come by
// OTLP.
func TestRulesNameMetrics(t *testing.T) {
	known := []string{"otelcol_receiver_refused_log_records"} // of every receiver
	for _, component := range []string{"receiver", "processor"} {
		raw, err := os.ReadFile(root + "/otel" + component + "/metadata.yaml")
		if err != nil {
			t.Fatal(err)
		}
		type metrics struct {
			Metrics map[string]struct {
				Unit  string
				Gauge any
			}
		}
		var declared struct {
			metrics   `yaml:",inline"`
			Telemetry metrics
		}
		if err := yaml.Unmarshal(raw, &declared); err != nil {
			t.Fatal(err)
		}
		for name, m := range declared.Metrics {
			name = strings.ReplaceAll(name, ".", "_") + map[string]string{"s": "_seconds", "By": "_bytes"}[m.Unit]
			if m.Gauge == nil {
				name += "_total"
			}
			known = append(known, name)
		}
		for name := range declared.Telemetry.Metrics {
			known = append(known, "otelcol_"+name)
		}
	}
	pattern := regexp.MustCompile(`__name__=~"([^"]*)"`)
	named := map[string]bool{}
	for _, rule := range backends.ReadRules(t, alerts+"collector.rules.yaml") {
		if len(rule.Selectors()) == 0 {
			t.Errorf("%s%s takes no metric", rule.Alert, rule.Record)
		}
		for _, selector := range rule.Selectors() {
			if m := pattern.FindStringSubmatch(selector); m != nil {
				selector = m[1]
			}
			name, _, _ := strings.Cut(selector, "{")
			named[name] = true
		}
	}
	for name := range named {
		matches := regexp.MustCompile(`^(?:` + name + `)$`)
		both := strings.Contains(name, "(_total)?")
		if !strings.Contains(name, ":") && !slices.ContainsFunc(known, func(k string) bool {
			return matches.MatchString(k) && (!both || !strings.HasPrefix(k, "otelcol_") || matches.MatchString(k+"_total"))
		}) {
			t.Errorf("no metric is called %s; there are %q", name, known)
		}
	}
}

// names are what the node's files say of the pod of the captures.
var names = []string{"var/log/pods/shop_cart-0_0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f/app", "var/log/containers"}

const containerLink = "cart-0_shop_app-4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a.log"

// TestPrometheusCollector lets a Prometheus fetch the metrics of a collector, with
// otelreceiver/examples/prometheus.yaml and a processor, and evaluate the rules: it counts the
// kills of the captures, their alerts fire, and each metric and label that the rules take is there.
func TestPrometheusCollector(t *testing.T) {
	backends.PrometheusBinary(t, "prometheus")
	dir := t.TempDir()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join("/", names[0], "0.log"), filepath.Join(dir, names[1], containerLink)); err != nil {
		t.Fatal(err)
	}
	var files []string
	kills := map[string]float64{}
	for _, capture := range []string{"5.10/e_k8s_cgroupfs@v1", "6.12/e_k8s_systemd", "7.2/e_k8s_systemd", "6.12/a_global_anon", "6.12/f_oomgroup"} {
		file, err := filepath.Abs(captures + capture + "/kmsg.raw")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		for scope, n := range killsOf(t, file) {
			kills[scope] += n
		}
	}
	metrics, own := backends.FreeAddress(t), backends.FreeAddress(t)
	host, port, _ := strings.Cut(own, ":")
	// The receiver has the kills of all captures; the processor reads one as lines of a file.
	config := fmt.Sprintf(`
receivers:
  oom_kill: {source: file, start_at: beginning, collection_interval: 1s, root_path: %s, file: {include: [%s], format: kmsg}}
  file_log: {include: [%s], start_at: beginning}
processors:
  oom_kill: {metric_attributes: [host.name, oom.scope, oom.diagnosis.cause]}
exporters:
  prometheus: {endpoint: %s}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: %s, port: %s}}}}]}}
  pipelines:
    logs/lines: {receivers: [file_log], processors: [oom_kill], exporters: [debug]}
`, dir, strings.Join(files, ", "), files[3], metrics, host, port)
	device := ""
	if f, err := os.Open("/dev/kmsg"); err != nil {
		t.Logf("NOT RUN: the alerts on what the kernel counts: %v", err)
	} else {
		f.Close()
		machine, _ := watchtest.Unpack(t, watchtest.Version2)
		device = "yaml:{receivers: {oom_kill/node: {source: kmsg, start_at: end, host_name: node-2, collection_interval: 1s, root_path: " + machine + ", cgroup_metrics: {include: [/**]}}}, service: {pipelines: {metrics: {receivers: [oom_kill, oom_kill/node]}}}}"
	}
	runCollector(t, dir, config, device)
	p := backends.StartPrometheus(t, []string{alerts + "collector.rules.yaml"}, map[string]string{
		"kills": "http://" + metrics + "/metrics", "collector": "http://" + own + "/metrics",
	})

	ofMachine := regexp.MustCompile(`^oom_(lost_kills|pressure|cgroup)`)

	// Each metric is there, by each of the selectors, and so are the labels that alerts speak of.
	var selectors []string
	labels := map[string]string{} // by label, the alert
	for _, rule := range backends.ReadRules(t, alerts+"collector.rules.yaml") {
		for _, selector := range rule.Selectors() {
			if device != "" || !ofMachine.MatchString(selector) {
				selectors = append(selectors, selector)
			}
		}
		for _, m := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(rule.Annotations["summary"]+rule.Annotations["description"], -1) {
			labels[m[1]] = rule.Alert
		}
	}
	if missing := p.Await(t, selectors...); len(missing) > 0 {
		t.Errorf("no series of %q", missing)
	}
	for label, alert := range labels {
		if missing := p.Await(t, fmt.Sprintf(`{%s!=""}`, label)); len(missing) > 0 {
			t.Errorf("%s speaks of the label %s, which no series has", alert, label)
		}
	}

	// It counts what the captures have.
	for scope, want := range kills {
		expr := fmt.Sprintf(`sum(oom_kills_total{host_name="node-1", oom_scope=%q}) == %v`, scope, want)
		if missing := p.Await(t, expr); len(missing) > 0 {
			t.Errorf("%s: %v", expr, p.Query(t, `oom_kills_total`))
		}
	}
	if want := `sum(otelcol_processor_oom_kill_kills{oom_scope="host"}) == 1`; len(p.Await(t, want)) > 0 {
		t.Errorf("%s: %v", want, p.Query(t, `otelcol_processor_oom_kill_kills`))
	}

	// Their alerts fire, and no others.
	want := []string{
		"HostOutOfMemory: The kernel killed processes on " + own + " because the host ran out of memory.",
		"HostOutOfMemory: The kernel killed processes on node-1 because the host ran out of memory.",
		"OutOfMemoryKill: OOM kill on " + own + ": no unit (process_hog).",
		"OutOfMemoryKill: OOM kill on node-1: grp.service (process_hog).",
		"OutOfMemoryKill: OOM kill on node-1: no unit (process_hog).",
		"OutOfMemoryKill: OOM kill on node-1: pod shop/cart-0 (process_hog).",
		"PodOutOfMemory: Three OOM kills within an hour in pod shop/cart-0.",
	}
	var got []string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && !slices.Equal(got, want); time.Sleep(200 * time.Millisecond) {
		said := map[string]bool{}
		for _, alert := range p.Firing(t) {
			if alert.Labels["host_name"] != "node-2" { // this machine's own kernel may kill, too
				said[alert.Name+": "+alert.Annotations["summary"]] = true
			}
		}
		got = slices.Sorted(maps.Keys(said))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("alerts:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// killsOf counts the kills in a file of /dev/kmsg's form, by what ran out.
func killsOf(t *testing.T, file string) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kills := map[string]float64{}
	if err := parser.ReadAll(bytes.NewReader(text), parser.Options{}, func(r *record.Record) error {
		if r.Text("event.name") == "oom.kill" {
			kills[r.Text("oom.scope")]++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(kills) == 0 {
		t.Fatalf("%s has no kill", file)
	}
	return kills
}

// runCollector runs prometheus.yaml with what config and more change of it, until the test ends.
// The test is skipped where no collector is built.
func runCollector(t *testing.T, dir, config, more string) {
	t.Helper()
	program := ""
	for _, name := range []string{"otelcol-oom-slim", "otelcol-oom"} {
		file := filepath.Join(root, "build", name, name)
		if _, err := os.Stat(file); program == "" && err == nil {
			program = file
		}
	}
	if program == "" {
		t.Skip("NOT RUN: no collector is built: make collector-slim")
	}
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{program, "--config", root + "/otelreceiver/examples/prometheus.yaml", "--config", file}
	if more != "" {
		args = append(args, "--config", more)
	}
	t.Setenv("NODE_NAME", "node-1")
	t.Setenv("STATE_DIRECTORY", filepath.Join(dir, "state"))
	p := faults.NewProcess(t, dir, args...)
	p.Start(t)
	t.Cleanup(func() {
		p.Stop(t)
		if t.Failed() {
			t.Logf("the collector said:\n%s", p.Said())
		}
	})
	p.Ready(t, 30*time.Second)
}
