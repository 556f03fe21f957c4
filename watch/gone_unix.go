// SPDX-License-Identifier: Apache-2.0

//go:build unix

package watch

import (
	"errors"
	"syscall"
)

// isGone reports whether the kernel says that what a file was of has gone.
func isGone(err error) bool {
	return errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.ENODEV)
}
