// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// kmsgRecordMax is more than a record of /dev/kmsg can hold; a read with less room fails.
const kmsgRecordMax = 16 << 10

// kmsgTick is how long a read waits for the next record at most.
const kmsgTick = 500 * time.Millisecond

// skipPatience is more than reading over the largest ring takes; a log that is written without a
// pause has no end to wait for.
const skipPatience = 5 * time.Second

// kmsgDevice is an open kernel log.
type kmsgDevice interface {
	// next reads one record into buf. waited tells that it was not there yet when next was called,
	// so that it has been read as soon as it was written. The error is os.ErrDeadlineExceeded when
	// none came within kmsgTick, syscall.EPIPE when records were overwritten before they were read.
	next(buf []byte) (n int, waited bool, err error)
	// tryNext is next without waiting.
	tryNext(buf []byte) (n int, err error)
	// rewind goes to the oldest record.
	rewind() error
	// interrupt makes a waiting next return.
	interrupt()
	io.Closer
}

// kmsgHost is what a kmsgSource asks of the machine it runs on.
type kmsgHost struct {
	open   func(path string) (kmsgDevice, error)
	bootID func() string
	// clocks returns the wall clock and the monotonic clock that kernel stamps are counted in.
	clocks func() (wall time.Time, uptime time.Duration)
}

// kmsgSource reads /dev/kmsg: one record a read, a reader of its own that takes nothing from other
// readers.
type kmsgSource struct {
	path      string
	beginning bool
	host      kmsgHost

	in      *intake
	device  kmsgDevice
	stream  *stream
	decoder *format.Decoder
	clock   kmsgClock
	boot    string
	healthy bool // the device could be read since it was opened
	// resume is the first sequence number that is not done with; what comes before it is skipped
	// while behind is true.
	resume uint64
	behind bool
	// expected is the next sequence number, where known.
	expected      uint64
	knowsExpected bool
}

func newKmsgSource(cfg *Config) source {
	return &kmsgSource{path: cfg.Path, beginning: cfg.startAtBeginning(), host: newKmsgHost()}
}

func (k *kmsgSource) open(in *intake, saved []byte) error {
	k.in = in
	k.boot = k.host.bootID()
	k.clock = kmsgClock{now: k.host.clocks}
	k.decoder = format.NewDecoder(report.Kmsg).Trust(report.SourceKmsg)
	var err error
	if k.stream, err = in.newStream(); err != nil {
		return err
	}
	if k.device, err = k.host.open(k.path); err != nil {
		return fmt.Errorf("path: %q: %w", k.path, err)
	}
	if k.restore(saved) || k.beginning {
		return nil
	}
	return k.skipAll()
}

func (k *kmsgSource) close() {
	if k.device != nil {
		_ = k.device.Close() // read only: nothing is lost
	}
}

func (k *kmsgSource) run(ctx context.Context) {
	buf := make([]byte, kmsgRecordMax)
	retry := newReopenBackOff()
	for ctx.Err() == nil {
		k.healthy = false
		err := k.follow(ctx, buf)
		if ctx.Err() != nil || errors.Is(err, errQueueClosed) {
			return
		}
		if k.healthy {
			retry.Reset()
		}
		k.in.status.Set(troubleSource, err)
		k.in.logger.Error("the kernel log cannot be read, trying again", zap.String("path", k.path), zap.Error(err))
		k.in.telemetry.ReceiverOomKillRestarts.Add(ctx, 1, k.in.own...)
		if !pauseWithTicks(ctx, retry.NextBackOff(), k.in) {
			return
		}
		k.reopen()
	}
}

// follow reads until something goes wrong.
func (k *kmsgSource) follow(ctx context.Context, buf []byte) error {
	if k.device == nil {
		return fmt.Errorf("path: %q: not open", k.path)
	}
	stop := context.AfterFunc(ctx, k.device.interrupt)
	defer stop()
	lastTick := k.in.now()
	for {
		n, waited, err := k.device.next(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			k.noteHealthy()
			k.caughtUp()
		case errors.Is(err, syscall.EPIPE):
			// The gap in the sequence numbers tells how many records are lost.
		case err != nil:
			return err
		default:
			k.noteHealthy()
			if waited && k.caughtUp() {
				continue
			}
			if err := k.take(ctx, buf[:n], waited); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if now := k.in.now(); err != nil || now.Sub(lastTick) >= kmsgTick {
			lastTick = now
			if err := k.in.tick(ctx, errors.Is(err, os.ErrDeadlineExceeded)); err != nil {
				return err
			}
		}
	}
}

// noteHealthy notes that the device can be read.
func (k *kmsgSource) noteHealthy() {
	if !k.healthy {
		k.healthy = true
		k.in.status.Set(troubleSource, nil)
	}
}

// take feeds one record.
func (k *kmsgSource) take(ctx context.Context, raw []byte, live bool) error {
	var failed error
	k.decode(raw, func(l *format.Line) {
		if failed == nil {
			failed = k.feed(ctx, l, live)
		}
	})
	return failed
}

// decode takes a record apart: its line, and dictionary lines that the decoder knows to leave out.
func (k *kmsgSource) decode(raw []byte, emit func(*format.Line)) {
	for line := range bytes.Lines(raw) {
		k.decoder.Decode(bytes.TrimSuffix(line, []byte{'\n'}), emit)
	}
}

// feed gives one line to the parser, with what only the reader knows: when it was written and what
// was lost before it.
func (k *kmsgSource) feed(ctx context.Context, l *format.Line, live bool) error {
	position := k.stream.next
	if l.HasSequence {
		k.countLost(ctx, l)
		k.expected, k.knowsExpected = l.Sequence+1, true
		if k.behind && l.Sequence < k.resume {
			return nil
		}
		k.behind = false
		position = int64(l.Sequence)
	}
	if l.HasUptime {
		l.Wall, l.Assumed = k.clock.date(time.Duration(l.Uptime)*time.Microsecond, live), report.AssumedBootClock
	}
	l.Position = position
	l.BootID = []byte(k.boot)
	k.in.telemetry.ReceiverOomKillLines.Add(ctx, 1, k.in.own...)
	return k.stream.feed(ctx, l, position+1)
}
