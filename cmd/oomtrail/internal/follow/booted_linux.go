// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"syscall"
	"time"
)

// booted returns when this machine started, a second early at most: of seconds the kernel counts
// whole ones, also while the machine sleeps. It is zero where that is not known.
func booted() time.Time {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return time.Time{}
	}
	return time.Now().Add(-time.Duration(info.Uptime+1) * time.Second)
}
