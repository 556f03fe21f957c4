package fbhost_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

// captures returns the kmsg captures by name.
func captures(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	all := make(map[string][]byte)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(filepath.Dir(file), "../../testdata/captures/")] = raw
	}
	return all
}

// doorsDiffer reports whether the contract lets doors differ in an attribute.
func doorsDiffer(name string) bool {
	switch name {
	case "time", "uptime", "oom.source", "oom.boot.id", "oom.trust", "oom.report.lost_records":
		return true
	}
	return strings.HasPrefix(name, "oom.kmsg.") || strings.HasPrefix(name, "host.")
}

// text writes a flat record as one comparable text, without what doors may differ in. A report whose head was
// lost begins, for a door that scans before it reads, with the first line that can open one: rows before that are not in it.
func text(record map[string]any) string {
	missing, _ := record["oom.report.missing"].(string)
	headless := strings.HasPrefix(missing, "invocation")
	var lines []string
	for name, value := range record {
		if headless && (name == "oom.report.id" || name == "oom.report.lines" || name == "oom.report.missing") {
			continue
		}
		if !doorsDiffer(name) {
			lines = append(lines, fmt.Sprintf("%s=%v", name, value))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// want returns the records that the parser itself makes of a capture.
func want(t testing.TB, raw []byte) []string {
	t.Helper()
	var records []string
	// in_kmsg masks the facility off, so that no line can be told from the kernel's.
	err := parser.ReadAll(bytes.NewReader(raw), parser.Options{Trust: parser.TrustAny}, func(r *parser.Record) error {
		m := make(map[string]any)
		for _, kv := range form.Map(r, form.Flat) {
			m[kv.Key] = kv.Value
		}
		records = append(records, text(m))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// sift parts what came out of the filter in Format flat into records and everything else, as raw bytes.
func sift(t testing.TB, chunk []byte) (records []string, events []fbtest.Decoded, rest []byte) {
	t.Helper()
	all, err := fbtest.Decode(chunk)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if name, ok := e.Record["event.name"].(string); ok && strings.HasPrefix(name, "oom.") {
			records = append(records, text(e.Record))
			events = append(events, e)
			continue
		}
		rest = append(rest, e.Raw...)
	}
	return records, events, rest
}

// through gives an instance chunks and returns what comes out: the host's own chunk where it is not touched.
func through(t testing.TB, h *fbhost.Host, id int, tag string, chunks ...[]byte) []byte {
	t.Helper()
	var out []byte
	for _, chunk := range chunks {
		a := h.Filter(id, tag, chunk)
		switch a.Return {
		case fbhost.NoTouch:
			if a.Wrote {
				t.Fatal("not touched, but *out was written to")
			}
			out = append(out, chunk...)
		case fbhost.Modified:
			out = append(out, a.Out...)
		default:
			t.Fatalf("the filter returned %d", a.Return)
		}
	}
	return out
}

// same fails the test where two lists of records differ, and shows the first attribute that does.
func same(t testing.TB, what string, got, want []string) bool {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d records, want %d", what, len(got), len(want))
		return false
	}
	for i := range want {
		if got[i] == want[i] {
			continue
		}
		t.Errorf("%s: record %d differs:\n%s", what, i, difference(got[i], want[i]))
		return false
	}
	return true
}

// difference lists the lines that only one of two texts has.
func difference(got, want string) string {
	lines := func(s string) map[string]bool {
		m := make(map[string]bool)
		for _, l := range strings.Split(s, "\n") {
			m[l] = true
		}
		return m
	}
	g, w := lines(got), lines(want)
	var d []string
	for l := range g {
		if !w[l] {
			d = append(d, "got  "+l)
		}
	}
	for l := range w {
		if !g[l] {
			d = append(d, "want "+l)
		}
	}
	sort.Strings(d)
	return strings.Join(d, "\n")
}
