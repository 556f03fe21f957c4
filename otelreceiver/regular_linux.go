// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// pseudoFS are the file systems whose files the kernel makes up. Some of these say that they are
// regular and make their reader wait, or take from other readers what they give: /proc/kmsg,
// trace_pipe.
var pseudoFS = []int64{unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC}

// onPseudoFS reports whether an open file is of such a file system.
func onPseudoFS(f *os.File) bool {
	var fs unix.Statfs_t
	err := unix.Fstatfs(int(f.Fd()), &fs)
	return err == nil && slices.Contains(pseudoFS, int64(fs.Type)) //nolint:unconvert // 32-bit machines have another type
}
