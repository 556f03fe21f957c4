// SPDX-License-Identifier: Apache-2.0

package workload_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/workload"
)

// truth is what was so when a real kill was kept, in the record's fields.
type truth struct {
	Attributes map[string]any `json:"attributes"`
	// FromPath are those of the attributes that the cgroup's path has.
	FromPath []string `json:"fromPath"`
	// Absent are those of the attributes that no file of the tree says by a uid or an id.
	Absent []string `json:"absent"`
}

// names are the fields that a tree, or the cgroup's path, gives.
var names = []string{
	"k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.container.name", "k8s.container.restart_count",
	"container.id", "container.name", "container.image.name", "container.image.tag",
	"container.label.com.docker.compose.project", "container.label.com.docker.compose.service",
}

// TestReal: the trees that real runtimes left give the names that were true at a real kill.
func TestReal(t *testing.T) {
	files, err := filepath.Glob("testdata/real/*/truth.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d trees of real runtimes, want 6 or more (%v)", len(files), err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			rec, was := killOf(t, dir, filepath.Join(dir, "root")), truthOf(t, file)
			for _, name := range names {
				want, known := was.Attributes[name]
				known = known && !slices.Contains(was.Absent, name)
				switch got, ok := rec[name]; {
				case ok != known:
					t.Errorf("%s: got %v (%t), want %v (%t)", name, got, ok, want, known)
				case ok && got != want:
					t.Errorf("%s: got %v, want %v", name, got, want)
				}
			}
			if t.Failed() {
				t.Logf("body: %v", rec["body"])
			}
		})
	}
}

// TestRealElsewhere: of a kill of one machine, the tree of another gives no name.
func TestRealElsewhere(t *testing.T) {
	files, err := filepath.Glob("testdata/real/*/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		was := truthOf(t, file)
		for _, other := range files {
			there := truthOf(t, other)
			if there.Attributes["container.id"] == was.Attributes["container.id"] {
				continue
			}
			rec := killOf(t, filepath.Dir(file), filepath.Join(filepath.Dir(other), "root"))
			for _, name := range names {
				if got, ok := rec[name]; ok != slices.Contains(was.FromPath, name) {
					t.Errorf("%s in the tree of %s: %s is %v (%t)", file, other, name, got, ok)
				}
			}
		}
	}
}

// truthOf reads truth.json.
func truthOf(t *testing.T, file string) truth {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var was truth
	if err := json.Unmarshal(b, &was); err != nil || len(was.Attributes) == 0 {
		t.Fatalf("%s: %d attributes (%v)", file, len(was.Attributes), err)
	}
	return was
}

// killOf returns the attributes of the one kill that the directory's kernel log has, named from the
// root.
func killOf(t *testing.T, dir, root string) map[string]any {
	t.Helper()
	resolver, err := workload.New(workload.Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "kmsg.raw"))
	if err != nil {
		t.Fatal(err)
	}
	var kills []map[string]any
	err = parser.ReadAll(strings.NewReader(string(log)), parser.Options{Names: resolver.Lookup}, func(r *parser.Record) error {
		var doc map[string]any
		if err := json.Unmarshal(r.AppendJSON(nil), &doc); err != nil {
			return err
		}
		kills = append(kills, doc)
		return nil
	})
	if err != nil || len(kills) != 1 {
		t.Fatalf("%d records of one kill (%v)", len(kills), err)
	}
	return kills[0]
}
