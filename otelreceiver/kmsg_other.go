// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package oomkillreceiver

import (
	"errors"
	"runtime"
	"time"
)

// newKmsgHost refuses: there is no such device here.
func newKmsgHost() kmsgHost {
	return kmsgHost{
		open: func(string) (kmsgDevice, error) {
			return nil, errors.New("source kmsg needs Linux, this is " + runtime.GOOS + ": use source: file")
		},
		bootID: func() string { return "" },
		clocks: func() (time.Time, time.Duration) { return time.Now(), 0 },
	}
}
