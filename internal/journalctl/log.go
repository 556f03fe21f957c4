// SPDX-License-Identifier: Apache-2.0

// Package journalctl reads the journal as it goes on, through journalctl, whose output is stable
// where the journal's files are not. It resumes at a [Cursor], over boots and rotations, and starts
// the command again where it ends.
package journalctl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/livelog"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	// cursorTries is how often journalctl may refuse a cursor before the journal is read from its
	// beginning.
	cursorTries = 3
	// PassPause is how long a [Log] waits between two passes over files, at least. It also waits
	// passShare times as long as the last pass took, so that many or large files cost a share of
	// one processor that is known.
	PassPause    = 2 * time.Second
	passPauseMax = time.Minute
	passShare    = 20
)

var (
	// errEnded says that the command ended although it was called to follow.
	errEnded = errors.New("journalctl ended")
	// errOtherBoot says that the followed boot is not the one that the pass before ended in.
	errOtherBoot = errors.New("the journal has a newer boot")
)

// Options says what a [Log] reads, and from where on.
type Options struct {
	// Command is how journalctl is called.
	Command Command
	// Cursor is where to begin; the zero value is the journal's beginning.
	Cursor Cursor
	// Pause is how long to wait between two passes over files: [PassPause] but in tests.
	Pause time.Duration
	// Start starts the command: [Start] but in tests.
	Start func(c *Command, args []string, complain func(string)) (Process, error)
	// Complain hears what journalctl complains of, by another goroutine.
	Complain func(text string)
}

// Log reads the journal. It is for one goroutine.
//
// From systemd 250 on, --follow shows the newest boot only, whatever the cursor or --boot=all asks
// for. So each start of the command without --follow is a pass: it prints all boots from the cursor
// on and ends. After a pass over this machine's own journal the Log follows, since the newest boot
// is then the running one. Files and directories may grow by other boots and other machines'
// journals; of these it makes one pass after another.
//
// The command begins at the last entry that was read, and that entry is left out here.
// --after-cursor would leave out the next one when the journal no longer has it.
type Log struct {
	options Options
	handler livelog.Handler
	decoder *format.Decoder
	process Process
	// following is whether the running command follows; else it makes a pass.
	following bool
	// resumed is the cursor that the running command began at, "" once its first entry has come.
	resumed string
	// last is the cursor of the newest entry that was read, "" for none.
	last string
	// next is the position of the next entry: how many were read.
	next int64
	// marks are the cursors behind the positions, oldest first.
	marks []cursorMark
	// entries counts new entries of the running command; refused counts commands in a row that gave
	// none.
	entries, refused int
	// since is when reading began at the end of the journal; entries before it are left out. Zero
	// for all of it.
	since time.Time
}

// Open starts the command for a handler.
func Open(o Options, h livelog.Handler) (*Log, error) {
	j := &Log{options: o, handler: h, last: o.Cursor.Cursor, since: o.Cursor.Since}
	j.decoder = format.NewDecoder(report.JournalJSON).Trust(report.SourceJournald)
	j.marks = []cursorMark{{position: 0, cursor: j.last}}
	if err := j.launch(); err != nil {
		return nil, err
	}
	return j, nil
}

// launch starts the command at the last entry that was read.
func (j *Log) launch() error {
	c := &j.options.Command
	process, err := j.options.Start(c, c.args(j.following, j.last, j.since), j.options.Complain)
	if err != nil {
		return err
	}
	j.process, j.resumed, j.entries = process, j.last, 0
	return nil
}

// Close ends the command.
func (j *Log) Close() {
	if j.process != nil {
		_ = j.process.Stop() // it is wanted
		j.process = nil
	}
}

