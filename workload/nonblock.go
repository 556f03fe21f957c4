// SPDX-License-Identifier: Apache-2.0

//go:build !js

package workload

import "syscall"

// nonblock has a file opened without waiting, if it became a FIFO since it was looked at.
const nonblock = syscall.O_NONBLOCK
