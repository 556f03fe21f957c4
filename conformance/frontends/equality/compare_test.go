// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"maps"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
)

// TestWhatADoorCanDoWrong: of the records of all captures, each field that is broken or left out,
// each record that is dropped and each that is doubled is caught, and it alone. Else the frontends
// would agree in nothing.
func TestWhatADoorCanDoWrong(t *testing.T) {
	want := expected(t, load(t), Kmsg, parser.Options{})
	fields := 0
	caught := func(what string, r contract.Record, got, want []contract.Record) {
		if d := contract.Compare(got, want); len(d) != 1 {
			t.Errorf("%v: %s: %d differences, expected 1: %q", r["body"], what, len(d), d)
		}
	}
	for i, r := range want {
		caught("dropped", r, append(append([]contract.Record{}, want[:i]...), want[i+1:]...), want)
		caught("doubled", r, append(append([]contract.Record{}, want...), r), want)
		for name := range r {
			if name == "log.record.uid" || r.MayDiffer(name) {
				continue // another id is another record: one is missing, one is too many
			}
			fields++
			broken, lacking := maps.Clone(r), maps.Clone(r)
			broken[name] = "broken"
			delete(lacking, name)
			caught(name+" broken", r, []contract.Record{broken}, []contract.Record{r})
			caught(name+" left out", r, []contract.Record{lacking}, []contract.Record{r})
		}
	}
	t.Logf("%d records, %d fields of them", len(want), fields)
}
