// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"errors"
	"os"
	"syscall"
)

// lock locks a file until it is closed. It returns false where another process has it; a file
// system that has no locks keeps nobody out.
func lock(f *os.File) bool {
	return !errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
