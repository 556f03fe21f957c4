// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
)

// readCases reads a file. What it does not understand is a mistake.
func readCases(t testing.TB, file string) []witnessCase {
	t.Helper()
	cases, err := casesOf(file)
	if err != nil {
		t.Fatal(err)
	}
	return cases
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

// TestCases: each case gives its records, in every format whose timestamps say all with the same
// ids. Those of a format without years are its own, wherever and whenever it is said to be written.
func TestCases(t *testing.T) {
	files, err := caseFiles(testdata)
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
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
		of := idsOf(got)
		if f.yearless {
			o := c.options(t, f)
			o.Location = time.FixedZone("", -5*3600-1800)
			o.Reference = func() time.Time { return start.AddDate(3, 0, 0) }
			elsewhere := idsOf(read(t, f.input(c.lines), o)) // where a text has a time of its own, it may join no more
			for _, id := range of {
				if !slices.Contains(elsewhere, id) {
					t.Errorf("%s: ids %v in another zone and year, want %v", f.name, elsewhere, of)
				}
			}
			continue
		}
		if ids == nil {
			ids = of
		}
		if !slices.Equal(ids, of) {
			t.Errorf("%s: ids %v, want %v", f.name, of, ids)
		}
	}
}

// idsOf returns the events and ids of records.
func idsOf(records []contract.Record) (ids []string) {
	for _, r := range records {
		id := fmt.Sprint(r["event.name"], " ", r.UID())
		if r["oom.killer"] == "kernel" && r["event.name"] == "oom.kill" {
			id = "kernel" // its id rests on the kernel's stamps, which some formats lack
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
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
