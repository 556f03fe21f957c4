// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func newKmsgHost() kmsgHost {
	return kmsgHost{
		open:   openKmsg,
		bootID: func() string { return firstLine("/proc/sys/kernel/random/boot_id") },
		clocks: func() (time.Time, time.Duration) {
			var ts unix.Timespec
			_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail for a clock that every kernel has
			return time.Now(), time.Duration(ts.Nano())
		},
	}
}

// kmsgFile is the kernel log device. Go's poller waits for it, so that closing and deadlines end a
// read.
type kmsgFile struct {
	file *os.File
	conn syscall.RawConn
	// interrupted outlives the deadline that interrupt sets, since next sets one too.
	interrupted atomic.Bool
}

func openKmsg(path string) (kmsgDevice, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("%w: reading the kernel log needs root or CAP_SYSLOG (in a container also the device itself), or read it from the journal with source: journald", err)
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%w: make the device visible here, or read the journal with source: journald", err)
	case err != nil:
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.Mode().IsRegular():
		err = errors.New("a regular file: read it with source: file")
	case info.IsDir():
		err = errors.New("a directory: name the device, as in /dev/kmsg")
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
	return &kmsgFile{file: f, conn: conn}, nil
}

func (k *kmsgFile) next(buf []byte) (n int, waited bool, err error) {
	if err := k.file.SetReadDeadline(time.Now().Add(kmsgTick)); err != nil {
		return 0, false, err
	}
	if k.interrupted.Load() {
		return 0, false, os.ErrDeadlineExceeded
	}
	var readErr error
	err = k.conn.Read(func(fd uintptr) bool {
		n, readErr = read(fd, buf)
		if errors.Is(readErr, unix.EAGAIN) {
			waited = true
			return false
		}
		return true
	})
	if err == nil {
		err = readErr
	}
	return n, waited, err
}

func (k *kmsgFile) tryNext(buf []byte) (n int, err error) {
	var readErr error
	err = k.conn.Control(func(fd uintptr) { n, readErr = read(fd, buf) })
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

func (k *kmsgFile) rewind() error {
	_, err := k.file.Seek(0, io.SeekStart)
	return err
}

func (k *kmsgFile) interrupt() {
	k.interrupted.Store(true)
	_ = k.file.SetReadDeadline(time.Unix(1, 0)) // without it, next returns a little later
}

func (k *kmsgFile) Close() error { return k.file.Close() }
