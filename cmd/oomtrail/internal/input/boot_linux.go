// SPDX-License-Identifier: Apache-2.0

package input

import (
	"time"

	"golang.org/x/sys/unix"
)

// booted returns when this machine's kernel began to count: the clock that it stamps its log with
// stands still while the machine sleeps, as the monotonic one does.
func booted() time.Time {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return time.Time{}
	}
	return time.Now().Add(-time.Duration(now.Nano()))
}
