// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli

import (
	"os/signal"
	"syscall"
)

// ignorePipe makes writing into a pipe that nobody reads an error, instead of the end of the
// process.
func ignorePipe() { signal.Ignore(syscall.SIGPIPE) }
