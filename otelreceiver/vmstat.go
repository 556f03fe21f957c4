// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"path/filepath"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

// systemOf returns the machine whose kernel counts: below a root directory where that holds its
// files, since a container may have some of its own (/proc/stat of LXCFS).
func systemOf(root string) watch.System {
	if s := watch.At(root); root != "" {
		if _, err := os.Stat(filepath.Join(s.Proc, "vmstat")); err == nil {
			return s
		}
	}
	return watch.At("")
}

// kernelKills reads the kernel's own count of OOM kills since boot, and when that was. ok is false
// where the kernel does not count them (before 4.13), or is none.
func kernelKills(s watch.System) (kills int64, boot time.Time, ok bool) {
	v, err := s.VMStat()
	if err != nil || !v.OOMKill.OK {
		return 0, time.Time{}, false
	}
	boot, ok = s.Boot()
	return v.OOMKill.V, boot, ok
}
