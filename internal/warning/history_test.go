// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestHistory: growth, and whether it can be relied on, of courses of use.
func TestHistory(t *testing.T) {
	const s = time.Second
	random := rand.New(rand.NewPCG(1, 2))
	every := func(gap time.Duration) func(int) time.Duration {
		return func(i int) time.Duration { return time.Duration(i) * gap }
	}
	for _, c := range []struct {
		name   string
		at     func(i int) time.Duration
		count  int
		used   func(at float64) float64 // MiB, by seconds
		grows  float64                  // MiB a second, 0 for no growth
		steady bool
	}{
		{"even", every(s), 20, func(at float64) float64 { return 10 * at }, 10, true},
		{"even, for long", every(s), 500, func(at float64) float64 { return 10 * at }, 10, true},
		{"even, looked at hastily", every(hasty), 200, func(at float64) float64 { return 10 * at }, 10, true},
		{"even, looked at more closely than announced", every(s / 100), 3000, func(at float64) float64 { return 10 * at }, 10, true},
		{"even, looked at irregularly", func(i int) time.Duration { return time.Duration(i)*s + time.Duration(i%3)*300*time.Millisecond }, 30, func(at float64) float64 { return 10 * at }, 10, true},
		{"even but for noise", every(s), 20, func(at float64) float64 { return 10*at + 5*random.Float64() }, 10, true},
		{"less than ten seconds", every(s), 10, func(at float64) float64 { return 10 * at }, 10, false},
		{"ten seconds in few looks", every(3 * s), 4, func(at float64) float64 { return 10 * at }, 10, false},
		{"two looks", every(s), 2, func(at float64) float64 { return 10 * at }, 0, false},
		{"one look", every(s), 1, func(at float64) float64 { return 10 * at }, 0, false},
		{"three looks at once", every(0), 3, func(at float64) float64 { return 10 * at }, 0, false},
		{"no growth", every(s), 30, func(float64) float64 { return 10 }, 0, false},
		{"it falls", every(s), 30, func(at float64) float64 { return 1000 - at }, 0, false},
		{"it grew, and stays since", every(s), 30, func(at float64) float64 { return 10 * min(at, 25) }, 9, false},
		{"it grew, and did not since the last look but one", every(s), 30, func(at float64) float64 { return 10 * min(at, 28) }, 10, false},
		{"it stayed, and grows since", every(s), 30, func(at float64) float64 { return 10 * max(0, at-10) }, 8, true},
		{"one jump", every(s), 30, func(at float64) float64 {
			if at > 22 {
				return 100
			}
			return 0
		}, 4, false},
		{"a garbage collector's saw", every(s), 30, func(at float64) float64 { return 100 + 10*math.Mod(at, 7) + at }, 1, false},
		{"faster and faster", every(s), 30, func(at float64) float64 { return math.Pow(2, at/2) }, 500, false},
		{"the machine slept", func(i int) time.Duration { return time.Duration(i)*s + time.Duration(i/15)*time.Hour }, 20, func(at float64) float64 { return 10 * math.Mod(at, 3600) }, 10, false},
	} {
		var h history
		for i := range c.count {
			at := c.at(i)
			h.add(at, int64(c.used(at.Seconds())*mib))
		}
		rate, grows := h.growth()
		if grows != (c.grows > 0) || c.grows > 0 && (rate < c.grows*mib/2 || rate > c.grows*mib*2) {
			t.Errorf("%s: grows by %v, %v", c.name, rate/mib, grows)
		}
		rate, steady := h.steady()
		if steady != c.steady || steady && math.Abs(rate/mib-10) > 1 {
			t.Errorf("%s: steady by %v: %v", c.name, rate/mib, steady)
		}
	}
}
