// SPDX-License-Identifier: Apache-2.0

package input

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg"
)

// kernelRing makes the kernel's log device, if f is that, read like a file: one record a read, an
// overrun is passed over, and the end of what the ring holds is the end of the input.
func kernelRing(f *os.File) (r io.Reader, ok bool) {
	info, err := f.Stat()
	if err != nil || !kmsg.IsDevice(info) {
		return nil, false
	}
	device, err := kmsg.ThisHost().Open(f.Name())
	if err != nil {
		return nil, false
	}
	return &ring{device: device}, true
}

// ring reads the kernel's ring buffer as it stands.
type ring struct {
	device kmsg.Device
	buf    [kmsg.RecordMax]byte
	rest   []byte
}

func (r *ring) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		n, err := r.device.TryNext(r.buf[:])
		switch {
		case errors.Is(err, syscall.EPIPE):
			continue
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
			_ = r.device.Close() // it was only read
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

// booted returns when this machine's kernel began to count, zero where it does not say: the clock
// that it stamps its log with stands still while the machine sleeps, as the monotonic one does.
func booted() time.Time {
	wall, uptime := kmsg.ThisHost().Clocks()
	if uptime == 0 {
		return time.Time{}
	}
	return wall.Add(-uptime)
}
