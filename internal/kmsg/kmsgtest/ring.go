// SPDX-License-Identifier: Apache-2.0

package kmsgtest

import (
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg"
)

// Ring is a kernel log of limited size in memory. It is a kmsg.Device for one reader at a time, and
// outlives it.
type Ring struct {
	mu      sync.Mutex
	records []string
	first   int // index of records[0] since boot
	size    int // records kept
	at      int // index of the reader's next record
	wake    chan struct{}
	broken  error
}

// NewRing returns a ring that keeps size records.
func NewRing(size int) *Ring { return &Ring{size: size, wake: make(chan struct{}, 1)} }

// Write adds records.
func (r *Ring) Write(records ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, records...)
	if n := len(r.records) - r.size; n > 0 {
		r.records = append([]string(nil), r.records[n:]...)
		r.first += n
	}
	r.signal()
}

// Break makes opening and reading fail; nil makes them work again.
func (r *Ring) Break(err error) {
	r.mu.Lock()
	r.broken = err
	r.mu.Unlock()
}

// Host returns a machine whose kernel log is the ring.
func (r *Ring) Host(boot string) kmsg.Host {
	return kmsg.Host{
		Open:   r.open,
		BootID: func() string { return boot },
		Clocks: func() (time.Time, time.Duration) { return time.Now(), 0 },
	}
}

func (r *Ring) open(string) (kmsg.Device, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return nil, r.broken
	}
	r.at = r.first
	return r, nil
}

// Next implements kmsg.Device.
func (r *Ring) Next(buf []byte) (int, bool, error) {
	timeout := time.NewTimer(10 * time.Millisecond)
	defer timeout.Stop()
	for waited := false; ; waited = true {
		n, err := r.take(buf)
		if n > 0 || err != nil {
			return n, waited, err
		}
		select {
		case <-r.wake:
		case <-timeout.C:
			return 0, false, os.ErrDeadlineExceeded
		}
	}
}

func (r *Ring) take(buf []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.broken != nil:
		return 0, r.broken
	case r.at < r.first:
		r.at = r.first
		return 0, syscall.EPIPE
	case r.at < r.first+len(r.records):
		r.at++
		return copy(buf, r.records[r.at-1-r.first]), nil
	}
	return 0, nil
}

// TryNext implements kmsg.Device.
func (r *Ring) TryNext(buf []byte) (int, error) {
	n, err := r.take(buf)
	if n == 0 && err == nil {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

// Drained reports whether all that was written has been read.
func (r *Ring) Drained() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at == r.first+len(r.records)
}

// Rewind implements kmsg.Device.
func (r *Ring) Rewind() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.first
	return nil
}

// Interrupt implements kmsg.Device.
func (r *Ring) Interrupt() { r.signal() }

// Close implements kmsg.Device.
func (r *Ring) Close() error { return nil }

func (r *Ring) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
