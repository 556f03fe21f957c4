// SPDX-License-Identifier: Apache-2.0

package input

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/parser"
)

// watcher is a [warning.Watcher].
type watcher interface {
	Run(ctx context.Context, emit func(context.Context, *parser.Record) error) error
	Warned(limit, victim string, at time.Time) (id string, lead time.Duration)
	Suppressed() int64
}

// warner gives the queue an event of each warning before a kill.
type warner struct {
	*watching
	format   form.Format
	log      filter.Logger
	queue    *queue
	ended    chan struct{} // closed when it has ended
	panicked bool
	// unsaid counts warnings that were dropped, of which nothing was said yet.
	unsaid int
	burst  livelog.Burst
	// counted is how many of those that were held back the metrics have.
	counted int64
}

// watching is what a reload does not end: a watcher with what it knows, and the warnings that the
// host has not taken.
type watching struct {
	watcher
	// settings are those of its instance, as the line at start shows them: with others there is
	// another watching.
	settings string
	// note takes what the watcher says to a person.
	note    atomic.Pointer[filter.Logger]
	waiting []warningEvent
}

func newWatching(o warning.Options, s Settings) *watching {
	w := &watching{settings: s.String()}
	o.Note = func(line string) { (*w.note.Load())(filter.LevelWarn, "warnings: "+line) }
	w.watcher = warning.New(o)
	return w
}

// newWarner returns one that does nothing until [warner.run].
func newWarner(w *watching, f form.Format, log filter.Logger) *warner {
	w.note.Store(&log)
	return &warner{watching: w, format: f, log: log, ended: make(chan struct{}), counted: w.Suppressed()}
}

// heldBack returns how many warnings were held back since it was called last. It is for one
// goroutine.
func (w *warner) heldBack() uint64 {
	before := w.counted
	w.counted = w.Suppressed()
	return uint64(w.counted - before)
}

// run warns until ctx ends. A panic is logged, once in full, and the watching begins anew, as in
// [reader.run]: the kills are read on meanwhile.
func (w *warner) run(ctx context.Context) {
	defer close(w.ended)
	for w.runOnce(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

func (w *warner) runOnce(ctx context.Context) (panicked bool) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if !w.panicked {
			w.log(filter.LevelError, fmt.Sprintf("this is a defect of the plugin, please report it; the watching begins anew: %v\n%s", p, debug.Stack()))
		}
		w.panicked, panicked = true, true
	}()
	_ = w.Run(ctx, w.emit) // its only error is that of emit
	return false
}

// emit gives a warning to the queue.
func (w *warner) emit(_ context.Context, r *parser.Record) error {
	w.push(warningEvent{filter.AppendRecord(nil, logevent.AppendTimestamp(nil, r.Time), r, w.format), r})
	return nil
}

// push gives the queue a warning, and says how many were dropped, unless too much was said of late.
func (w *warner) push(e warningEvent) {
	if w.unsaid += w.queue.warn(e); w.unsaid == 0 {
		return
	}
	w.burst.Pass(func(int) {
		w.log(filter.LevelWarn, fmt.Sprintf("%d warnings were dropped, the oldest: Fluent Bit takes nothing, and only the newest %d KiB wait", w.unsaid, maxWarnings>>10))
		w.unsaid = 0
	})
}
