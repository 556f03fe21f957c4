// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/format"
)

// kmsgCheckpoint is the first record not done with, of one boot.
type kmsgCheckpoint struct {
	BootID   string `json:"boot_id"`
	Sequence uint64 `json:"sequence"`
}

// restore takes up a checkpoint. It returns false when there is none. One of another boot says only
// that all of the ring is new.
func (k *kmsgSource) restore(saved []byte) bool {
	if saved == nil {
		return false
	}
	var c kmsgCheckpoint
	if err := json.Unmarshal(saved, &c); err != nil {
		k.in.logger.Warn("the stored checkpoint cannot be read; beginning with the oldest line", zap.Error(err))
		return true
	}
	if c.BootID != k.boot {
		return true
	}
	k.resume, k.behind = c.Sequence, true
	k.expected, k.knowsExpected = c.Sequence, true
	k.stream.next = int64(c.Sequence)
	return true
}

// skipAll reads over what is in the ring. Unlike seeking, that tells the sequence number: a
// checkpoint from the start on.
func (k *kmsgSource) skipAll() error {
	buf := make([]byte, kmsgRecordMax)
	for end := k.in.now().Add(skipPatience); k.in.now().Before(end); {
		n, err := k.device.tryNext(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case errors.Is(err, syscall.EPIPE):
			continue
		case err != nil:
			return fmt.Errorf("path: %q: %w", k.path, err)
		}
		k.decode(buf[:n], func(l *format.Line) {
			if l.HasSequence {
				k.expected, k.knowsExpected = l.Sequence+1, true
				k.stream.next = int64(k.expected)
			}
		})
	}
	return nil
}

func (k *kmsgSource) checkpoint() []byte {
	if k.stream.next == 0 && !k.knowsExpected {
		return nil // nothing was read yet
	}
	b, err := json.Marshal(kmsgCheckpoint{BootID: k.boot, Sequence: uint64(k.stream.safe())})
	if err != nil {
		return nil // two plain fields cannot fail
	}
	return b
}

// caughtUp is called when all that was in the ring has been read. If even the newest record stands
// before the checkpoint, the checkpoint belongs to a ring that is gone (a machine put back to an
// earlier state keeps its boot id): all of this one is read, and caughtUp returns true when it has
// gone back for that.
func (k *kmsgSource) caughtUp() (rewound bool) {
	if !k.behind {
		return false
	}
	k.behind = false
	if k.expected >= k.resume {
		return false
	}
	k.in.logger.Warn("the stored checkpoint is ahead of the kernel log; beginning with the oldest line")
	k.resume, k.stream.next, k.knowsExpected = 0, 0, false
	if err := k.device.rewind(); err != nil {
		k.in.logger.Error("the kernel log cannot be read from its beginning", zap.Error(err))
		return false
	}
	return true
}

// countLost counts records that were overwritten before they were read. The parser sees a gap by
// itself, but not one before the first line it is given.
func (k *kmsgSource) countLost(ctx context.Context, l *format.Line) {
	expected := k.expected
	if k.behind {
		expected = max(expected, k.resume)
	}
	if !k.knowsExpected || l.Sequence <= expected {
		return
	}
	lost := l.Sequence - expected
	k.in.telemetry.ReceiverOomKillLostLines.Add(ctx, int64(lost), k.in.own...)
	k.in.logger.Warn("the kernel overwrote lines before they were read", zap.Uint64("lost", lost))
	if k.behind {
		l.Lost += lost
	}
}

// reopen opens the device again, and goes on where it was.
func (k *kmsgSource) reopen() {
	k.close()
	device, err := k.host.open(k.path)
	if err != nil {
		k.device = nil
		return
	}
	k.device = device
	if k.knowsExpected {
		k.resume, k.behind = k.expected, true
	}
}
