// SPDX-License-Identifier: Apache-2.0

package cputime

import (
	"syscall"
	"time"
)

// used returns the processor time of this thread.
func used() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var r syscall.Rusage
	if err := syscall.Getrusage(thread, &r); err != nil {
		panic(err) // cannot be
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
