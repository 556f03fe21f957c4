// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package cputime

import "time"

var start = time.Now()

// used returns the time that has gone by: the system counts no processor time of a thread.
func used() time.Duration { return time.Since(start) }