// Run reads until ctx ends, and then returns nil, or until the handler returns an error, and then
// returns that. What it cannot read it tries again.
func (j *Log) Run(ctx context.Context) error {
	retry := livelog.NewBackOff()
	for {
		began := time.Now()
		wasFollowing := j.following
		trouble, ended := j.runCommand(ctx)
		if ctx.Err() != nil || ended != nil {
			return ended
		}
		if j.entries > 0 {
			retry.Reset()
		}
		// After a pass over this machine's journal follow it; after anything else make a pass.
		j.following = trouble == nil && !wasFollowing && j.options.Command.OwnJournal()
		pause := time.Duration(0)
		switch {
		case trouble != nil && !errors.Is(trouble, errOtherBoot):
			j.handler.Trouble(trouble)
			j.doubtCursor(trouble)
			pause = retry.NextBackOff()
		case trouble == nil && !j.following: // a pass over files
			retry.Reset()
			j.handler.Trouble(nil)
			if err := j.handler.Tick(ctx, true); err != nil {
				return err
			}
			pause = max(j.options.Pause, min(passShare*time.Since(began), passPauseMax))
		}
		if pause > 0 {
			if err := livelog.Pause(ctx, pause, j.handler); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// runCommand reads all that one command prints. It returns no trouble at the end of a pass; ended
// is the handler's error.
func (j *Log) runCommand(ctx context.Context) (trouble, ended error) {
	if j.process == nil {
		if err := j.launch(); err != nil {
			return err, nil
		}
	}
	trouble, ended = j.read(ctx)
	if ctx.Err() != nil || ended != nil {
		return nil, ended // Close stops the command
	}
	process := j.process
	j.process = nil
	switch {
	case errors.Is(trouble, errOtherBoot):
		_ = process.Stop() // it is wanted
		return trouble, nil
	case !errors.Is(trouble, io.EOF):
		return errors.Join(trouble, process.Stop()), nil
	case j.following:
		return errors.Join(errEnded, process.Stop()), nil
	}
	return process.Finish(), nil
}

// doubtCursor gives a cursor up that journalctl cannot go to, time after time: the journal it
// points into is gone.
func (j *Log) doubtCursor(err error) {
	if j.entries > 0 || j.last == "" || !strings.Contains(err.Error(), "cursor") {
		j.refused = 0
		return
	}
	if j.refused++; j.refused >= cursorTries {
		j.handler.Anew(fmt.Sprintf("the place where reading stopped, %s, is gone from the journal, so that all of it is read", j.last), j.next)
		j.last, j.since, j.refused = "", time.Time{}, 0
	}
}

// read feeds what the command prints until that ends, which is io.EOF, or something goes wrong.
func (j *Log) read(ctx context.Context) (trouble, ended error) {
	process := j.process
	stop := context.AfterFunc(ctx, func() { _ = process.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	lines := scan.NewReader(process, 0)
	lastTick, healthy := time.Now(), !j.following
	for {
		if err := process.SetReadDeadline(time.Now().Add(livelog.TickInterval)); err != nil {
			return err, nil
		}
		if ctx.Err() != nil { // its end may have set a deadline before ours
			return nil, nil
		}
		err := lines.Fill()
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return err, nil
		case err == nil:
			if trouble, ended := j.takeLines(ctx, lines); trouble != nil || ended != nil {
				return trouble, ended
			}
		}
		if !healthy { // it follows, with or without entries
			healthy = true
			j.handler.Trouble(nil)
		}
		if now := time.Now(); err != nil || now.Sub(lastTick) >= livelog.TickInterval {
			lastTick = now
			// In a pass, silence says only that journalctl is still looking.
			if err := j.handler.Tick(ctx, err != nil && j.following); err != nil {
				return nil, err
			}
		}
	}
}

// takeLines takes the complete entries that were read.
func (j *Log) takeLines(ctx context.Context, lines *scan.Reader) (trouble, ended error) {
	block := lines.Lines()
	for line := range bytes.Lines(block) {
		if trouble, ended = j.take(ctx, line[:len(line)-1]); trouble != nil || ended != nil {
			return trouble, ended
		}
	}
	lines.Consume(len(block))
	if len(lines.Unread()) > scan.MaxLine {
		lines.Drop()
	}
	return nil, nil
}

// Take takes one entry as journalctl prints it, without its newline. It is for what feeds a Log
// without running it.
func (j *Log) Take(ctx context.Context, entry []byte) error {
	trouble, ended := j.take(ctx, entry)
	return errors.Join(trouble, ended)
}

// take takes one entry, but for the one that the command began at.
func (j *Log) take(ctx context.Context, entry []byte) (trouble, ended error) {
	position := j.next
	first, known := true, false
	j.decoder.Decode(entry, func(l *format.Line) {
		if first {
			first = false
			known, trouble = j.check(string(l.Cursor))
		}
		if trouble != nil || ended != nil || known {
			return
		}
		if len(l.Cursor) > 0 {
			j.last = string(l.Cursor)
		}
		l.Position = position
		j.next = position + 1
		ended = j.handler.Line(ctx, l, j.next)
	})
	if known || trouble != nil {
		return trouble, nil
	}
	j.entries++
	j.next = position + 1
	j.mark(cursorMark{position: position + 1, cursor: j.last})
	return nil, ended
}
