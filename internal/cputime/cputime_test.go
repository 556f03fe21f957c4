// SPDX-License-Identifier: Apache-2.0

package cputime

import "testing"

// failing is a test that fails in a test.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Errorf(string, ...any) { f.failed = true }

var sink int

func TestLinear(t *testing.T) {
	line := func(n int) {
		for i := range n * 20_000 {
			sink += i
		}
	}
	square := func(n int) {
		for range n {
			line(n / 10)
		}
	}
	f := &failing{TB: t}
	if Linear(f, 4000, line); f.failed {
		t.Error("linear work is called too much")
	}
	if Linear(f, 800, square); !f.failed {
		t.Error("the work grows as the square and is not found out")
	}
}
