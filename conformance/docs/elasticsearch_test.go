// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

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

// TestElasticsearchDocuments: each field of each record of the captures and the witnesses, as
// `Format ecs` writes it, has a mapping that takes its value.
func TestElasticsearchDocuments(t *testing.T) {
	types := ElasticsearchTypes()
	logs, err := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(logs) == 0 {
		t.Fatalf("there are no captures: %v", err)
	}
	others, _ := filepath.Glob("../../testdata/witness-cases/*.txt")
	fields := 0
	for _, log := range append(logs, others...) {
		text, err := os.Open(log)
		if err != nil {
			t.Fatal(err)
		}
		options := parser.Options{IncludeOriginal: true, MemoryStat: parser.MemoryStatAll, Sigkill: true}
		err = parser.ReadAll(text, options, func(r *record.Record) error {
			Leaves(form.Map(r, form.ECS), func(name string, value any) {
				fields++
				kind := types[name]
				if strings.HasPrefix(name, record.FamilyPrefix) {
					kind = "long"
				}
				if !ElasticsearchTakes(kind, value) {
					t.Errorf("%s: %s is a %q, and here %v", log, name, kind, value)
				}
			})
			return nil
		})
		text.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	if fields < 1000 {
		t.Errorf("only %d fields were compared", fields)
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
