// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

var update = flag.Bool("update", false, "write the expected records anew")

const testdata = "../../../testdata/captures"

// TestExpectedRecords holds the records of each bundled capture against those that were reviewed: one flat JSON
// object a line. Read as what it is, a copy of /dev/kmsg, a capture is the kernel's word; read as it looks, the same records are
// unverified. `go test ./conformance/corpus/captures -update` writes them anew, for git diff to show what changed.
func TestExpectedRecords(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		t.Run(c.Name(), func(t *testing.T) {
			got := jsonLines(t, c.Kmsg, parser.Options{Transport: format.Kmsg, TrustedSource: parser.TrustedKmsg})
			verified, unverified := []byte(`"oom.trust":"verified"`), []byte(`"oom.trust":"unverified"`)
			guessed := jsonLines(t, c.Kmsg, parser.Options{})
			compareLines(t, guessed, bytes.ReplaceAll(got, verified, unverified))
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

// jsonLines returns the records of a log, one flat JSON object a line.
func jsonLines(t *testing.T, log []byte, o parser.Options) (lines []byte) {
	t.Helper()
	err := parser.ReadAll(bytes.NewReader(log), o, func(r *record.Record) error {
		lines = append(r.AppendJSON(lines), '\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
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
