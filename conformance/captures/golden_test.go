package captures

import (
	"bytes"
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

// compareLines names the first line that differs.
func compareLines(t *testing.T, got, want []byte) {
	t.Helper()
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := 0; i < len(g) || i < len(w); i++ {
		switch {
		case i >= len(g):
			t.Fatalf("record %d is missing: %s", i+1, w[i])
		case i >= len(w):
			t.Fatalf("record %d is one too many: %s", i+1, g[i])
		case !bytes.Equal(g[i], w[i]):
			t.Fatalf("record %d is\n%s\nexpected\n%s", i+1, g[i], w[i])
		}
	}
}
