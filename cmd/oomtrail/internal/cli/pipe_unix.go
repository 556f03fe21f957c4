// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli

import (
	"errors"
	"os/signal"
	"syscall"
)

// ignorePipe makes writing into a pipe that nobody reads an error, instead of the end of the
// process.
func ignorePipe() { signal.Ignore(syscall.SIGPIPE) }

// brokenPipe reports whether an error says that nobody reads a pipe.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
