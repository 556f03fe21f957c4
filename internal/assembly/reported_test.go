// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"math/rand/v2"
	"testing"
)

// TestToldIndex: the index finds what going through all lines finds, also once the oldest lines
// have gone and where many lines read the same, in a stream and in its clones.
func TestToldIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, texts := range []uint64{1, 7, maxReported / 2, 1 << 40} {
		var one reportedLines
		line := func() reportedLine {
			return reportedLine{line: random.Uint64N(texts), uptime: 1 + int64(random.IntN(2000))}
		}
		found := 0
		for range 3 * maxReported {
			asked := line()
			if n := len(one.lines); n > 0 && random.IntN(2) == 0 {
				asked = one.lines[random.IntN(n)]
			}
			want := false
			for i := range one.lines {
				want = want || one.lines[i].line == asked.line && one.lines[i].is(&asked)
			}
			if got := one.has(asked); got != want {
				t.Fatalf("%d texts, %d lines: told is %v, want %v", texts, len(one.lines), got, want)
			}
			if want {
				found++
			}
			if random.IntN(100) == 0 {
				other := one.clone()
				other.add(line())
				if random.IntN(2) == 0 {
					one = other
				}
			}
			one.add(line())
		}
		if found == 0 || len(one.lines) != maxReported || len(one.newest) > 2*maxReported {
			t.Errorf("%d texts: %d found of %d lines, an index of %d", texts, found, len(one.lines), len(one.newest))
		}
	}
}
