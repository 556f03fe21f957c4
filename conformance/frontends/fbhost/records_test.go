// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

// captures returns the kmsg captures by name.
func captures(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	all := make(map[string][]byte)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(filepath.Dir(file), "../../../testdata/captures/")] = raw
	}
	return all
}

// want returns the records that the parser itself makes of a capture through in_kmsg, which masks
// the facility off: no line can be told from the kernel's.
func want(t testing.TB, raw []byte) []contract.Record {
	t.Helper()
	return parsed(t, raw, parser.TrustAny)
}

// verified returns the records that the parser itself makes of a capture whose facilities count.
func verified(t testing.TB, raw []byte) []contract.Record {
	t.Helper()
	return parsed(t, raw, parser.TrustAuto)
}

func parsed(t testing.TB, raw []byte, trust parser.Trust) []contract.Record {
	t.Helper()
	var records []contract.Record
	err := parser.ReadAll(bytes.NewReader(raw), parser.Options{Trust: trust}, func(r *parser.Record) error {
		m := make(contract.Record)
		for _, kv := range form.Map(r, form.Flat) {
			m[kv.Key] = kv.Value
		}
		records = append(records, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// sift parts what came out of the filter in Format flat into records and everything else, as raw
// bytes.
func sift(t testing.TB, chunk []byte) (records []contract.Record, events []fbtest.Decoded, rest []byte) {
	t.Helper()
	all, err := fbtest.Decode(chunk)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if name, ok := e.Record["event.name"].(string); ok && strings.HasPrefix(name, "oom.") {
			records = append(records, e.Record)
			events = append(events, e)
			continue
		}
		rest = append(rest, e.Raw...)
	}
	return records, events, rest
}

// through gives an instance chunks and returns what comes out: the host's own chunk where it is not
// touched.
func through(t testing.TB, h *fbhost.Host, id int, tag string, chunks ...[]byte) []byte {
	t.Helper()
	var out []byte
	for _, chunk := range chunks {
		a := h.Filter(id, fbhost.Input{}, tag, chunk)
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

// same fails the test where two lists of records differ, or their order does.
func same(t testing.TB, what string, got, want []contract.Record) bool {
	t.Helper()
	differences := contract.Compare(got, want)
	if len(differences) == 0 && !slices.EqualFunc(got, want, func(g, w contract.Record) bool { return g.UID() == w.UID() }) {
		differences = []string{"the records come in another order"}
	}
	if len(differences) > 0 {
		t.Errorf("%s:\n%s", what, strings.Join(differences, "\n"))
	}
	return len(differences) == 0
}
