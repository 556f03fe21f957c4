// SPDX-License-Identifier: Apache-2.0

// Package kmsg reads this machine's kernel log, /dev/kmsg, as it goes on: one record a read, by a
// reader of its own that takes nothing from other readers. It numbers and dates the lines, resumes
// at a [Cursor], and counts what the kernel overwrote before it was read. Only Linux has such a
// device; elsewhere opening it says so.
package kmsg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Path is where the device is.
const Path = "/dev/kmsg"

// RecordMax is more than a record of /dev/kmsg can hold; a read with less room fails.
const RecordMax = 16 << 10

// skipPatience is more than reading over the largest ring takes; a log that is written without a
// pause has no end to wait for.
const skipPatience = 5 * time.Second

// errRegular says that the path is that of a file.
var errRegular = errors.New("a regular file")

// Options says what a [Log] reads, and from where on.
type Options struct {
	// Path is the device, [Path] in nearly all cases.
	Path string
	// Host is the machine: [ThisHost] but in tests.
	Host Host
	// Cursor is where to go on; nil where nothing was read before. One of another boot says only
	// that all of the ring is new.
	Cursor *Cursor
	// Beginning says that without a Cursor the ring is read from its oldest record on, else only
	// what comes.
	Beginning bool
	// FixedTimes dates each line by the [Timebase] of the Cursor, and of this boot, so that it has
	// the same time whenever it is read. Else a line is dated as well as can be when it is read.
	FixedTimes bool
	// UseJournal and UseFile say in the frontend's own settings how to read the journal, or a file,
	// instead: they end the errors of Open.
	UseJournal, UseFile string
}

// Log reads the kernel log. It is for one goroutine.
type Log struct {
	path    string
	host    Host
	handler livelog.Handler
	device  Device
	closed  error // why device is nil
	decoder *format.Decoder
	clock   clock
	times   *timebases // nil where lines are dated when they are read
	boot    string
	bootID  []byte // the same, for lines
	healthy bool   // the device could be read since it was opened
	// next is the position after the last line that was handled: its sequence number and one.
	next int64
	// resume is the first sequence number that is not done with; what comes before it is skipped
	// while behind is true.
	resume uint64
	behind bool
	// expected is the next sequence number, where known.
	expected      uint64
	knowsExpected bool
	// asked is when the device was asked for the record that is being taken, zero where it was not.
	asked time.Time
	// ctx, live, raw and failed are those of the record that is being taken; take is handle of it.
	ctx    context.Context
	live   bool
	raw    []byte
	failed error
	take   func(*format.Line)
}

// Open opens the log for a handler. The error names what to do, not the setting that named the
// path.
func Open(o Options, h livelog.Handler) (*Log, error) {
	k := &Log{path: o.Path, host: o.Host, handler: h, boot: o.Host.BootID(), clock: clock{now: o.Host.Clocks}}
	k.bootID = []byte(k.boot)
	k.decoder = format.NewDecoder(report.Kmsg).Trust(report.SourceKmsg)
	k.take = k.takeLine
	if o.FixedTimes {
		k.times = &timebases{clock: &k.clock}
	}
	var err error
	if k.device, err = k.host.Open(k.path); err != nil {
		return nil, o.remedied(err)
	}
	restored := k.restore(o.Cursor)
	if k.times != nil {
		k.times.begin()
	}
	if restored || o.Beginning {
		return k, nil
	}
	if err := k.skipAll(); err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// remedied adds to an error of Open how else the log can be read.
func (o *Options) remedied(err error) error {
	switch {
	case errors.Is(err, errRegular) && o.UseFile != "":
		return fmt.Errorf("%w: read it with %s", err, o.UseFile)
	case (errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist)) && o.UseJournal != "":
		return fmt.Errorf("%w, or read the journal with %s", err, o.UseJournal)
	}
	return err
}

// Close closes the device.
func (k *Log) Close() {
	if k.device != nil {
		_ = k.device.Close() // read only: nothing is lost
		k.device = nil
	}
}

