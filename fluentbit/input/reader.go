// SPDX-License-Identifier: Apache-2.0

package input

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/parser"
)

// coverInterval is how often the cursor moves on while the log has nothing to say of kills.
const coverInterval = 10 * time.Second

// reader makes events of what the log says: it is a livelog.Handler, for one goroutine.
type reader struct {
	options parser.Options
	format  form.Format
	all     bool // events of lines, too
	queue   *queue
	log     filter.Logger
	kmsg    *kmsg.Log
	// linesFrom is the first line that no event was made of in an earlier run.
	linesFrom uint64
	events    []byte // scratch
	newest    time.Time
	covered   time.Time
	// unsaid counts lines that were lost, of which nothing was said yet; the first of them was
	// missed at lostAt.
	unsaid uint64
	lostAt time.Time
	burst  livelog.Burst
	// trouble is what is wrong with the log, "" for nothing.
	trouble  string
	panicked bool

	// lost and open are for the metrics.
	lost atomic.Uint64
	open atomic.Int64

	mu     sync.Mutex // held while the stream is in use
	stream *livelog.Stream
	share  *parser.Share
	held   int
}

// newReader opens the log to read on where saved says, nil for its oldest line.
func newReader(s Settings, options parser.Options, host kmsg.Host, saved *place, log filter.Logger) (*reader, error) {
	r := &reader{options: options, format: s.Records.Format, all: s.Emit == EmitAll, log: log, covered: time.Now()}
	var cursor *kmsg.Cursor
	var delivered []string
	if saved != nil {
		cursor, delivered = &saved.Cursor, saved.Delivered
		if saved.Lines {
			r.linesFrom = saved.Read
		}
	}
	var err error
	if r.stream, err = livelog.NewStream(options, delivered); err != nil {
		return nil, err
	}
	r.share = new(parser.Budget).Join(s.Records.MaxMemory, r.relieve)
	r.kmsg, err = kmsg.Open(kmsg.Options{
		Path: s.Path, Host: host, Cursor: cursor, Beginning: true, FixedTimes: true,
		UseJournal: "the input systemd and the filter oom_kill", UseFile: "the input tail and the filter oom_kill",
	}, r)
	if err != nil {
		return nil, fmt.Errorf("Path %q: %w", s.Path, err)
	}
	r.stream.Anew(r.kmsg.Position())
	return r, nil
}

// Line implements livelog.Handler. It waits for room before it takes the line.
func (r *reader) Line(ctx context.Context, l *format.Line, next int64) error {
	if err := r.queue.wait(ctx); err != nil {
		return err
	}
	if l.HasUptime {
		r.newest = l.Wall
	}
	records := r.feed(l, next)
	events, n := r.events[:0], 0
	if r.all && l.HasSequence && l.Sequence >= r.linesFrom {
		events, n = appendLine(events, l, r.kmsg.Record()), 1
	}
	r.push(events, n, records)
	return nil
}

// push gives the host events, and those of records behind them.
func (r *reader) push(events []byte, n int, records []*parser.Record) {
	if n+len(records) == 0 {
		return
	}
	for _, rec := range records {
		events = filter.AppendRecord(events, logevent.AppendTimestamp(nil, r.timeOf(rec)), rec, r.format)
	}
	r.events = events
	r.queue.push(events, n+len(records), records, r.place())
}

// timeOf returns the time of a record's event: its own, else that of the newest line.
func (r *reader) timeOf(rec *parser.Record) time.Time {
	switch {
	case !rec.Time.IsZero():
		return rec.Time
	case !r.newest.IsZero():
		return r.newest
	}
	return time.Now()
}

// feed gives a line to the stream.
func (r *reader) feed(l *format.Line, next int64) (records []*parser.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	records = r.stream.Feed(l, next, time.Now())
	if r.stream.OpenReports() > 0 || r.open.Load() > 0 {
		r.weigh()
	}
	return records
}

// tick lets the stream close what no further line has come of.
func (r *reader) tick(now time.Time, idle bool) (records []*parser.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	records = r.stream.Tick(now, idle)
	r.weigh()
	return records
}

