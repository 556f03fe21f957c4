// SPDX-License-Identifier: Apache-2.0

// Package input is the Fluent Bit input oom_kill without Fluent Bit: it reads this machine's kernel
// log, and makes log events of its OOM kills, in batches that are kept until the host has taken
// them. Where that is set it watches the machine as well, and makes events of what comes before
// kills.
//
// What the host has not taken yet is bounded. Beyond that, and while the host pauses, nothing is
// read: the kernel's ring is the buffer, and what it overwrites is counted. The cursor never passes
// a report that is open, nor an event that the host has not taken, so that a restart loses nothing.
// A warning is not in the log: it moves no cursor, and while the host takes nothing the oldest ones
// are dropped, and counted.
package input

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/killcount"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/statefile"
	"github.com/oomtrail/oomtrail/parser"
)

// exitPatience is how long [Input.Exit] waits for a disk, or for files that names are read from.
const exitPatience = 5 * time.Second

// reportTimeout is the silence after which an open report is closed.
const reportTimeout = 10 * time.Second

// Input is one instance of the input. Its methods may be called from any thread, and wait for
// nothing, but for [Input.Exit].
type Input struct {
	name     string
	settings Settings
	log      filter.Logger
	queue    *queue
	reader   *reader
	keeper   *keeper
	warner   *warner // nil for none
	cancel   context.CancelFunc
	ended    chan struct{} // closed when the reading has ended
}

// Metrics are what an instance counted since it was asked last, and what it holds.
type Metrics struct {
	// Kills are the kills of records that the host has taken.
	Kills []killcount.Count
	// Warnings are the warnings that the host has taken, by oom.warning.cause.
	Warnings map[string]uint64
	// HeldBackWarnings are those beyond the cap per minute, which may come later, DroppedWarnings
	// those that were dropped while the host took nothing.
	HeldBackWarnings, DroppedWarnings uint64
	// LostRecords are lines of the kernel that were overwritten before they were read.
	LostRecords uint64
	// RefusedBatches are the times that the host has not taken a batch.
	RefusedBatches uint64
	// OpenReports are the reports that more lines are awaited of.
	OpenReports int
}

// Start makes the instance that the host calls name, and begins to read. The error says what is
// wrong, a line for each setting. wake is called by any goroutine when [Input.Batch] has something
// new, and not after [Input.Exit]; it must call no method of the instance.
func Start(name, build string, get func(key string) string, given []string, log filter.Logger, wake func()) (*Input, error) {
	s, err := ParseSettings(get, given)
	if err != nil {
		return nil, err
	}
	return start(name, build, s, kmsg.ThisHost(), log, wake)
}

// start is Start on a machine.
func start(name, build string, s Settings, host kmsg.Host, log filter.Logger, wake func()) (*Input, error) {
	options, unnamed := s.options(environment)
	options.ReportTimeout = reportTimeout
	i := &Input{name: name, settings: s, log: log, ended: make(chan struct{})}
	saved, file, err := i.open(host.BootID())
	if err != nil {
		return nil, err
	}
	if s.Warnings {
		i.warner = i.newWarner(options)
	}
	if i.warner != nil {
		options.Warned = i.warner.Warned
	}
	if err := i.begin(options, host, saved, file, wake); err != nil {
		if file != nil {
			file.Close()
		}
		cursors.drop(name, s.Cursor)
		if s.Cursor == "" && saved != nil { // for one that starts
			reloads.keep(instanceKey{name, s.Path}, saved)
		}
		if i.warner != nil {
			watchings.keep(name, i.warner.watching)
		}
		return nil, err
	}
	if options.HostName == "" {
		log(filter.LevelWarn, "Host_Name is not set, and in a container the machine's own name is not known: the records have no host.name; set Host_Name, or NODE_NAME in the environment")
	}
	if unnamed != nil {
		log(filter.LevelWarn, unnamed.Error())
	}
	for _, key := range s.idle() {
		log(filter.LevelWarn, key+" is of no use while Warnings is off: set Warnings on, or leave it out")
	}
	s.Records.HostName = options.HostName // which may be the machine's own
	log(filter.LevelInfo, "version "+build+": "+s.String())
	return i, nil
}

// newWarner returns what warns before kills, nil where the root directory has no running machine.
func (i *Input) newWarner(options parser.Options) *warner {
	s := i.settings
	w := watchings.take(i.name)
	if w == nil || w.settings != s.String() {
		o := s.warnings(options)
		if err := o.System.Check(); err != nil {
			i.log(filter.LevelError, fmt.Sprintf("Root_Path %q: nothing is warned of, the kills are read all the same: %v", s.Records.RootPath, err))
			return nil
		}
		w = newWatching(o, s)
	}
	return newWarner(w, s.Records.Format, i.log)
}

// begin begins to read where saved says, nil for the oldest line.
func (i *Input) begin(options parser.Options, host kmsg.Host, saved *place, file *statefile.File, wake func()) error {
	r, err := newReader(i.settings, options, host, saved, i.log)
	if err != nil {
		return err
	}
	if i.keeper, err = startKeeper(i.settings.Cursor, file, r.place(), i.log); err != nil {
		r.kmsg.Close()
		return err
	}
	i.reader = r
	i.queue = newQueue(wake, i.keeper.keep)
	r.queue = i.queue
	var ctx context.Context
	ctx, i.cancel = context.WithCancel(context.Background())
	go i.run(ctx)
	if i.warner != nil {
		i.warner.queue = i.queue
		for _, w := range i.warner.waiting {
			i.queue.warn(w)
		}
		go i.warner.run(ctx)
	}
	return nil
}

