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
	"github.com/oomtrail/oomtrail/parser"
)

// watcher is what a warner runs: a [warning.Watcher].
type watcher interface {
	Run(ctx context.Context, emit func(context.Context, *parser.Record) error) error
	Warned(limit, victim string, at time.Time) (id string, lead time.Duration)
	Suppressed() int64
}

// warner gives the queue an event of each warning before a kill.
type warner struct {
	begin  func() watcher
	format form.Format
	log    filter.Logger
	queue  *queue
	ended  chan struct{} // closed when it has ended

	current  atomic.Pointer[watching]
	panicked bool
}

// watching is a watcher.
type watching struct {
	watcher
	// before is how many warnings those before it have suppressed, taken how many of all of them
	// the metrics have.
	before int64
	taken  *atomic.Int64
}

// newWarner returns one that does nothing until [warner.run]. begin makes the watcher.
func newWarner(begin func() watcher, format form.Format, log filter.Logger) *warner {
	w := &warner{begin: begin, format: format, log: log, ended: make(chan struct{})}
	w.current.Store(&watching{watcher: begin(), taken: new(atomic.Int64)})
	return w
}

// warned is the function that the parser asks for the warning before a kill.
func (w *warner) warned(limit, victim string, at time.Time) (id string, lead time.Duration) {
	return w.current.Load().Warned(limit, victim, at)
}

// suppressed returns how many warnings were held back since it was called last.
func (w *warner) suppressed() uint64 {
	c := w.current.Load()
	all := c.before + c.Suppressed()
	return uint64(max(all-c.taken.Swap(all), 0))
}

// run warns until ctx ends. A panic is logged, once in full, and a new watcher begins, as in
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
			w.log(filter.LevelError, fmt.Sprintf("this is a defect of the plugin, please report it; it watches anew, and has forgotten the warnings before: %v\n%s", p, debug.Stack()))
		}
		w.panicked, panicked = true, true
		old := w.current.Load()
		w.current.Store(&watching{watcher: w.begin(), before: old.before + old.Suppressed(), taken: old.taken})
	}()
	_ = w.current.Load().Run(ctx, w.emit) // its only error is that of emit
	return false
}

// emit gives a warning to the queue.
func (w *warner) emit(_ context.Context, r *parser.Record) error {
	w.queue.warn(filter.AppendRecord(nil, logevent.AppendTimestamp(nil, r.Time), r, w.format), r)
	return nil
}
