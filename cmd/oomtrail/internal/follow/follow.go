// SPDX-License-Identifier: Apache-2.0

// Package follow prints the kills of this machine as they happen, and what warns before them: it
// reads the live kernel log, or the journal. With a state it loses none over a restart, and repeats
// none but after a crash: the state moves on only once the output has taken the records, and never
// past a report that is open.
package follow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/statefile"
	"github.com/oomtrail/oomtrail/parser"
)

// Options are the settings of [Run].
type Options struct {
	// Source is where the lines are read: one of [SourceNames]. Auto, also where it is empty, is
	// kmsg where the device can be opened, else the journal.
	Source string
	// Device is the kernel log device, Host the machine; [kmsg.Path] and [kmsg.ThisHost] where they
	// are not set.
	Device string
	Host   kmsg.Host
	// Journal is how journalctl is called.
	Journal journalctl.Command
	// State is the path of the file that keeps what was printed, "" for none.
	State string
	// Boot begins with the running boot's oldest line, and a Since that is not zero with what was
	// written from then on, where no State says where to go on. Else only what comes is printed.
	Boot  bool
	Since time.Time
	// Parser are the settings of the parser.
	Parser parser.Options
	// Warn warns before a kill until ctx ends: it gives each warning to emit, which is printed as a
	// kill is and leaves no trace in the state. It returns nil when ctx has ended, else the error
	// of emit. It is called once, by a goroutine of its own. Nil warns of nothing.
	Warn func(ctx context.Context, emit func(context.Context, *parser.Record) error) error
	// Keep says which records are printed; nil prints all.
	Keep func(*parser.Record) bool
	// Append adds a record to the output, with a newline; nil adds a line of JSON. Lines says that
	// what it adds is one line of which a program reads the whole.
	Append func([]byte, *parser.Record) []byte
	Lines  bool
	// Out takes the records, one Write for those of one line of the log.
	Out io.Writer
	// Note says something to a person, in one line without a newline. Several goroutines call it.
	Note func(string)
}

// The sources.
const (
	SourceAuto    = "auto"
	SourceKmsg    = "kmsg"
	SourceJournal = "journal"
)

// SourceNames are the values of Options.Source.
func SourceNames() []string { return []string{SourceAuto, SourceKmsg, SourceJournal} }

// stateInterval is how often the state moves on while nothing is printed: what it is behind is read
// again after a restart, and printed never.
const stateInterval = 10 * time.Second

// log is a live log with a cursor.
type log interface {
	Run(ctx context.Context) error
	Close()
}

// follower is a livelog.Handler that prints.
type follower struct {
	options Options
	stream  *livelog.Stream
	log     log
	// source is what log is; cursor puts its cursor into a state.
	source string
	cursor func(*state)
	file   *statefile.File // nil for no state
	// saved is when the state was saved last; unsaved is set while that fails.
	saved   time.Time
	unsaved bool
	// lost counts records that were overwritten and that nothing was said of yet.
	lost uint64
	// resumed is set where a state said where to go on, crashed where the process that wrote it was
	// killed.
	resumed, crashed bool
	trouble          string // what is wrong with the log, "" for nothing
	// printing is held while something is printed: kills and warnings come from a goroutine each.
	printing sync.Mutex
	buf      []byte
}

// Run prints until ctx ends, or the reader of the output is gone, and then returns nil. What is
// open by then it prints, incomplete as it is; the state does not pass it, so that the next start
// with this state prints it whole. Where nobody reads the output, it gives that up: [ErrUnread].
func Run(ctx context.Context, o Options) error {
	f := &follower{options: o.withDefaults(), saved: time.Now()}
	f.options.Out = &patient{ctx: ctx, out: o.Out}
	defer f.closeState()
	if err := f.open(); err != nil {
		return err
	}
	defer f.log.Close()
	if err := f.save(); err != nil {
		return fmt.Errorf("--state: %q: %w", o.State, err)
	}
	err := f.endTornLine()
	if err == nil {
		err = f.watch(ctx)
	}
	if err == nil {
		err = f.end()
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // who read the records has ended
	}
	return err
}

