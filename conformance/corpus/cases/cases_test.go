// SPDX-License-Identifier: Apache-2.0

// Package cases holds one small input for each kind of fault that was found in the field, and what
// its records must say.
//
// A case is testdata/cases/NAME, the input, and NAME.expected.json beside it.
package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

const testdata = "../../../testdata/cases"

// expected is NAME.expected.json.
type expected struct {
	// Why says what the case shows.
	Why string `json:"why"`
	// Options are those of the parser; what is absent is the default.
	Options options `json:"options"`
	// Records are the records to come, in their order: the flat JSON form. What is not named may be
	// anything, null must be absent. A text that begins or ends in "…" must only stand at that
	// side: "…file" ends so, "Out…" begins so, "…limit…" contains it; "!…limit…" must not contain
	// it.
	Records []map[string]any `json:"records"`
}

// options are options of a parser as JSON.
type options struct {
	Trust         string `json:"trust"`
	TrustedSource string `json:"trusted_source"`
	HostName      string `json:"host_name"`
	// Location and Reference are the zone of the stamps, and when the input was written to last.
	Location  string    `json:"location"`
	Reference time.Time `json:"reference"`
}

func (o options) parse(t *testing.T) parser.Options {
	t.Helper()
	trust, err := parser.ParseTrust(o.Trust)
	if err != nil {
		t.Fatal(err)
	}
	source, err := parser.ParseTrustedSource(o.TrustedSource)
	if err != nil {
		t.Fatal(err)
	}
	options := parser.Options{Trust: trust, TrustedSource: source, HostName: o.HostName, ReportTimeout: 10 * time.Second}
	if o.Location != "" {
		if options.Location, err = time.LoadLocation(o.Location); err != nil {
			t.Fatal(err)
		}
	}
	options.Reference = func() time.Time { return o.Reference }
	return options
}

// read reads the records of an input.
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

func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.expected.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		input := strings.TrimSuffix(file, ".expected.json")
		t.Run(filepath.Base(input), func(t *testing.T) {
			want := load(t, file)
			text, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			wrong := difference(t, read(t, text, want.Options.parse(t)), want.Records)
			if len(wrong) > 0 {
				t.Errorf("%s\n%s", strings.Join(wrong, "\n"), want.Why)
			}
		})
	}
}

// difference returns what is not as it should be.
func difference(t *testing.T, got []contract.Record, want []map[string]any) (wrong []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			wrong = append(wrong, fmt.Sprintf("record %d of %d is missing: %v", i, len(want), want[i]))
		case i >= len(want):
			wrong = append(wrong, fmt.Sprintf("record %d of %d is one too many: %v", i, len(got), got[i]))
		default:
			wrong = append(wrong, compare(t, i, got[i], want[i])...)
		}
	}
	return wrong
}

// load reads what is expected. A key that is unknown, or a case that says or expects nothing, is a
// mistake.
func load(t *testing.T, file string) (e expected) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if e.Why == "" || e.Records == nil {
		t.Fatalf("%s: needs why, and records (an empty list where none may come)", file)
	}
	return e
}

func compare(t *testing.T, i int, got contract.Record, want map[string]any) (wrong []string) {
	t.Helper()
	for name, w := range want {
		checkName(t, name)
		g, ok := got[name]
		switch {
		case w == nil && !ok:
		case w == nil:
			wrong = append(wrong, fmt.Sprintf("record %d: %s is %v, must be absent", i, name, g))
		case !ok:
			wrong = append(wrong, fmt.Sprintf("record %d: %s is absent, must be %v", i, name, w))
		case !matches(g, w):
			wrong = append(wrong, fmt.Sprintf("record %d: %s:\n got %v\nwant %v", i, name, g, w))
		}
	}
	return wrong
}

// checkName refuses a name that no record can have: a case with one could not fail.
func checkName(t *testing.T, name string) {
	t.Helper()
	switch name {
	case "time", "uptime", "severity_number", "body":
		return
	}
	if record.Lookup(name) == nil {
		t.Errorf("no record has a field %q", name)
	}
}

// matches compares a value with what is expected of it.
func matches(got, want any) bool {
	w, ok := want.(string)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	g, ok := got.(string)
	if !ok {
		return false
	}
	w, not := strings.CutPrefix(w, "!…")
	if not {
		return !strings.Contains(g, strings.TrimSuffix(w, "…"))
	}
	rest, head := strings.CutSuffix(w, "…")
	tail, isTail := strings.CutPrefix(rest, "…")
	switch {
	case head && isTail:
		return strings.Contains(g, tail)
	case head:
		return strings.HasPrefix(g, rest)
	case isTail:
		return strings.HasSuffix(g, tail)
	}
	return g == w
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		got, want any
		ok        bool
	}{
		{"abc", "abc", true}, {"abc", "ab", false}, {"abc", "ab…", true}, {"abc", "…bc", true}, {"abc", "…b…", true}, {"abc", "…x…", false},
		{"abc", "!…b…", false}, {"abc", "!…x…", true}, {json.Number("1"), json.Number("1"), true}, {json.Number("1"), "1", false}, {true, true, true},
	} {
		if matches(c.got, c.want) != c.ok {
			t.Errorf("%v against %v", c.got, c.want)
		}
	}
}
