// SPDX-License-Identifier: Apache-2.0

package kmsg

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
)

// Cursor is a place in the kernel log: the first record not done with, of one boot.
type Cursor struct {
	BootID   string `json:"boot_id"`
	Sequence uint64 `json:"sequence"`
	// Read is the first record that was not read yet, also where one before it is not done with;
	// Times date the records from Sequence on. Both are set with [Options.FixedTimes] only.
	Read  uint64     `json:"read,omitempty"`
	Times []Timebase `json:"times,omitempty"`
}

// IsOf reports whether the cursor is of a boot, which it is not where that is not known. Those that
// older versions saved have dashes in the id.
func (c *Cursor) IsOf(boot string) bool {
	return boot != "" && strings.ReplaceAll(c.BootID, "-", "") == strings.ReplaceAll(boot, "-", "")
}

// Cursor returns the place up to which all is done with: never past the line that the handler says
// is pending. ok is false where nothing was read yet; with [Options.FixedTimes] the cursor then has
// the Sequence 0.
func (k *Log) Cursor() (c Cursor, ok bool) {
	if k.next == 0 && !k.knowsExpected {
		if k.times == nil {
			return Cursor{}, false
		}
		return Cursor{BootID: k.boot, Times: k.times.bases}, true
	}
	position := k.next
	if pending, ok := k.handler.Pending(); ok {
		position = pending
	}
	c = Cursor{BootID: k.boot, Sequence: uint64(position)}
	if k.times != nil {
		c.Read, c.Times = max(uint64(k.next), k.times.read), k.times.since(c.Sequence)
	}
	return c, true
}

// Position returns the position that the next line has, at least.
func (k *Log) Position() int64 { return k.next }

// restore takes up a cursor. It returns false when there is none.
func (k *Log) restore(c *Cursor) bool {
	if c == nil {
		return false
	}
	if !c.IsOf(k.boot) {
		return true
	}
	if k.times != nil {
		k.times.restore(c.Times, c.Read)
	}
	if c.Sequence == 0 { // nothing was read: what the ring lost before is nobody's loss
		return true
	}
	k.resume, k.behind = c.Sequence, true
	k.expected, k.knowsExpected = c.Sequence, true
	k.next = int64(c.Sequence)
	return true
}

// skipAll reads over what is in the ring. Unlike seeking, that shows the sequence number: a cursor
// from the start on.
func (k *Log) skipAll() error {
	buf := make([]byte, RecordMax)
	for end := time.Now().Add(skipPatience); time.Now().Before(end); {
		n, err := k.device.TryNext(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case errors.Is(err, syscall.EPIPE):
			continue
		case err != nil:
			return err
		}
		k.decode(buf[:n], func(l *format.Line) {
			if l.HasSequence {
				k.expected, k.knowsExpected = l.Sequence+1, true
				k.next = int64(k.expected)
			}
		})
	}
	return nil
}

// aheadOfAll is called when all that was in the ring has been read. It reports whether even the
// newest record stands before the cursor, which then belongs to a ring that is gone: a machine put
// back to an earlier state keeps its boot id.
func (k *Log) aheadOfAll() bool {
	if !k.behind {
		return false
	}
	k.behind = false
	return k.expected < k.resume
}

// rewind goes back to read all of the ring.
func (k *Log) rewind() error {
	k.resume, k.next, k.knowsExpected = 0, 0, false
	if k.times != nil {
		k.times.anew()
	}
	k.handler.Anew("the kernel log ends before the place where reading stopped, so that all of it is read", 0)
	return k.device.Rewind()
}

// countLost counts records that were overwritten before they were read. The parser sees a gap by
// itself, but not one before the first line it is given.
func (k *Log) countLost(l *format.Line) {
	expected := k.expected
	if k.behind {
		expected = max(expected, k.resume)
	}
	if !k.knowsExpected || l.Sequence <= expected {
		return
	}
	lost := l.Sequence - expected
	k.handler.Lost(lost)
	if k.behind {
		l.Lost += lost
	}
}

// reopen opens the device again, and goes on where it was.
func (k *Log) reopen() {
	k.Close()
	device, err := k.host.Open(k.path)
	if err != nil {
		k.closed = err
		return
	}
	k.device = device
	if k.knowsExpected {
		k.resume, k.behind = k.expected, true
	}
}