// watch reads the log, and warns meanwhile. Where one of both fails the other ends, too.
func (f *follower) watch(ctx context.Context) error {
	if f.options.Warn == nil {
		return f.log.Run(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var failed, ended error
	warned := make(chan struct{})
	go func() {
		defer close(warned)
		defer stop()
		ended = f.options.Warn(ctx, func(_ context.Context, r *parser.Record) error {
			failed = f.write(r)
			return failed
		})
	}()
	err := f.log.Run(ctx)
	stop()
	<-warned
	return cmp.Or(err, failed, ended)
}

func (o Options) withDefaults() Options {
	if o.Device == "" {
		o.Device = kmsg.Path
	}
	if o.Host.Open == nil {
		o.Host = kmsg.ThisHost()
	}
	if o.Append == nil {
		o.Lines = true
		o.Append = func(b []byte, r *parser.Record) []byte {
			return append(append(b, plain.EscapeJSON(r.AppendJSON(nil))...), '\n')
		}
	}
	return o
}

// open reads the state and opens the log.
func (f *follower) open() error {
	var saved *state
	if f.options.State != "" {
		file, b, err := statefile.Open(f.options.State)
		if err == nil {
			f.file = file
			saved, err = f.decode(b)
		}
		if err != nil {
			return fmt.Errorf("--state: %q: %w", f.options.State, err)
		}
		f.resumed = saved != nil
	}
	f.crashed = saved != nil && saved.Running
	return f.openLog(saved)
}

// openLog opens the log of the source that the options name.
func (f *follower) openLog(saved *state) error {
	switch f.options.Source {
	case SourceKmsg:
		return f.openKmsg(saved, "--source journal")
	case SourceJournal:
		return f.openJournal(saved)
	case SourceAuto, "":
		return f.openEither(saved)
	}
	return fmt.Errorf("--source: unknown source %q: use %s", f.options.Source, enum.Or(SourceNames()))
}

// openEither opens the log that the state is of, else the kernel's, else the journal.
func (f *follower) openEither(saved *state) error {
	if saved != nil && saved.Source == SourceJournal && f.openJournal(saved) == nil {
		return nil
	}
	first := f.openKmsg(saved, "")
	if first == nil {
		return nil
	}
	if err := f.openJournal(saved); err != nil {
		return fmt.Errorf("%w; the journal cannot be read either: %w", first, err)
	}
	f.options.Note(fmt.Sprintf("%v: reading the journal instead", first))
	return nil
}

func (f *follower) openKmsg(saved *state, useJournal string) error {
	o := &f.options
	saved, note := f.ofSource(saved, SourceKmsg)
	opt := kmsg.Options{
		Path: o.Device, Host: o.Host, Beginning: saved != nil || o.Boot || !o.Since.IsZero(),
		UseJournal: useJournal, UseFile: "oomtrail " + o.Device,
	}
	if saved != nil && saved.Kmsg != nil {
		opt.Cursor = saved.Kmsg
		if !opt.Cursor.IsOf(o.Host.BootID()) {
			note = fmt.Sprintf("--state: %q is of another boot: all of this boot's log is read", o.State)
		}
	}
	if err := f.newStream(saved, parser.TrustedKmsg.String()); err != nil {
		return err
	}
	log, err := kmsg.Open(opt, f)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", o.Device, err)
	}
	f.opened(log, SourceKmsg, note)
	f.stream.Anew(log.Position())
	f.cursor = func(s *state) {
		if c, ok := log.Cursor(); ok {
			s.Kmsg = &c
		}
	}
	return nil
}

func (f *follower) openJournal(saved *state) error {
	o := &f.options
	cursor := journalctl.Cursor{Since: time.Now()}
	switch {
	case !o.Since.IsZero():
		cursor.Since = o.Since
	case o.Boot:
		cursor.Since = booted()
	}
	saved, note := f.ofSource(saved, SourceJournal)
	if saved != nil {
		cursor = journalctl.Cursor{}
		if saved.Journal != nil {
			cursor = *saved.Journal
		}
	}
	if err := f.newStream(saved, parser.TrustedJournald.String()); err != nil {
		return err
	}
	complaints := limited{note: func(text string) { o.Note("journalctl says: " + text) }}
	log, err := journalctl.Open(journalctl.Options{
		Command: o.Journal, Cursor: cursor, Pause: journalctl.PassPause, Start: journalctl.Start, Complain: complaints.say,
	}, f)
	if err != nil {
		return fmt.Errorf("cannot run journalctl: %w: install systemd's journalctl, or use --source kmsg", err)
	}
	f.opened(log, SourceJournal, note)
	if !o.Journal.Shows("_TRANSPORT=kernel") {
		o.Note("the journal shows no line of the kernel: if this user may not read it, run follow as root or in the group systemd-journal")
	}
	f.cursor = func(s *state) {
		c := log.Cursor()
		s.Journal = &c
	}
	return nil
}

// opened notes which log was opened.
func (f *follower) opened(l log, source, note string) {
	f.log, f.source = l, source
	if note != "" {
		f.options.Note(note)
	}
}

func (f *follower) newStream(saved *state, source string) error {
	o := f.options.Parser
	o.Source = source
	var printed []string
	if saved != nil {
		printed = saved.Printed
	}
	var err error
	f.stream, err = livelog.NewStream(o, printed)
	return err
}

// Line implements livelog.Handler.
func (f *follower) Line(_ context.Context, l *format.Line, next int64) error {
	return f.print(f.stream.Feed(l, next, time.Now()))
}

// Pending implements livelog.Handler.
func (f *follower) Pending() (int64, bool) { return f.stream.Pending() }

// Tick implements livelog.Handler.
func (f *follower) Tick(_ context.Context, idle bool) error {
	f.sayLost()
	now := time.Now()
	if err := f.print(f.stream.Tick(now, idle)); err != nil {
		return err
	}
	if now.Sub(f.saved) >= stateInterval {
		f.saved = now
		f.keep()
	}
	return nil
}

// Trouble implements livelog.Handler.
func (f *follower) Trouble(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != f.trouble && text != "" {
		f.options.Note("the log cannot be read, trying again: " + text)
	}
	f.trouble = text
}

// Lost implements livelog.Handler.
func (f *follower) Lost(n uint64) { f.lost += n }

// sayLost says how many records were lost since it was called last.
func (f *follower) sayLost() {
	if f.lost > 0 {
		f.options.Note(fmt.Sprintf("%d lines of the kernel log were overwritten before they were read: a kill among them is missing", f.lost))
		f.lost = 0
	}
}

// Anew implements livelog.Handler.
func (f *follower) Anew(why string, next int64) {
	f.options.Note(why)
	f.stream.Anew(next)
}

// print writes records, and moves the state on once that is done.
func (f *follower) print(records []*parser.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := f.write(records...); err != nil {
		return err
	}
	f.keep()
	return nil
}

// write writes records.
func (f *follower) write(records ...*parser.Record) error {
	f.printing.Lock()
	defer f.printing.Unlock()
	f.buf = f.buf[:0]
	for _, r := range records {
		if f.keeps(r) {
			f.buf = f.options.Append(f.buf, r)
		}
	}
	if len(f.buf) == 0 {
		return nil
	}
	if _, err := f.options.Out.Write(f.buf); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

// endTornLine ends the line that a process that was killed may have left unfinished.
func (f *follower) endTornLine() error {
	if !f.crashed || !f.options.Lines {
		return nil
	}
	if _, err := f.options.Out.Write([]byte{'\n'}); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

// keeps reports whether a record is printed.
func (f *follower) keeps(r *parser.Record) bool {
	if !r.Time.IsZero() && r.Time.Before(f.options.Since) && !f.resumed {
		return false
	}
	return f.options.Keep == nil || f.options.Keep(r)
}

// end ends the reading: the state is saved, and what is open is printed.
func (f *follower) end() error {
	f.sayLost()
	_, open := f.stream.Pending()
	if f.file != nil {
		s := f.state()
		s.Running = false
		f.keepState(s)
	}
	records := f.stream.End()
	if err := f.write(records...); err != nil {
		return err
	}
	switch {
	case !open || len(records) == 0:
	case f.file != nil:
		f.options.Note("stopped before the log had said all of what was printed last: the next start with this --state prints it whole")
	default:
		f.options.Note("stopped before the log had said all of what was printed last")
	}
	return nil
}
