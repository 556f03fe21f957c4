// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// witnessCase is one case of a file: see testdata/witness-cases/README.md.
type witnessCase struct {
	name         string
	lines        []line
	records      []map[string]any
	none         bool // it says that no record comes
	anyOrder     bool
	sigkill      bool
	observations string
	formats      []string
	unverified   bool // a journal proves nothing here
	anyTrust     bool
	forged       bool
}

// readCases reads a file. What it does not understand is a mistake.
func readCases(t testing.TB, file string) (cases []witnessCase) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := start
	for number, row := range strings.Split(string(text), "\n") {
		if row == "" || row[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(row, "= "); ok {
			cases, at = append(cases, witnessCase{name: name}), start
			continue
		}
		err := fmt.Errorf("no case yet")
		if len(cases) > 0 {
			err = cases[len(cases)-1].read(row, &at)
		}
		if err != nil {
			t.Fatalf("%s:%d: %q: %v", filepath.Base(file), number+1, row, err)
		}
	}
	for i := range cases {
		if c := &cases[i]; len(c.lines) == 0 || !c.forged && c.none == (len(c.records) > 0) {
			t.Fatalf("%s: %s: needs lines, and records or none", filepath.Base(file), c.name)
		}
	}
	return cases
}

func (c *witnessCase) read(row string, at *time.Time) error {
	switch {
	case row == "> none":
		c.none = true
		return nil
	case strings.HasPrefix(row, "> "), strings.HasPrefix(row, ">> "):
		c.anyOrder = c.anyOrder || row[1] == '>'
		d := json.NewDecoder(strings.NewReader(strings.TrimLeft(row, "> ")))
		d.UseNumber()
		var want map[string]any
		if err := d.Decode(&want); err != nil {
			return err
		}
		for name := range want {
			if record.Lookup(name) == nil {
				return fmt.Errorf("no record has a field %s", name)
			}
		}
		c.records = append(c.records, want)
		return nil
	case row[0] == '+':
		d, err := time.ParseDuration(row[1:])
		*at = at.Add(d)
		return err
	case row[0] == '@':
		return c.readLine(row[1:], at)
	}
	name, value, _ := strings.Cut(strings.TrimPrefix(row, "% "), "=")
	switch name {
	case "sigkill":
		c.sigkill = true
	case "unverified":
		c.unverified = true
	case "any-trust":
		c.anyTrust = true
	case "forged":
		c.forged = true
	case "observations":
		c.observations = value
	case "formats":
		c.formats = strings.Split(value, ",")
	default:
		return fmt.Errorf("not understood")
	}
	return nil
}

func (c *witnessCase) readLine(row string, at *time.Time) error {
	if row == "kernel-report" {
		c.lines = append(c.lines, kernel(*at)...)
		*at = at.Add(time.Millisecond)
		return nil
	}
	i := strings.IndexAny(row, " {")
	if i < 0 {
		return fmt.Errorf("no text")
	}
	l := line{at: *at}
	*at = at.Add(time.Millisecond)
	var ok bool
	if l.by, ok = authors[row[:i]]; !ok {
		return fmt.Errorf("no program %s", row[:i])
	}
	if row = row[i:]; row[0] == '{' {
		fields, text, ok := strings.Cut(row[1:], "}")
		if !ok {
			return fmt.Errorf("no end of the fields")
		}
		for f := range strings.SplitSeq(fields, ",") {
			name, value, ok := strings.Cut(f, "=")
			if !ok {
				return fmt.Errorf("field %q", f)
			}
			l.more = append(l.more, [2]string{name, value})
		}
		row = text
	}
	if l.text, ok = strings.CutPrefix(row, " "); !ok || l.text == "" {
		return fmt.Errorf("no text")
	}
	if l.by.transport == "kernel" {
		l.text = strings.ReplaceAll(l.text, `\n`, "\n") // a record of several lines
	}
	c.lines = append(c.lines, l)
	return nil
}

func (c *witnessCase) in(f *form) bool {
	if c.formats != nil {
		return slices.Contains(c.formats, f.name)
	}
	return !f.container && f.name != "plain"
}

func (c *witnessCase) options(t *testing.T, f *form) parser.Options {
	t.Helper()
	o := f.options()
	o.Sigkill = c.sigkill
	var err error
	if o.Observations, err = parser.ParseObservations(c.observations); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestCases: each case gives its records, in every format, with the same ids.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(testdata + "*.txt")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "negatives.txt" {
			continue
		}
		cases := readCases(t, file)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for i := range cases {
				t.Run(cases[i].name, cases[i].test)
			}
		})
	}
}