// Run reads until ctx ends, and then returns nil, or until the handler returns an error, and then
// returns that. What it cannot read it tries again.
func (k *Log) Run(ctx context.Context) error {
	buf := make([]byte, RecordMax)
	retry := livelog.NewBackOff()
	for {
		k.healthy = false
		trouble, ended := k.follow(ctx, buf)
		if ctx.Err() != nil || ended != nil {
			return ended
		}
		if k.healthy {
			retry.Reset()
		}
		k.handler.Trouble(trouble)
		if err := livelog.Pause(ctx, retry.NextBackOff(), k.handler); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		k.reopen()
	}
}

// follow reads until the device cannot be read, which is trouble, or the handler has ended the
// reading.
func (k *Log) follow(ctx context.Context, buf []byte) (trouble, ended error) {
	if k.device == nil {
		return k.closed, nil
	}
	stop := context.AfterFunc(ctx, k.device.Interrupt)
	defer stop()
	k.asked = time.Now()
	for lastTick := k.asked; ctx.Err() == nil; {
		n, waited, err := k.device.Next(buf)
		idle := errors.Is(err, os.ErrDeadlineExceeded)
		switch {
		case errors.Is(err, syscall.EPIPE):
			// The gap in the sequence numbers says how many records are lost.
		case err != nil && !idle:
			return err, nil
		default:
			k.noteHealthy()
			if (idle || waited) && k.aheadOfAll() {
				if err := k.rewind(); err != nil {
					return err, nil
				}
				continue
			}
			if err := k.Take(ctx, buf[:n], waited); err != nil {
				return nil, err
			}
		}
		k.asked = time.Now()
		if err != nil || k.asked.Sub(lastTick) >= livelog.TickInterval {
			lastTick = k.asked
			if err := k.handler.Tick(ctx, idle); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// noteHealthy notes that the device can be read.
func (k *Log) noteHealthy() {
	if !k.healthy {
		k.healthy = true
		k.handler.Trouble(nil)
	}
}

// Take takes one record as a read gives it. live says that it was waited for. It is for what feeds
// a Log without running it.
func (k *Log) Take(ctx context.Context, record []byte, live bool) error {
	k.ctx, k.live, k.raw, k.failed = ctx, live, record, nil
	k.decode(record, k.take)
	return k.failed
}

// Record returns the record that the handler's current line is of, as it was read, without its last
// newline. It is valid as long as the line.
func (k *Log) Record() []byte { return bytes.TrimSuffix(k.raw, []byte{'\n'}) }

// takeLine takes one line of the record, unless the handler has ended the reading.
func (k *Log) takeLine(l *format.Line) {
	if k.failed == nil {
		k.failed = k.handle(k.ctx, l, k.live)
	}
}

// decode takes a record apart: its line, and dictionary lines that the decoder knows to leave out.
func (k *Log) decode(record []byte, emit func(*format.Line)) {
	for line := range bytes.Lines(record) {
		k.decoder.Decode(bytes.TrimSuffix(line, []byte{'\n'}), emit)
	}
}

// handle gives one line to the handler, with what only the reader knows: when it was written and
// what was lost before it.
func (k *Log) handle(ctx context.Context, l *format.Line, live bool) error {
	position := k.next
	if l.HasSequence {
		k.countLost(l)
		k.expected, k.knowsExpected = l.Sequence+1, true
		if k.behind && l.Sequence < k.resume {
			return nil
		}
		k.behind = false
		position = int64(l.Sequence)
	}
	l.Position, l.BootID = position, k.bootID
	if l.HasUptime {
		l.Wall, l.Assumed = k.date(l, live), report.AssumedBootClock
	}
	k.next = position + 1
	return k.handler.Line(ctx, l, k.next)
}

// date returns when a line was written, whose position is set. One that was waited for shows how
// far its stamp is behind the clock, but not where the reader was kept from running meanwhile:
// stopped, frozen, or on a machine that is short of memory. [Device.Next] waits no longer than
// livelog.TickInterval.
func (k *Log) date(l *format.Line, live bool) time.Time {
	stamp := micros(l.Uptime)
	live = live && (k.asked.IsZero() || time.Since(k.asked) <= livelog.TickInterval)
	if k.times == nil {
		return k.clock.date(stamp, live)
	}
	return k.times.date(uint64(l.Position), stamp, live)
}
