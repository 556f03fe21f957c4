// SPDX-License-Identifier: Apache-2.0

// Package warning warns before the kernel has to kill: it watches how this machine and its cgroups
// stand with their memory, and makes a record of each warning, oom.warning.
package warning

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// Options are what a [Watcher] needs.
type Options struct {
	// System is the machine.
	System watch.System
	// Settings are what the user chose.
	Settings Settings
	// Names finds names of workloads; nil finds none.
	Names func(report.Workload) report.Names
	// HostName and HostID go into the records.
	HostName, HostID string
	// Key is how the user has to spell a setting, such as cgroups: see [Wrong.Key]. Nil is that
	// key.
	Key func(string) string
	// Note says something to a person, in one line without a newline: what cannot be watched, why,
	// and what to do. It says each thing once, but what was held back every ten minutes at most,
	// and at the end. It is called by the goroutine of Run.
	Note func(string)
	// Now is the clock; nil is the machine's.
	Now func() time.Time
}

// Watcher watches a machine. Its methods may be called by several goroutines.
type Watcher struct {
	options    Options
	suppressed atomic.Int64
	// policy is that of the last run, nil where there was none, or where it panicked.
	policy *Policy
	// said has what was noted, by its key.
	said    map[string]bool
	records *recorder
	given   warnings
}

// New returns a watcher that does nothing yet. It has no error that the settings are not: what the
// machine does not have it says by Note, and the rest works.
func New(o Options) *Watcher {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Key == nil {
		o.Key = func(key string) string { return key }
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	return &Watcher{options: o, said: map[string]bool{}, records: newRecorder(o)}
}

// Run watches until ctx ends, and gives each warning to emit, one at a time. While emit works,
// nothing is looked at. It returns nil when ctx has ended, else the error of emit. It may be called
// again after that, and goes on with what it knew.
func (w *Watcher) Run(ctx context.Context, emit func(context.Context, *record.Record) error) error {
	r := newRun(w, func(f *Finding) error { return emit(ctx, w.record(f)) })
	defer r.close()
	if err := w.options.System.Check(); err != nil {
		r.note("system", "nothing is warned of: "+err.Error())
		<-ctx.Done()
		return nil
	}
	r.start()
	err := r.loop(ctx)
	r.leave()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Suppressed is how many warnings were held back by the cap per minute. It never falls.
func (w *Watcher) Suppressed() int64 { return w.suppressed.Load() }
