// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/health"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// checkpointInterval is how often a checkpoint moves on while nothing is emitted.
const checkpointInterval = time.Second

// source reads a kernel log. Its methods are called by one goroutine.
type source interface {
	// open makes sure that the log can be read. saved is the stored checkpoint, nil for none; one
	// that does not fit what is there is left aside. An error keeps the collector from starting.
	open(in *intake, saved []byte) error
	// run reads until ctx ends, feeds the lines to streams of the intake and calls its tick at
	// least once a second. What it cannot read it tries again; it returns when ctx has ended.
	run(ctx context.Context)
	// checkpoint returns what to store once all that was fed so far is done with: never past the
	// first line of a report that a stream still holds open.
	checkpoint() []byte
	// close frees what open took. It is called after run has returned, or instead of it.
	close()
}

// intake is where a source puts what it reads: lines go through the parser of
// their stream, and what comes out goes to the queue. It is for the one goroutine of the source.
type intake struct {
	options   parser.Options
	emitAll   bool
	shed      bool // whether plain lines may be left out when the queue is full: the source cannot wait
	timeout   time.Duration
	queue     *queue
	counts    *counts
	telemetry *metadata.TelemetryBuilder
	own       []metric.AddOption // names the receiver in its telemetry
	status    *health.Status
	logger    *zap.Logger
	source    source
	streams   []*stream
	now       func() time.Time
	idle      int       // ticks that found nothing to read since the last line
	progress  time.Time // when a checkpoint was last queued by tick
	// uncovered is the size of what was queued since the last checkpoint, lastCheckpoint the size
	// of that.
	uncovered, lastCheckpoint int
	// restored is of all streams.
	restored livelog.Restored
	// ended is set when something that was read could not be queued any more: no later checkpoint
	// may cover it.
	ended bool
}

// stream is the state of one run of kernel log.
type stream struct {
	in *intake
	livelog.Reading
}

// newStream returns an empty stream. The options were checked with the configuration.
func (in *intake) newStream() (*stream, error) { return in.newStreamWith(in.options) }

// newStreamWith is newStream with options of its own.
func (in *intake) newStreamWith(o parser.Options) (*stream, error) {
	reading, err := livelog.NewReading(o)
	if err != nil {
		return nil, err
	}
	s := &stream{in: in, Reading: reading}
	in.streams = append(in.streams, s)
	return s, nil
}

// drop forgets a stream that has ended.
func (in *intake) drop(s *stream) {
	for i := range in.streams {
		if in.streams[i] == s {
			in.streams = append(in.streams[:i], in.streams[i+1:]...)
			return
		}
	}
}

// feed takes a line whose Position is set; next is the position after it. An error says that
// reading is to end.
func (s *stream) feed(ctx context.Context, l *format.Line, next int64) error {
	wasOpen := s.Parser.Open()
	result := s.Parser.FeedLine(l)
	s.Next, s.in.idle = next, 0
	return s.take(ctx, l, &result, wasOpen, s.in.now)
}

// take takes what the parser made of a line that was read when now says; wasOpen is set where a
// report was open before it. An error says that reading is to end.
func (s *stream) take(ctx context.Context, l *format.Line, result *parser.Result, wasOpen bool, now func() time.Time) error {
	if wasOpen || result.InReport {
		s.in.idle = 0
	}
	observed := s.Touched // of a report that this line closes and is no part of
	if result.InReport || len(result.Records) > 0 {
		read := now()
		if !wasOpen || result.InReport && result.Kind != kernel.InvocationLine {
			observed = read
		}
		if result.InReport {
			s.Touched = read
		}
	}
	if result.Kind == kernel.KillLine {
		s.in.counts.lost.killLine(l.BootID, l.Position)
		if !slices.ContainsFunc(result.Records, s.in.restored.Has) {
			s.in.counts.addKillLine()
		}
	}
	if s.in.emitAll && len(l.Text) > 0 && !ofOtherProgram(l) {
		if err := s.in.pushLine(ctx, l); err != nil {
			return err
		}
	}
	return s.pushRecords(ctx, result.Records, observed)
}

