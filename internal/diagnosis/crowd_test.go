// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// plainCrowd counts every name.
func plainCrowd(rows *report.Rows) (best crowd, whole int64) {
	all := make(map[string]crowd)
	for row := range rows.All() {
		c := all[row.Name]
		c.name, c.count, c.bytes = row.Name, c.count+1, c.bytes+row.Values[report.ColRSS]
		all[c.name] = c
		whole += row.Values[report.ColRSS]
	}
	for _, c := range all {
		if c.bytes > best.bytes {
			best = c
		}
	}
	return best, whole
}

// TestBiggestCrowdEqualsPlain: a name with more than a ninth of the whole is found, and counted
// exactly, if it has what was asked for.
func TestBiggestCrowdEqualsPlain(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	found := 0
	for range 3000 {
		var one report.Report
		names, heavy := 1+r.IntN(60), r.IntN(4)
		for range 1 + r.IntN(400) {
			name := fmt.Sprintf("worker-%d", r.IntN(names))
			if r.IntN(10) < heavy {
				name = "heavy"
			}
			row := report.Task{Name: name}
			row.Values[report.ColRSS] = int64(r.IntN(1000))
			one.Tasks.Rows.Append(row)
		}
		want, whole := plainCrowd(&one.Tasks.Rows)
		least := whole * int64(r.IntN(100)) / 100
		got := biggestCrowd(&one, 1, least)
		if want.bytes > whole/9 && want.bytes >= least {
			found++
			if got.bytes != want.bytes || got.name == want.name && got.count != want.count {
				t.Fatalf("%+v, plainly %+v of %d", got, want, whole)
			}
		}
		if got.bytes > want.bytes {
			t.Fatalf("%+v, plainly %+v", got, want)
		}
	}
	if found < 300 {
		t.Errorf("only %d tables had a crowd", found)
	}
}
