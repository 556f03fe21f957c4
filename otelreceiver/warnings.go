// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// watching is a watcher, and what it is of: another needs a watcher of its own.
type watching struct {
	*warning.Watcher
	of     watchedMachine
	logger atomic.Pointer[zap.Logger] // of the receiver that runs it
}

// watchedMachine is a machine, how it is watched, and how its warnings are written.
type watchedMachine struct {
	root, settings string
	host           hostIdentity
	names          bool
}

// endedWatchings holds the watchers that have ended, one for each receiver. A reload of the
// configuration, which ends each receiver and starts it again, goes on with it: a cause is not
// warned of twice, and a kill after the reload names the warning before it.
var endedWatchings sync.Map // of watchings, by component.ID

// newWatching returns what warns before a kill, nil where nobody asks for it or nobody would get
// it. The names are found as those of kills are.
func (r *oomReceiver) newWatching(o *parser.Options) *watching {
	was, _ := endedWatchings.LoadAndDelete(r.set.ID)
	if !r.cfg.Warnings.Enabled {
		return nil
	}
	if r.nextLogs == nil {
		r.set.Logger.Warn("warnings: true: a warning is a log record, and this receiver is in no logs pipeline: add it to one, or set warnings::enabled to false")
		return nil
	}
	of := watchedMachine{r.cfg.RootPath, fmt.Sprintf("%#v", r.cfg.Warnings), hostIdentity{o.HostName, o.HostID}, o.Names != nil}
	w, _ := was.(*watching)
	if w == nil || w.of != of {
		w = &watching{of: of}
		w.Watcher = warning.New(warning.Options{
			System: systemOf(r.cfg.RootPath), Settings: r.cfg.Warnings.settings(), Names: o.Names,
			HostName: o.HostName, HostID: o.HostID,
			Key:  func(key string) string { return "warnings::" + key },
			Note: func(note string) { w.logger.Load().Warn(note) },
		})
	}
	w.logger.Store(r.set.Logger)
	return w
}

// watch warns until ctx ends.
func (r *oomReceiver) watch(ctx context.Context, w *watching) {
	_ = w.Run(ctx, r.pushWarning) // which never fails
	endedWatchings.Store(r.set.ID, w)
}

// warnedBy returns what a kill's warning is found by, nil where the log may be another machine's.
func (c *Config) warnedBy(w *watching) func(limit, victim string, at time.Time) (id string, lead time.Duration) {
	if w == nil || !c.readsThisMachine() {
		return nil
	}
	return w.Warned
}

// pushWarning queues a warning. It has no checkpoint: it stands in no log, so that it covers
// nothing that was read, and reading again does not bring it back. It takes no room from kills: a
// quarter of the queue is kept for them, and a warning that finds no room is left out at once. To
// wait would help nobody, since what it warns of does not wait either.
func (r *oomReceiver) pushWarning(ctx context.Context, w *record.Record) error {
	it := item{record: w, unlogged: true, observed: time.Now(), size: sizeOf(w)}
	if !r.queue.tryPush(it, r.queue.limit/4*3) {
		r.telemetry.ReceiverOomKillDroppedWarnings.Add(ctx, 1, r.own...)
		r.set.Logger.Warn("a warning was left out, since too much waits for the next component to accept it: "+w.Body,
			zap.Strings("log.record.uid", uidsOf([]item{it})))
	}
	return nil
}

// observeHeldBack counts the warnings beyond per_minute.
func (r *oomReceiver) observeHeldBack(_ context.Context, o metric.Int64Observer) error {
	var n int64
	if w := r.warnings.Load(); w != nil {
		n = w.Suppressed()
	}
	o.Observe(n, ownAttribute(r.set.ID))
	return nil
}
