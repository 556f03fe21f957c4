package oomkillreceiver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/parser/transport"
)

const (
	// journalTick is how long a read from journalctl waits at most.
	journalTick = 500 * time.Millisecond
	// maxMarks bounds the cursors that are kept while a report is open.
	maxMarks = 1 << 16
	// cursorTries is how often journalctl may refuse a cursor before the journal is read from its beginning.
	cursorTries = 3
)

// errJournalctlEnded says that the command ended although it was told to follow.
var errJournalctlEnded = errors.New("journalctl ended")

// journalReader is a running journalctl that prints one entry a line, as JSON.
type journalReader interface {
	io.Reader
	// SetReadDeadline makes a waiting Read return os.ErrDeadlineExceeded at that time.
	SetReadDeadline(time.Time) error
	// stop ends the command and returns what it complained of, nil for nothing.
	stop() error
}

// journaldSource reads the journal through journalctl, whose output is stable where the journal's files are not.
type journaldSource struct {
	cfg       JournaldConfig
	beginning bool
	start     func(cfg *JournaldConfig, args []string, told func(string)) (journalReader, error)

	in      *intake
	stream  *stream
	decoder *transport.Decoder
	reader  journalReader
	// last is the cursor of the newest entry that was read, "" for none.
	last string
	// marks are the cursors behind the stream's positions, oldest first.
	marks []cursorMark
	// entries counts entries of the running command; refused counts commands in a row that gave none.
	entries, refused int
	// since is when reading began at the end of the journal; entries before it are left out. Zero for all of it.
	since time.Time
}

// cursorMark says that all before position is done with once the entry at cursor is.
type cursorMark struct {
	position int64
	cursor   string
}

