// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/warnings"
	"github.com/oomtrail/oomtrail/conformance/corpus/witnesscases"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// unheld are the fields that no record of these logs has: names, which take a node's files; what a
// damaged report, an older kernel or a nested manager has; and the warning before a kill. Their
// mappings follow from the table of fields alone.
var unheld = []string{
	"container.labels.com_docker_compose_project", "container.labels.com_docker_compose_service", "kubernetes.container.status.restarts",
	"oom.cgroup.container_id", "oom.cgroup.pod_uid", "oom.cgroup.unit", "oom.cgroup_kmem.limit", "oom.job.group", "oom.job.task",
	"oom.log_host", "oom.machine.name", "oom.names.doubt", "oom.outer.container_id", "oom.report.lost_records",
	"oom.selected.name", "oom.selected.pid", "oom.selected.score", "oom.victim.count",
	"oom.warning.lead", "process.real_user.name",
}

const elasticsearch = "../../deploy/elasticsearch"

// TestElasticsearchFiles demands that the templates of deploy/elasticsearch are what the table of
// fields makes of them, and that each names component templates that are there: of Elasticsearch's
// own, or here.
func TestElasticsearchFiles(t *testing.T) {
	files := ElasticsearchFiles()
	for name, want := range files {
		path := filepath.Join(elasticsearch, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the fields make: run `make docs` (%v)", path, err)
		}
		var template struct {
			Components []string `json:"composed_of"`
			Optional   []string `json:"ignore_missing_component_templates"`
		}
		if err := json.Unmarshal([]byte(want), &template); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, component := range template.Components {
			_, ours := files[component+".json"]
			if strings.HasPrefix(component, "oom") && !ours && !slices.Contains(template.Optional, component) {
				t.Errorf("%s is composed of %s, which is not here", name, component)
			}
		}
	}
	there, err := filepath.Glob(elasticsearch + "/*.json")
	if err != nil || len(there) != len(files) {
		t.Errorf("%d files are there, and %d are made: %v", len(there), len(files), err)
	}
}

// TestElasticsearchDocuments: each field of each record of the captures, of real deaths, of the
// cases of other programs and of warnings, as `Format ecs` writes it, has a mapping that takes its
// value; and each mapping was held against a value.
func TestElasticsearchDocuments(t *testing.T) {
	types := ElasticsearchTypes()
	seen := map[string]bool{}
	type log struct {
		text    []byte
		options parser.Options
	}
	logs := map[string]log{}
	for _, pattern := range []string{"captures/*/*/kmsg.raw", "witnesses/*/*.*"} {
		files, err := filepath.Glob("../../testdata/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("there is no %s: %v", pattern, err)
		}
		for _, file := range files {
			if filepath.Base(file) == "truth.json" {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			logs[file] = log{text: text}
		}
	}
	cases, err := witnesscases.Logs("../../testdata/witness-cases")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		logs[c.Name] = log{c.Text, c.Options}
	}
	check := func(name string, r *record.Record) {
		leaves(form.Map(r, form.ECS), func(field string, value any) {
			seen[field] = true
			kind := types[field]
			if strings.HasPrefix(field, record.FamilyPrefix) {
				kind = "long"
			}
			if !ElasticsearchTakes(kind, value) {
				t.Errorf("%s: %s is a %q, and here %v", name, field, kind, value)
			}
		})
	}
	for name, l := range logs {
		l.options.IncludeOriginal, l.options.MemoryStat = true, parser.MemoryStatAll
		l.options.Sigkill, l.options.Observations = true, parser.ObservationsAll
		if err := parser.ReadAll(bytes.NewReader(l.text), l.options, func(r *record.Record) error {
			check(name, r)
			return nil
		}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	all, err := warnings.Load("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		check("warnings", r)
	}
	var unseen []string
	for field := range types {
		if !seen[field] {
			unseen = append(unseen, field)
		}
	}
	slices.Sort(unseen)
	if !slices.Equal(unseen, unheld) {
		t.Errorf("no record has %q, want %q", unseen, unheld)
	}
}

// TestElasticsearchQueries: each field in a query of docs/dashboards.md is one of the mappings, and
// each word that it compares a field with is one that the documentation of fields has.
func TestElasticsearchQueries(t *testing.T) {
	page, err := os.ReadFile("../../docs/dashboards.md")
	if err != nil {
		t.Fatal(err)
	}
	types := ElasticsearchTypes()
	known := read(t, "../../docs/fields.md")
	queries := regexp.MustCompile("(?s)```esql\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(queries) == 0 {
		t.Fatal("the page has no query")
	}
	field := regexp.MustCompile(`\b[a-z][a-z_0-9]*(?:\.[a-z_0-9]+)+\b`)
	text := regexp.MustCompile(`"([^"]*)"`)
	for _, q := range queries {
		query := q[1]
		for _, word := range text.FindAllStringSubmatch(query, -1) {
			if !strings.Contains(known, "`"+word[1]+"`") {
				t.Errorf("no field has the value %q:\n%s", word[1], query)
			}
		}
		names := field.FindAllString(text.ReplaceAllString(query, ""), -1)
		if len(names) == 0 {
			t.Errorf("no field is in\n%s", query)
		}
		for _, name := range names {
			if types[name] == "" {
				t.Errorf("%s is no field:\n%s", name, query)
			}
		}
	}
}
