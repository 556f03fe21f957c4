// SPDX-License-Identifier: Apache-2.0

package input

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// kmsgDevice is the number of /dev/kmsg on Linux (1, 11), under whatever name it stands.
const kmsgDevice = 1<<8 | 11

// kernelRing makes the kernel's log device, if f is that, read like a file: one record a read, an
// overrun (EPIPE) is passed over, and the end of what the ring holds (EAGAIN) is the end of the
// input.
func kernelRing(f *os.File) (r io.Reader, ok bool) {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil, false
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Rdev != kmsgDevice {
		return nil, false
	}
	fd, err := syscall.Open(f.Name(), syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false
	}
	return &ring{fd: fd}, true
}

// ring reads the kernel's ring buffer as it stands.
type ring struct {
	fd   int
	buf  [16 << 10]byte
	rest []byte
}

func (r *ring) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		n, err := syscall.Read(r.fd, r.buf[:])
		switch {
		case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN), err == nil && n == 0:
			_ = syscall.Close(r.fd) // it was only read
			return 0, io.EOF
		case err != nil:
			return 0, err
		}
		r.rest = r.buf[:n]
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
