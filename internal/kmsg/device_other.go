// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package kmsg

import (
	"errors"
	"os"
	"runtime"
	"time"
)

// ThisHost returns a machine whose log cannot be opened: there is no such device here.
func ThisHost() Host {
	return Host{
		Open: func(string) (Device, error) {
			return nil, errors.New("only Linux has /dev/kmsg, and this is " + runtime.GOOS)
		},
		BootID: func() string { return "" },
		Clocks: func() (time.Time, time.Duration) { return time.Now(), 0 },
	}
}

// IsDevice reports whether a file is the kernel's log device, which no file is here.
func IsDevice(os.FileInfo) bool { return false }
