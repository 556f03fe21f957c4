// SPDX-License-Identifier: Apache-2.0

package format

import (
	"math/rand/v2"
	"testing"
)

// TestSettledIsKnown: what the newest lines tell where all have one form is what going through all
// of them tells.
func TestSettledIsKnown(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	forms := []form{formStamp, formHost, formTagged}
	settled := 0
	for range 200 {
		var u formVote
		line, often := 0, 1+random.IntN(40)
		for range 300 {
			line += 1 + random.IntN(8)/(1+random.IntN(8))
			f := forms[0]
			if random.IntN(often) == 0 {
				f = forms[random.IntN(len(forms))]
			}
			for _, asked := range forms {
				k := u.known(line)
				want := k.form == asked && k.seen >= change
				if got := u.settled(asked, line); got != want {
					t.Fatalf("line %d: settled(%d) is %v, by all lines %v", line, asked, got, want)
				}
				if want {
					settled++
				}
			}
			u.accept(f, formBare, line)
		}
	}
	if settled == 0 {
		t.Error("no form was ever settled")
	}
}
