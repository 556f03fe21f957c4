// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// Prometheus is a running Prometheus that fetches metrics and evaluates rules each second.
type Prometheus struct {
	// URL is its address.
	URL string
}

// PrometheusBinary returns the path of a program of Prometheus's, "prometheus" or "promtool": see
// [Program].
func PrometheusBinary(t testing.TB, name string) string {
	t.Helper()
	return Program(t, strings.ToUpper(name), name, " (it is in the Debian package prometheus)")
}

// StartPrometheus runs a Prometheus until the test ends, with files of rules and the pages that it
// fetches: URLs by the name of their job. The test is skipped where there is none: see
// [PrometheusBinary].
func StartPrometheus(t testing.TB, rules []string, pages map[string]string) *Prometheus {
	t.Helper()
	binary, dir, listen := PrometheusBinary(t, "prometheus"), t.TempDir(), FreeAddress(t)
	type section = map[string]any
	var jobs []section
	for job, page := range pages {
		u, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, section{"job_name": job, "metrics_path": u.Path, "static_configs": []section{{"targets": []string{u.Host}}}})
	}
	var files []string
	for _, file := range rules {
		absolute, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, absolute)
	}
	config, err := yaml.Marshal(section{
		"global":     section{"scrape_interval": "1s", "evaluation_interval": "1s"},
		"rule_files": files, "scrape_configs": jobs,
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &Prometheus{URL: "http://" + listen}
	new(server).serve(t, p.URL+"/-/ready", binary,
		"--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+listen, "--log.level=warn")
	return p
}

// Query returns what a PromQL expression gives now.
func (p *Prometheus) Query(t testing.TB, expr string) []Sample {
	t.Helper()
	return samples(t, p.URL+"/api/v1/query", expr)
}

// Firing returns the alerts that fire, in order of their names. It fails the test where a rule
// could not be evaluated.
func (p *Prometheus) Firing(t testing.TB) []Alert { return firing(t, p.URL) }

// Await queries until each of some expressions has a sample, and returns those that have none after
// half a minute.
func (p *Prometheus) Await(t testing.TB, exprs ...string) (missing []string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		missing = slices.DeleteFunc(slices.Clone(exprs), func(expr string) bool { return len(p.Query(t, expr)) > 0 })
		if len(missing) == 0 || time.Now().After(end) {
			return missing
		}
	}
}

// Rule is an alert or a recording rule of a file.
type Rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

// selector matches what takes a metric from the store: a name, or a pattern of names, with its
// labels.
var selector = regexp.MustCompile(`(?:\b(?:oom|oomtrail|otelcol|node)_\w*(?:_total|_kills?|_bytes)\b|\b\w+:\w+)(?:\{[^}]*\})?|\{__name__[^}]*\}`)

// ReadRules reads a file of rules.
func ReadRules(t testing.TB, file string) (rules []Rule) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct{ Groups []struct{ Rules []Rule } }
	if err := yaml.Unmarshal(raw, &parsed); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, group := range parsed.Groups {
		rules = append(rules, group.Rules...)
	}
	return rules
}

// Selectors returns what the rule takes from the store.
func (r Rule) Selectors() []string { return selector.FindAllString(r.Expr, -1) }
