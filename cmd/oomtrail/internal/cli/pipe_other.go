// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package cli

import (
	"errors"
	"syscall"
)

// ignorePipe does nothing: to write into a pipe that nobody reads is an error here.
func ignorePipe() {}

// brokenPipe reports whether an error says that nobody reads a pipe.
func brokenPipe(err error) bool {
	const brokenPipe, noData = syscall.Errno(109), syscall.Errno(232) // of Windows
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, brokenPipe) || errors.Is(err, noData)
}
