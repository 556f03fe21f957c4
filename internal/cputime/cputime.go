// SPDX-License-Identifier: Apache-2.0

// Package cputime measures for tests how the work of a function grows, by processor time: how busy
// or slow the machine is does not matter.
package cputime

import (
	"runtime"
	"testing"
	"time"
)

const (
	// enough is below any time that shows that the work grows too fast, on any machine.
	enough = 50 * time.Millisecond
	// factor is how many times larger the large input is than the small one, allowed how many times
	// longer it may take: in between stands what the caches of a processor do. Work that grows as
	// the square takes 64 times as long.
	factor, allowed = 8, 24
	// tries is how often it is measured before it counts.
	tries = 5
)

// Linear fails the test unless the work of fn grows as its input does, of size or less. With little
// work it looks only once.
func Linear(t testing.TB, size int, fn func(size int)) {
	t.Helper()
	var large, small time.Duration
	for i := range tries {
		large = least(i, large, of(func() { fn(size) }))
		if large < enough {
			return
		}
		for j := range 3 { // a virtual machine counts time that another one had: one measurement may be far too long
			small = least(i+j, small, of(func() { fn(size / factor) }))
		}
		if large < allowed*small {
			return
		}
	}
	t.Errorf("an input of %d takes %v of processor time, one of %d takes %v: it grows too fast", size/factor, small, size, large)
}

// least returns the smaller of two measurements; the first has nothing before it.
func least(i int, before, now time.Duration) time.Duration {
	if i == 0 {
		return now
	}
	return min(before, now)
}

// of returns the processor time of fn.
func of(fn func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := used()
	fn()
	return used() - before
}