// run reads until ctx ends. A panic would take Fluent Bit down with every pipeline in it: it is
// logged, once in full, what is open is given up, and the reading goes on. done is false where
// lines that were read are not done with: the last one waited for room.
func (r *reader) run(ctx context.Context) (done bool) {
	panicked, err := r.runAfter(ctx, 0)
	for panicked && ctx.Err() == nil {
		panicked, err = r.runAfter(ctx, time.Second)
	}
	return !panicked && err == nil
}

// runAfter reads after a pause.
func (r *reader) runAfter(ctx context.Context, pause time.Duration) (panicked bool, err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if !r.panicked {
			r.log(filter.LevelError, fmt.Sprintf("this is a defect of the plugin, please report it; the open reports are given up: %v\n%s", p, debug.Stack()))
		}
		r.panicked, panicked = true, true
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stream, _ = livelog.NewStream(r.options, nil) // the options are those of the first one
		r.stream.Anew(r.kmsg.Position())
	}()
	if pause > 0 {
		if err := livelog.Pause(ctx, pause, r); err != nil {
			return false, err
		}
	}
	return false, r.kmsg.Run(ctx)
}

// weigh counts what the stream holds, and frees some where that is too much. The caller holds mu.
func (r *reader) weigh() {
	r.open.Store(int64(r.stream.OpenReports()))
	r.hold(r.stream.Memory())
	if r.share.Over(0) {
		r.share.Relieve(r.shed)
	}
}

// hold notes what the stream holds. The caller holds mu.
func (r *reader) hold(bytes int) {
	r.share.Add(int64(bytes - r.held))
	r.held = bytes
}

// shed frees memory, and reports whether there was any to free. The caller holds mu.
func (r *reader) shed() bool {
	freed := r.stream.Shed()
	r.hold(r.stream.Memory())
	return freed
}

// relieve gives some memory back that another instance needs.
func (r *reader) relieve() bool {
	if !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	return r.shed()
}

// within puts the stream under another budget.
func (r *reader) within(b *parser.Budget, limit int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.share.Leave()
	r.share = b.Join(limit, r.relieve)
	r.share.Add(int64(r.held))
}

// leave takes the stream out of its budget.
func (r *reader) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.share.Leave()
	r.share = new(parser.Budget).Join(0, r.relieve)
}

// place returns the place up to which all that was read is done with.
func (r *reader) place() place {
	cursor, _ := r.kmsg.Cursor()
	r.mu.Lock()
	defer r.mu.Unlock()
	return place{Cursor: cursor, Lines: r.all, Delivered: r.stream.Delivered()}
}

// Pending implements livelog.Handler.
func (r *reader) Pending() (int64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stream.Pending()
}

// Tick implements livelog.Handler.
func (r *reader) Tick(_ context.Context, idle bool) error {
	now := time.Now()
	if idle || now.Sub(r.lostAt) >= coverInterval { // one overrun is noticed in many steps
		r.sayLost()
	}
	r.push(r.events[:0], 0, r.tick(now, idle))
	if now.Sub(r.covered) >= coverInterval {
		r.covered = now
		r.queue.cover(r.place())
	}
	return nil
}

// Trouble implements livelog.Handler.
func (r *reader) Trouble(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	switch {
	case text == r.trouble:
		return
	case text != "":
		r.log(filter.LevelError, "the kernel log cannot be read, trying again: "+text)
	default:
		r.log(filter.LevelInfo, "the kernel log can be read again")
	}
	r.trouble = text
}

// Lost implements livelog.Handler.
func (r *reader) Lost(n uint64) {
	if r.unsaid == 0 {
		r.lostAt = time.Now()
	}
	r.lost.Add(n)
	r.unsaid += n
}

// sayLost says how many lines were lost, unless too much was said of late.
func (r *reader) sayLost() {
	if r.unsaid == 0 {
		return
	}
	r.burst.Pass(func(int) {
		r.log(filter.LevelWarn, fmt.Sprintf("%d lines of the kernel log were overwritten before they were read, and a kill among them is lost: "+
			"while Fluent Bit pauses this input, or does not run, the kernel keeps only what its ring has room for (log_buf_len)", r.unsaid))
		r.unsaid = 0
	})
}

// Anew implements livelog.Handler.
func (r *reader) Anew(why string, next int64) {
	r.log(filter.LevelWarn, why)
	r.linesFrom = 0
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stream.Anew(next)
}
