package captures

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

var update = flag.Bool("update", false, "write the expected records anew")

const testdata = "../../testdata/captures"

// TestExpectedRecords holds the records of each bundled capture against those that were reviewed: one flat JSON
// object a line. `go test ./conformance/captures -update` writes them anew, for git diff to show what changed.
func TestExpectedRecords(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		t.Run(c.Name(), func(t *testing.T) {
			var got []byte
			err := parser.ReadAll(bytes.NewReader(c.Kmsg), parser.Options{}, func(r *record.Record) error {
				got = append(r.AppendJSON(got), '\n')
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(testdata, c.Kernel, c.Scenario, "records.jsonl")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compareLines(t, got, want)
		})
	}
}

// compareLines names the fields in which records differ.
func compareLines(t *testing.T, got, want []byte) {
	t.Helper()
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	if len(g) != len(w) {
		t.Fatalf("%d records, expected %d", len(g)-1, len(w)-1)
	}
	for i := range g {
		if bytes.Equal(g[i], w[i]) {
			continue
		}
		a, b := fields(t, g[i]), fields(t, w[i])
		for name, v := range a {
			if v != b[name] {
				t.Errorf("record %d: %s is %v, expected %v", i+1, name, v, b[name])
			}
		}
		for name, v := range b {
			if _, ok := a[name]; !ok {
				t.Errorf("record %d: %s is absent, expected %v", i+1, name, v)
			}
		}
	}
}

func fields(t *testing.T, line []byte) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