// ofOtherProgram reports whether a line is an entry of the journal that did not come out of the
// kernel's log.
func ofOtherProgram(l *format.Line) bool {
	return l.Apart || l.Fields != nil && string(l.Fields.Field("_TRANSPORT")) != "kernel"
}

// flush closes the open report.
func (s *stream) flush(ctx context.Context) error {
	return s.pushRecords(ctx, s.Parser.FlushReports(), s.Touched)
}

// settle takes the records of what has waited for other lines long enough.
func (s *stream) settle(ctx context.Context, now time.Time) error {
	return s.pushRecords(ctx, s.Evidence.Flush(now), now)
}

// tick closes reports that were open for too long and lets the checkpoint move on. idle says that
// the source has read all there is: a reader that was kept from running, as happens when memory
// runs out, may have the rest of a report still before it, and one look that found nothing may have
// been before that rest was there. An error says that reading is to end.
func (in *intake) tick(ctx context.Context, idle bool) error {
	now := in.now()
	if idle {
		in.idle++
		in.counts.lost.look()
	}
	for _, s := range in.streams {
		if in.idle > 1 && s.Parser.Open() && now.Sub(s.Touched) >= in.timeout {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
		if err := s.settle(ctx, now); err != nil {
			return err
		}
	}
	if in.idle > 1 && in.restored != nil {
		in.forgetRestored()
	}
	if now.Sub(in.progress) >= checkpointInterval {
		in.progress = now
		in.pushProgress(in.queue.limit)
	}
	return nil
}

// pushProgress queues a checkpoint without data, unless the queue would then hold more than limit
// bytes.
func (in *intake) pushProgress(limit int) {
	if in.ended {
		return
	}
	checkpoint := in.checkpoint()
	if in.queue.tryPush(progress(checkpoint), limit) {
		in.uncovered, in.lastCheckpoint = 0, len(checkpoint)
	}
}

// cover returns the checkpoint to queue with a record, or nil: one is made when the records since
// the last are as large as that was, so that the checkpoint of many files costs no more than the
// records do. The next tick queues the one that is left out here.
func (in *intake) cover() []byte {
	if in.uncovered < in.lastCheckpoint {
		return nil
	}
	checkpoint := in.checkpoint()
	in.uncovered, in.lastCheckpoint = 0, len(checkpoint)
	return checkpoint
}

// flush closes every open report, and what waits for other lines.
func (in *intake) flush(ctx context.Context) error {
	for _, s := range in.streams {
		if err := s.flush(ctx); err != nil {
			return err
		}
		if err := s.pushRecords(ctx, s.Evidence.CutOff(), in.now()); err != nil {
			return err
		}
	}
	return nil
}

// pushRecords queues the records that one line made, but for those that were delivered before a
// restart. Only the last carries the checkpoint: it covers them all. observed is when the newest of
// the lines that they are made of was read.
func (s *stream) pushRecords(ctx context.Context, records []*record.Record, observed time.Time) error {
	in := s.in
	for i, r := range records {
		s.Delivered.Add(r)
		if in.restored.Has(r) {
			continue
		}
		it := item{record: r, observed: observed, size: sizeOf(r)}
		in.uncovered += it.size
		if i == len(records)-1 {
			it.checkpoint = in.cover()
			it.size += len(it.checkpoint)
		}
		if err := in.push(ctx, it); err != nil {
			return err
		}
		in.counts.addRecord(r)
	}
	return nil
}

// push queues an item. After an error, which says that reading is to end, no checkpoint is queued
// any more.
func (in *intake) push(ctx context.Context, it item) error {
	err := in.queue.push(ctx, it)
	in.ended = in.ended || err != nil
	return err
}

// pushLine queues a line of the kernel log. A quarter of the queue is kept for records where lines
// may be shed.
func (in *intake) pushLine(ctx context.Context, l *format.Line) error {
	line := newKernelLine(l)
	it := item{line: line, observed: in.now(), size: line.size()}
	if !in.shed {
		return in.push(ctx, it)
	}
	if !in.queue.tryPush(it, in.queue.limit/4*3) {
		in.telemetry.ReceiverOomKillDroppedLines.Add(ctx, 1, in.own...)
	}
	return nil
}