// journaldCheckpoint names the last entry that is done with or, before there was one, the time to begin at.
type journaldCheckpoint struct {
	Cursor string    `json:"cursor,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

func newJournaldSource(cfg *Config) source {
	return &journaldSource{cfg: cfg.JournaldConfig, beginning: cfg.startAtBeginning(), start: startJournalctl}
}

func (j *journaldSource) open(in *intake, saved []byte) error {
	j.in = in
	j.decoder = transport.NewDecoder(transport.JournalJSON).Trust(transport.TrustedJournald)
	var err error
	if j.stream, err = in.newStream(); err != nil {
		return err
	}
	if !j.restore(saved) && !j.beginning {
		j.since = in.now()
	}
	j.marks = []cursorMark{{position: 0, cursor: j.last}}
	return j.launch()
}

// restore takes up a checkpoint. It returns false when there is none.
func (j *journaldSource) restore(saved []byte) bool {
	if saved == nil {
		return false
	}
	var c journaldCheckpoint
	if err := json.Unmarshal(saved, &c); err != nil {
		j.in.logger.Warn("the stored checkpoint cannot be read; beginning as start_at says", zap.Error(err))
		return false
	}
	j.last, j.since = c.Cursor, c.Since
	return true
}

// complain tells what journalctl complains of.
func (j *journaldSource) complain(text string) {
	j.in.logger.Warn("journalctl complains", zap.String("said", text))
}

// launch starts journalctl after the last entry that was read.
func (j *journaldSource) launch() error {
	reader, err := j.start(&j.cfg, journalctlArgs(&j.cfg, j.last, j.since), j.complain)
	if err != nil {
		return fmt.Errorf("journalctl_path: %q: %w", j.cfg.JournalctlPath, err)
	}
	j.reader, j.entries = reader, 0
	return nil
}

// journalctlArgs asks for all the kernel's entries of every boot, in full, and those to come.
func journalctlArgs(cfg *JournaldConfig, cursor string, since time.Time) []string {
	args := []string{"--output=json", "--all", "--quiet", "--no-pager", "--follow", "--no-tail"}
	if cursor != "" {
		args = append(args, "--after-cursor="+cursor)
	} else if !since.IsZero() {
		args = append(args, fmt.Sprintf("--since=@%d.%06d", since.Unix(), since.Nanosecond()/1000))
	}
	if cfg.Directory != "" {
		args = append(args, "--directory="+cfg.Directory)
	}
	for _, file := range cfg.Files {
		args = append(args, "--file="+file)
	}
	if cfg.Namespace != "" {
		args = append(args, "--namespace="+cfg.Namespace)
	}
	return append(args, "_TRANSPORT=kernel")
}

// checkpoint returns the newest cursor that no open report needs.
func (j *journaldSource) checkpoint() []byte {
	safe := j.stream.safe()
	for len(j.marks) > 1 && j.marks[1].position <= safe {
		j.marks = j.marks[1:]
	}
	c := journaldCheckpoint{Cursor: j.marks[0].cursor}
	if c.Cursor == "" {
		c.Since = j.since
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil // only a year beyond 9999 can fail
	}
	return b
}

func (j *journaldSource) close() {
	if j.reader != nil {
		_ = j.reader.stop() // it is wanted
	}
}

func (j *journaldSource) run(ctx context.Context) {
	retry := newReopenBackOff()
	for {
		err := j.follow(ctx)
		if ctx.Err() != nil || errors.Is(err, errQueueClosed) {
			return
		}
		if j.reader != nil {
			err = errors.Join(err, j.reader.stop())
			j.reader = nil
		}
		if j.entries > 0 {
			retry.Reset()
		}
		j.in.status.set(troubleSource, err)
		j.in.logger.Error("the journal cannot be read, trying again", zap.Error(err))
		j.in.telemetry.ReceiverOomKillRestarts.Add(ctx, 1)
		j.doubtCursor(err)
		if !pauseWithTicks(ctx, retry.NextBackOff(), j.in) {
			return
		}
		if err := j.launch(); err != nil {
			j.in.logger.Error("journalctl cannot be started, trying again", zap.Error(err))
		}
	}
}

// doubtCursor gives a cursor up that journalctl cannot go to, time after time: the journal it points into is gone.
func (j *journaldSource) doubtCursor(err error) {
	if j.entries > 0 || j.last == "" || !strings.Contains(err.Error(), "cursor") {
		j.refused = 0
		return
	}
	if j.refused++; j.refused >= cursorTries {
		j.in.logger.Warn("the checkpoint's place in the journal is gone; reading the journal from its beginning", zap.String("cursor", j.last))
		j.last, j.since, j.refused = "", time.Time{}, 0
	}
}

// follow reads entries until something goes wrong.
func (j *journaldSource) follow(ctx context.Context) error {
	if j.reader == nil {
		return errJournalctlEnded
	}
	stop := context.AfterFunc(ctx, func() { _ = j.reader.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	lines := newLineReader(j.reader, 0)
	lastTick, healthy := j.in.now(), false
	for {
		if err := j.reader.SetReadDeadline(time.Now().Add(journalTick)); err != nil {
			return err
		}
		if ctx.Err() != nil { // its end may have set a deadline before ours
			return ctx.Err()
		}
		err := lines.fill()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			return errJournalctlEnded
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case err == nil:
			if err := j.takeLines(ctx, lines); err != nil {
				return err
			}
		}
		if !healthy { // it runs, with or without entries
			healthy = true
			j.in.status.set(troubleSource, nil)
		}
		if now := j.in.now(); err != nil || now.Sub(lastTick) >= journalTick {
			lastTick = now
			if err := j.in.tick(ctx, err != nil); err != nil {
				return err
			}
		}
	}
}

// takeLines feeds the complete entries that were read.
func (j *journaldSource) takeLines(ctx context.Context, lines *lineReader) error {
	block := lines.block()
	for line := range bytes.Lines(block) {
		j.entries++
		if err := j.take(ctx, line[:len(line)-1]); err != nil {
			return err
		}
	}
	lines.consume(len(block))
	if len(lines.partial()) > maxLine {
		lines.takePartial(true)
	}
	return nil
}

// take feeds one entry.
func (j *journaldSource) take(ctx context.Context, raw []byte) error {
	position := j.stream.next
	var failed error
	j.decoder.Decode(raw, func(l *transport.Line) {
		if failed != nil {
			return
		}
		if len(l.Cursor) > 0 {
			j.last = string(l.Cursor)
		}
		l.Position = position
		j.in.telemetry.ReceiverOomKillLines.Add(ctx, 1)
		failed = j.stream.feed(ctx, l, position+1)
	})
	j.stream.next = position + 1
	j.mark(cursorMark{position: position + 1, cursor: j.last})
	return failed
}

// mark keeps a cursor. When there are too many, those in the middle go: an older cursor costs a repetition only.
func (j *journaldSource) mark(m cursorMark) {
	if _, open := j.stream.parser.Pending(); !open {
		j.marks = j.marks[:0]
	}
	if len(j.marks) >= maxMarks {
		j.marks = append(j.marks[:1], j.marks[len(j.marks)-maxMarks/2:]...)
	}
	j.marks = append(j.marks, m)
}
