// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

var full = flag.Bool("render.full", false, "parse every report in every format with every set of names")

// TestEveryKernel parses each kind of report of each kernel from /dev/kmsg, with ordinary and one
// set of hostile names.
func TestEveryKernel(t *testing.T) {
	for i, k := range Kernels {
		t.Run(k.Name, func(t *testing.T) {
			for j, s := range Scenarios {
				check(t, k, s, int64(i*len(Scenarios)+j), Ordinary, Formats[0])
				check(t, k, s, int64(i*len(Scenarios)+j), Hostile[(i+j)%len(Hostile)], Formats[0])
			}
		})
	}
}

// TestEveryFormat parses reports of kernels of every age from each format.
func TestEveryFormat(t *testing.T) {
	for i, format := range Formats {
		t.Run(format.Name, func(t *testing.T) {
			for j, name := range []string{"2.6.18", "2.6.32", "rhel6.6", "3.10", "3.16", "rhel7.7", "4.14", "5.0", "rhel8.3", "5.4", "5.15", "6.1", "6.12", "7.3"} {
				for n, s := range Scenarios {
					if (i+j+n)%4 == 0 {
						check(t, KernelNamed(name), s, int64(i+j+n), Ordinary, format)
					}
				}
			}
		})
	}
}

// TestFull parses the whole cross product.
func TestFull(t *testing.T) {
	if !*full {
		t.Skip("run with -render.full")
	}
	for _, format := range Formats {
		t.Run(format.Name, func(t *testing.T) {
			for i, k := range Kernels {
				for j, s := range Scenarios {
					for _, names := range append([]Names{Ordinary}, Hostile...) {
						check(t, k, s, int64(i+j), names, format)
					}
				}
			}
		})
	}
}

// check renders one report, parses it and compares its records with the values.
func check(t *testing.T, k Kernel, s Scenario, seed int64, names Names, format Format) {
	t.Helper()
	if !s.Possible(k) {
		return
	}
	values := NewValues(seed, names)
	records := Stored(k, strings.Contains(format.Name, "caller"), Report(k, s, values))
	text, lost := format.Put(records)
	if format.Facility && format.source() == parser.TrustedSyslog { // what no other line comes before may be the rest of one
		before, _ := format.Put([]Record{{Level: info, Text: "usb 1-1: new device"}})
		text = append(before, text...)
	}
	want := Expect(k, s, values, format, records, lost)
	got := parse(t, text, parser.Options{MemoryStat: parser.MemoryStatAll, TrustedSource: format.source()})
	where := fmt.Sprintf("%s, %s, %s names, %s, seed %d", k.Name, s.Title, names.What, format.Name, seed)
	if len(got) != len(want) {
		t.Errorf("%s: %d records, want %d\n%s", where, len(got), len(want), clip(text))
		return
	}
	for i := range want {
		if difference := compare(got[i], want[i]); difference != "" {
			t.Errorf("%s, record %d:\n%s", where, i, difference)
			if testing.Verbose() {
				t.Logf("%s", clip(text))
			}
		}
	}
}

// source returns what the format's text is known to come from, where a test knows that.
func (t Format) source() parser.TrustedSource {
	switch {
	case strings.HasPrefix(t.Name, "kmsg"):
		return parser.TrustedKmsg
	case t.Name == "journalctl json" || t.Name == "journalctl export":
		return parser.TrustedJournald
	}
	return parser.TrustedSyslog
}

// parse gives a text to a new parser line by line.
func parse(t *testing.T, text []byte, o parser.Options) (records []*parser.Record) {
	t.Helper()
	if err := parser.ReadAll(bytes.NewReader(text), o, func(r *parser.Record) error {
		records = append(records, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return records
}

// compare returns the attributes that differ, a line each.
func compare(got *parser.Record, want Event) string {
	if want["event.name"] == "oom.reap_failed" {
		if name := got.Text("event.name"); name != "oom.reap_failed" {
			return "event.name is " + name
		}
		return ""
	}
	var b strings.Builder
	truncated := strings.Split(got.Text("oom.report.truncated"), ",")
	one := func(name string) {
		value, _ := got.Get(name)
		expected := printable(want[name])
		if name == "oom.kmsg.sequence" && want["event.name"] != "oom.kill" || value.Any() == nil && want[Doubtful] == strings.TrimPrefix(name, StatPrefix) {
			return
		}
		if value.Any() != expected && !isTruncated(truncated, name) {
			fmt.Fprintf(&b, "  %s = %#v, want %#v\n", name, value.Any(), expected)
		}
	}
	for _, name := range Checked {
		one(name)
	}
	for name := range want {
		if strings.HasPrefix(name, StatPrefix) {
			one(name)
		}
	}
	for a := range got.Attrs() {
		if _, known := want[a.Name]; strings.HasPrefix(a.Name, StatPrefix) && !known {
			fmt.Fprintf(&b, "  %s = %v, which the kernel did not print\n", a.Name, a.Value.Any())
		}
	}
	return b.String()
}

// isTruncated reports whether the record says that it left the attribute out to keep its budget.
func isTruncated(truncated []string, name string) bool {
	return slices.Contains(truncated, name) || strings.HasPrefix(name, StatPrefix) && slices.Contains(truncated, StatPrefix+"*")
}

// clip cuts a long text for a message.
func clip(text []byte) []byte {
	if len(text) > 12000 {
		return text[:12000]
	}
	return text
}
