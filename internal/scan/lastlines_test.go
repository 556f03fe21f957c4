// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestLastLines compares the search over stretches with one that goes back from newline to newline.
func TestLastLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var b []byte
		for longest := 1 + random.IntN(300); len(b) < random.IntN(8<<10); {
			b = append(append(b, bytes.Repeat([]byte{'x'}, random.IntN(longest))...), '\n')
		}
		n := random.IntN(40)
		want := len(b)
		for range n {
			if want > 0 {
				want = bytes.LastIndexByte(b[:want-1], '\n') + 1
			}
		}
		if got := lastLines(b, n); got != want {
			t.Fatalf("the last %d lines of %d bytes begin at %d, want %d", n, len(b), got, want)
		}
	}
}
