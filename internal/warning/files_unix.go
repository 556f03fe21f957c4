// SPDX-License-Identifier: Apache-2.0

//go:build unix

package warning

import "syscall"

// mostFiles is how many files this process may have open.
func mostFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Cur, 1<<20))
}
