// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// captures is a directory KERNEL/SCENARIO/kmsg.raw of captures; all of them, where the repository
// holds only some.
var captures = flag.String("captures", "../../testdata/captures", "directory of captures: KERNEL/SCENARIO/kmsg.raw")

// expectation is one row of testdata/expected-causes.tsv.
type expectation struct {
	kernel, scenario string
	causes, findings []string
	reason           string
}

func expectations(t *testing.T) (rows []expectation) {
	data, err := os.ReadFile("testdata/expected-causes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 5 || c[4] == "" {
			t.Fatalf("row %q: want five columns, the last one a reason", line)
		}
		rows = append(rows, expectation{c[0], c[1], strings.Split(c[2], "|"), strings.Fields(c[3]), c[4]})
	}
	return rows
}

// TestCauses diagnoses every capture that is there and compares with what the harness had set up.
func TestCauses(t *testing.T) {
	right, kills, seen := 0, 0, 0
	for _, want := range expectations(t) {
		raw, err := os.ReadFile(filepath.Join(*captures, want.kernel, want.scenario, "kmsg.raw"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		seen++
		t.Run(want.kernel+"/"+want.scenario, func(t *testing.T) {
			causes, findings := map[string]int{}, map[string]bool{}
			for _, d := range diagnose(t, raw) {
				kills++
				causes[d.Cause.String()]++
				for _, f := range d.Findings {
					findings[f.Cause.String()] = true
				}
			}
			if len(causes) == 0 {
				t.Errorf("no record, want %s", want.causes)
			}
			for _, c := range want.causes {
				if causes[c] == 0 {
					t.Errorf("cause %s never given (%s)", c, want.reason)
				}
				right += causes[c]
				delete(causes, c)
			}
			for c, n := range causes {
				t.Errorf("cause %s given %d times, want %s (%s)", c, n, want.causes, want.reason)
			}
			for _, f := range want.findings {
				if !findings[f] {
					t.Errorf("finding %s missing (%s)", f, want.reason)
				}
			}
		})
	}
	if seen == 0 {
		t.Fatalf("no capture under %s", *captures)
	}
	t.Logf("%d captures, %d of %d records with the right cause (%.1f %%)", seen, right, kills, 100*float64(right)/float64(kills))
}

// diagnose reads one capture as the parser does.
func diagnose(t *testing.T, raw []byte) (all []diagnosis.Diagnosis) {
	asm := assembly.New(assembly.Options{})
	decoder := format.NewDecoder(report.Kmsg)
	var diagnoser diagnosis.Diagnoser
	take := func() {
		for _, e := range asm.Events() {
			if e.Kind == report.EventReapFailed {
				continue
			}
			var k *report.Kill
			if e.Kill >= 0 {
				k = &e.Report.Kills[e.Kill]
			}
			d := diagnoser.Diagnose(e.Report, k)
			if n := len(d.Summary) + len(d.Advice); n >= 1024 || d.Summary == "" || d.Advice == "" {
				t.Errorf("summary and advice have %d bytes: %q %q", n, d.Summary, d.Advice)
			}
			d.Findings = slices.Clone(d.Findings)
			all = append(all, d)
		}
	}
	line := func(l *format.Line) { asm.Line(l); take() }
	for _, l := range bytes.Split(raw, []byte("\n")) {
		decoder.Decode(l, line)
	}
	decoder.Flush(line)
	asm.Flush()
	take()
	return all
}
