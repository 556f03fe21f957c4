// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

const testdata = "../../../testdata/witness-cases/"

// negative is a line that makes no record.
type negative struct{ section, by, text string }

func negatives(t *testing.T) (all []negative) {
	t.Helper()
	text, err := os.ReadFile(testdata + "negatives.txt")
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for row := range strings.Lines(string(text)) {
		row = strings.TrimSuffix(row, "\n")
		if s, ok := strings.CutPrefix(row, "## "); ok {
			section = s
			continue
		}
		if row == "" || row[0] == '#' {
			continue
		}
		by, text, ok := strings.Cut(row, " | ")
		if _, known := authors[by]; !ok || !known || section == "" || strings.TrimSpace(text) == "" {
			t.Fatalf("negatives.txt: %q: want PROGRAM | TEXT in a section", row)
		}
		all = append(all, negative{section, by, text})
	}
	if len(all) < 100 {
		t.Fatalf("%d negatives", len(all))
	}
	return all
}

// read returns the records of an input.
func read(t *testing.T, input []byte, o parser.Options) (records []contract.Record) {
	t.Helper()
	err := parser.ReadAll(bytes.NewReader(input), o, func(r *record.Record) error {
		flat, err := contract.FromJSON(r.AppendJSON(nil))
		records = append(records, flat)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// TestNegatives: each line by itself gives no record, in any format, with the widest settings.
func TestNegatives(t *testing.T) {
	for _, n := range negatives(t) {
		for i := range forms {
			f := &forms[i]
			if f.name == "plain" && strings.HasPrefix(n.section, "another program's very words") {
				continue // nothing says whose words they are
			}
			in := f.input([]line{{by: authors[n.by], text: n.text, at: start}})
			o := f.options()
			o.Sigkill, o.Observations = true, parser.ObservationsAll
			for _, r := range read(t, in, o) {
				t.Errorf("%s: %s: %v of\n%s", n.section, f.name, r["event.name"], in)
			}
		}
	}
}

// TestNegativesAroundAKill: all of them before and after a kill, and among its lines, change
// nothing about its record.
func TestNegativesAroundAKill(t *testing.T) {
	var noise []line
	for i, n := range negatives(t) {
		noise = append(noise, line{by: authors[n.by], text: n.text, at: start.Add(time.Duration(i) * time.Microsecond)})
	}
	at := start.Add(time.Second)
	kill := kernel(at)
	var among []line
	for i, k := range kill {
		for _, n := range noise[i*len(noise)/len(kill) : (i+1)*len(noise)/len(kill)] {
			n.at = k.at
			among = append(among, n)
		}
		among = append(among, k)
	}
	after := make([]line, len(noise))
	for i := range noise {
		after[i] = noise[i]
		after[i].at = noise[i].at.Add(2 * time.Second)
	}
	for i := range forms {
		f := &forms[i]
		if f.container || f.name == "plain" { // a kernel's line has a header
			continue
		}
		alone := read(t, f.input(kill), f.options())
		if len(alone) != 1 || alone[0]["event.name"] != "oom.kill" {
			t.Fatalf("%s: the kill alone: %v", f.name, alone)
		}
		got := read(t, f.input(append(append(append([]line(nil), noise...), among...), after...)), f.options())
		if len(got) != 1 {
			t.Errorf("%s: %d records, want 1", f.name, len(got))
			for _, r := range got {
				t.Logf("%v %v", r["event.name"], r["body"])
			}
			continue
		}
		for name, want := range alone[0] {
			if g := got[0][name]; g != want {
				t.Errorf("%s: %s is %v, alone %v", f.name, name, g, want)
			}
		}
	}
}