// run reads until ctx ends.
func (i *Input) run(ctx context.Context) {
	defer close(i.ended)
	done := i.reader.run(ctx)
	i.reader.sayLost()
	if done {
		i.queue.cover(i.reader.place())
	}
	i.reader.kmsg.Close()
	i.reader.leave()
}

// open reads where to go on, nil for the oldest line, and opens the file of the cursor, nil for
// none. boot is the id of the running boot.
func (i *Input) open(boot string) (saved *place, file *statefile.File, err error) {
	path := i.settings.Cursor
	if path == "" {
		if saved = reloads.take(instanceKey{i.name, i.settings.Path}); saved == nil {
			i.log(filter.LevelWarn, "no Cursor is set: each start reads all that the kernel still has, and the kills of this boot come again, with the same log.record.uid; "+
				"set it to a file, as in Cursor /var/lib/fluent-bit/oom_kill.cursor")
		}
		return saved, nil, nil
	}
	if other, taken := cursors.add(i.name, path); taken {
		return nil, nil, fmt.Errorf("Cursor %q: the instance %s uses it, too: name another file", path, other)
	}
	file, b, err := statefile.Open(path)
	if err == nil && b != nil {
		saved, err = i.restore(b, boot)
	}
	if err != nil {
		if file != nil {
			file.Close()
		}
		cursors.drop(i.name, path)
		return nil, nil, fmt.Errorf("Cursor %q: %w", path, err)
	}
	return saved, file, nil
}

// restore reads a cursor. One that says nothing of this boot is none, and that is said.
func (i *Input) restore(b []byte, boot string) (*place, error) {
	p, err := decodePlace(b)
	switch {
	case errors.Is(err, errTorn):
		i.log(filter.LevelWarn, fmt.Sprintf("Cursor %q is torn: all that the kernel still has is read, and what came before comes again, with the same log.record.uid", i.settings.Cursor))
		return nil, nil
	case err != nil:
		return nil, err
	case boot == "":
		i.log(filter.LevelWarn, fmt.Sprintf("Cursor %q: the id of this boot cannot be read, so that it may be another boot's: all that the kernel still has is read; make /proc/sys/kernel/random/boot_id visible here", i.settings.Cursor))
		return nil, nil
	case !p.IsOf(boot):
		i.log(filter.LevelInfo, fmt.Sprintf("Cursor %q is of another boot: all of this boot's log is read; what the last one's said after the cursor, only the journal has", i.settings.Cursor))
		return nil, nil
	}
	return &p, nil
}

// Within puts the instance under a budget that it shares with others.
func (i *Input) Within(b *parser.Budget) { i.reader.within(b, i.settings.Records.MaxMemory) }

// Batch returns the events to append now, nil for none. It returns the same bytes until
// [Input.Done]; they are not to be changed.
func (i *Input) Batch() []byte { return i.queue.batch() }

// Done says whether the host has taken the batch. One that it has not is given again.
func (i *Input) Done(accepted bool) { i.queue.done(accepted) }

// Pause stops the reading of the log until [Input.Resume]: the kernel keeps what comes, as long as
// its ring has room.
func (i *Input) Pause() { i.queue.pause(true) }

// Resume goes on with the reading.
func (i *Input) Resume() { i.queue.pause(false) }

// Metrics returns what was counted since it was called last.
func (i *Input) Metrics() Metrics {
	m := Metrics{LostRecords: i.reader.lost.Swap(0), OpenReports: int(i.reader.open.Load())}
	i.queue.take(&m)
	if i.warner != nil {
		m.HeldBackWarnings = i.warner.heldBack()
	}
	return m
}

// Exit ends the instance, and saves its cursor. A report that is open gives no record: the next
// start reads it again, whole. An instance of the same name that follows in this process, as with a
// hot reload, goes on where this one was, also without a cursor.
func (i *Input) Exit() {
	i.queue.close()
	i.cancel()
	patience, cancel := context.WithTimeout(context.Background(), exitPatience)
	defer cancel()
	i.await(patience, i.ended, "reading the kernel log", "after a restart records may come again, with the same log.record.uid")
	i.keeper.close()
	i.await(patience, i.keeper.ended, "saving the cursor", "after a restart records may come again, with the same log.record.uid")
	if i.warner != nil {
		i.await(patience, i.warner.ended, "watching the machine", "it keeps what it has open")
		i.keepWatching()
	}
	if i.settings.Cursor == "" {
		place := i.keeper.place()
		reloads.keep(instanceKey{i.name, i.settings.Path}, &place)
	}
	cursors.drop(i.name, i.settings.Cursor)
}

// keepWatching keeps the watching that has ended, for a reload.
func (i *Input) keepWatching() {
	select {
	case <-i.warner.ended:
	default: // it is left to itself
		return
	}
	w := i.warner.watching
	if w.waiting = i.queue.waiting(); len(w.waiting) > 0 {
		i.log(filter.LevelWarn, fmt.Sprintf("%d warnings were not taken: they are gone, unless this is a reload with the same settings", len(w.waiting)))
	}
	watchings.keep(i.name, w)
}

// await waits for an end, but not for ever.
func (i *Input) await(patience context.Context, end <-chan struct{}, what, follows string) {
	select {
	case <-end:
	case <-patience.Done():
		i.log(filter.LevelError, what+" does not end, and is left to itself; "+follows)
	}
}