func (c *witnessCase) test(t *testing.T) {
	var ids []string
	for i := range forms {
		f := &forms[i]
		if !c.in(f) {
			continue
		}
		got := read(t, f.input(c.lines), c.options(t, f))
		if c.forged {
			c.testForged(t, f, got)
			continue
		}
		for _, wrong := range c.difference(got) {
			t.Errorf("%s: %s", f.name, wrong)
		}
		c.testTrust(t, f, got)
		var of []string
		for _, r := range got {
			of = append(of, fmt.Sprint(r["event.name"], " ", r.UID()))
			if r["oom.killer"] == "kernel" && r["event.name"] == "oom.kill" {
				of[len(of)-1] = "kernel" // its id rests on the kernel's stamps, which some formats lack
			}
		}
		slices.Sort(of)
		if ids == nil {
			ids = of
		}
		if !slices.Equal(ids, of) {
			t.Errorf("%s: ids %v, want %v", f.name, of, ids)
		}
	}
}

// testForged: what a user wrote is never verified; where the journal's fields name the user, it is
// nothing.
func (c *witnessCase) testForged(t *testing.T, f *form, got []contract.Record) {
	t.Helper()
	for _, r := range got {
		if r["oom.trust"] != "unverified" || f.source == parser.TrustedJournald {
			t.Errorf("%s: forged: %v, trust %v", f.name, r["event.name"], r["oom.trust"])
		}
	}
}

// testTrust: verified is what journald proves, and nothing else.
func (c *witnessCase) testTrust(t *testing.T, f *form, got []contract.Record) {
	t.Helper()
	want := "unverified"
	if f.source == parser.TrustedJournald && !c.unverified {
		want = "verified"
	}
	for _, r := range got {
		if r["oom.trust"] != want && (!c.anyTrust || want == "unverified") {
			t.Errorf("%s: %v is %v, want %s", f.name, r["event.name"], r["oom.trust"], want)
		}
	}
}

// difference returns what is not as it should be.
func (c *witnessCase) difference(got []contract.Record) (wrong []string) {
	want := c.records
	if len(got) != len(want) {
		wrong = append(wrong, fmt.Sprintf("%d records, want %d", len(got), len(want)))
		for _, r := range got {
			wrong = append(wrong, fmt.Sprintf("got %v: %v", r["event.name"], r["body"]))
		}
		return wrong
	}
	if !c.anyOrder {
		for i := range want {
			wrong = append(wrong, compare(got[i], want[i])...)
		}
		return wrong
	}
	for _, w := range want {
		i := slices.IndexFunc(got, func(g contract.Record) bool { return len(compare(g, w)) == 0 })
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("no record is %v", w))
			for _, g := range got {
				wrong = append(wrong, fmt.Sprintf("%v: %v", g["body"], compare(g, w)))
			}
			continue
		}
		got = slices.Delete(slices.Clone(got), i, i+1)
	}
	return wrong
}

// compare holds the fields that are named against a record.
func compare(got contract.Record, want map[string]any) (wrong []string) {
	for name, w := range want {
		g, ok := got[name]
		switch {
		case w == nil && ok:
			wrong = append(wrong, fmt.Sprintf("%s is %v, must be absent", name, g))
		case w != nil && !ok:
			wrong = append(wrong, fmt.Sprintf("%s is absent, want %v", name, w))
		case w != nil && !equal(g, w):
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", name, g, w))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// equal compares numbers by value: 0.6 and 0.60 are one.
func equal(a, b any) bool {
	x, isNumber := a.(json.Number)
	y, isToo := b.(json.Number)
	if !isNumber || !isToo {
		return reflect.DeepEqual(a, b)
	}
	f, err := x.Float64()
	g, err2 := y.Float64()
	return err == nil && err2 == nil && max(f-g, g-f) <= 1e-9*max(f, g, -f, -g)
}

// TestContainersSayNothingOfTheHost: the lines of all programs of a host, from a container's log,
// make no record.
func TestContainersSayNothingOfTheHost(t *testing.T) {
	for _, name := range []string{"systemd-oomd", "systemd", "earlyoom", "nohang", "oomd", "containers", "slurm"} {
		for _, c := range readCases(t, testdata+name+".txt") {
			lines := slices.DeleteFunc(slices.Clone(c.lines), func(l line) bool { return l.by.transport == "kernel" })
			for i := range forms {
				f := &forms[i]
				if !f.container {
					continue
				}
				for _, r := range read(t, f.input(lines), c.options(t, f)) {
					t.Errorf("%s: %s: %s: %v: %v", name, c.name, f.name, r["event.name"], r["body"])
				}
			}
		}
	}
}
