// SPDX-License-Identifier: Apache-2.0

package kmsg

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/internal/machine"
)

// ThisHost returns the machine that the process runs on.
func ThisHost() Host {
	return Host{
		Open:   openFile,
		BootID: machine.BootID,
		Clocks: clocks,
	}
}

// clocks reads both clocks, as nearly at once as Go does, and without a system call.
func clocks() (wall time.Time, uptime time.Duration) {
	began, at := clockOffset()
	wall = time.Now()
	return wall, at + wall.Sub(began)
}

// clockOffset is a moment of Go's monotonic clock, and what the kernel's showed then. Of a few
// readings it is the one that took least: a process may have to wait within one.
var clockOffset = sync.OnceValues(func() (began time.Time, at time.Duration) {
	const tries = 5
	least := time.Duration(math.MaxInt64)
	for range tries {
		before := monotonic()
		now := time.Now()
		if took := monotonic() - before; took < least {
			least, began, at = took, now, before+took/2
		}
	}
	return began, at
})

func monotonic() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail for a clock that every kernel has
	return time.Duration(ts.Nano())
}

// file is the kernel log device. Go's poller waits for it, so that closing and deadlines end a
// read.
type file struct {
	file *os.File
	conn syscall.RawConn
	// interrupted outlives the deadline that Interrupt sets, since Next sets one too.
	interrupted atomic.Bool
	// buf, n, err and waited are those of the read that goes on; poll is readNow of it.
	buf    []byte
	n      int
	err    error
	waited bool
	poll   func(fd uintptr) (done bool)
}

func openFile(path string) (Device, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("%w: reading the kernel log needs root or CAP_SYSLOG (in a container also the device itself)", err)
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%w: make the device visible here", err)
	case err != nil:
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.Mode().IsRegular():
		err = errRegular
	case info.IsDir():
		err = errors.New("a directory: name the device, as in /dev/kmsg")
	case info.Mode()&os.ModeCharDevice != 0 && !IsDevice(info): // what a program writes there would pass for the kernel's
		err = errors.New("another device than the kernel's log: in a container, make the host's /dev/kmsg visible here")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	d := &file{file: f, conn: conn}
	d.poll = d.readNow
	return d, nil
}

// Next implements [Device].
func (f *file) Next(buf []byte) (n int, waited bool, err error) {
	if err := f.file.SetReadDeadline(time.Now().Add(livelog.TickInterval)); err != nil {
		return 0, false, err
	}
	if f.interrupted.Load() {
		return 0, false, os.ErrDeadlineExceeded
	}
	f.buf, f.n, f.err, f.waited = buf, 0, nil, false
	if err = f.conn.Read(f.poll); err == nil {
		err = f.err
	}
	return f.n, f.waited, err
}

// readNow reads a record, unless it has to be waited for.
func (f *file) readNow(fd uintptr) (done bool) {
	if f.n, f.err = read(fd, f.buf); errors.Is(f.err, unix.EAGAIN) {
		f.waited = true
		return false
	}
	return true
}

// TryNext implements [Device].
func (f *file) TryNext(buf []byte) (n int, err error) {
	var readErr error
	err = f.conn.Control(func(fd uintptr) { n, readErr = read(fd, buf) })
	if errors.Is(readErr, unix.EAGAIN) {
		readErr = os.ErrDeadlineExceeded
	}
	return n, errors.Join(err, readErr)
}

// read reads one record; a device has no end.
func read(fd uintptr, buf []byte) (int, error) {
	for {
		n, err := unix.Read(int(fd), buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err == nil && n == 0:
			err = io.ErrUnexpectedEOF
		}
		return max(n, 0), err
	}
}

// Rewind implements [Device].
func (f *file) Rewind() error {
	_, err := f.file.Seek(0, io.SeekStart)
	return err
}

// Interrupt implements [Device].
func (f *file) Interrupt() {
	f.interrupted.Store(true)
	_ = f.file.SetReadDeadline(time.Unix(1, 0)) // without it, Next returns a little later
}

// Close implements [Device].
func (f *file) Close() error { return f.file.Close() }

// IsDevice reports whether a file is the kernel's log device (1, 11), under whatever name it
// stands.
func IsDevice(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode()&os.ModeCharDevice != 0 && st.Rdev == unix.Mkdev(1, 11)
}
