// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
)

func load(t *testing.T) []*captures.Capture {
	t.Helper()
	list, err := captures.Load("../../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// withSyslog leaves out the captures that hold no syslog(2) text.
func withSyslog(list []*captures.Capture) (some []*captures.Capture) {
	for _, c := range list {
		if c.Syslog != nil {
			some = append(some, c)
		}
	}
	return some
}

// expected returns what the parser makes of the captures, and is never empty.
func expected(t *testing.T, list []*captures.Capture, log Log, options parser.Options) []contract.Record {
	t.Helper()
	want, err := Expected(list, log, options)
	if err != nil || len(want) == 0 {
		t.Fatalf("%d records expected, %v", len(want), err)
	}
	return want
}

// check compares a frontend's records with those expected.
func check(t *testing.T, got, want []contract.Record) {
	t.Helper()
	differences := contract.Compare(got, want)
	for i, d := range differences {
		if i == 20 {
			t.Errorf("… %d more", len(differences)-i)
			break
		}
		t.Error(d)
	}
	t.Logf("%d records, %d expected, %d differences", len(got), len(want), len(differences))
}

// built returns the path of something that a make target builds.
func built(t *testing.T, path, target string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../..", path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no %s: run `make %s` first", path, target)
	}
	return path
}

func collectorBinary(t *testing.T) string {
	return built(t, "build/otelcol-oom-slim/otelcol-oom-slim", "collector-slim")
}

// copies writes the captures' logs to files NAME.log of a directory.
func copies(t *testing.T, list []*captures.Capture, log Log) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, c := range list {
		if err := os.WriteFile(filepath.Join(dir, fileName(c)+".log"), log(c), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fileName is a capture's name as one that a file, a tag and a component can have.
func fileName(c *captures.Capture) string {
	return strings.NewReplacer("/", "_", "@", "_").Replace(c.Name())
}
