// SPDX-License-Identifier: Apache-2.0

package kmsg

import (
	"io"
	"time"
)

// Device is an open kernel log.
type Device interface {
	// Next reads one record into buf. waited says that it was not there yet when Next was called,
	// so that it has been read as soon as it was written. The error is os.ErrDeadlineExceeded when
	// none came within livelog.TickInterval, syscall.EPIPE when records were overwritten before
	// they were read.
	Next(buf []byte) (n int, waited bool, err error)
	// TryNext is Next without waiting.
	TryNext(buf []byte) (n int, err error)
	// Rewind goes to the oldest record.
	Rewind() error
	// Interrupt makes a waiting Next return, and each later one return at once. It may be called by
	// any goroutine.
	Interrupt()
	io.Closer
}

// Host is what a [Log] asks of the machine that it runs on.
type Host struct {
	// Open opens the device. Its error says what to do, but for how else this frontend can read:
	// see [Options].
	Open func(path string) (Device, error)
	// BootID returns the id of the running boot as the journal prints it, "" where it is not known.
	BootID func() string
	// Clocks returns the wall clock and the monotonic clock that kernel stamps are counted in.
	Clocks func() (wall time.Time, uptime time.Duration)
}
