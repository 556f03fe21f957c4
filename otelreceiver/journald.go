// SPDX-License-Identifier: Apache-2.0

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

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	// journalTick is how long a read from journalctl waits at most.
	journalTick = 500 * time.Millisecond
	// maxMarks bounds the cursors that are kept while a report is open.
	maxMarks = 1 << 16
	// cursorTries is how often journalctl may refuse a cursor before the journal is read from its
	// beginning.
	cursorTries = 3
	// passPause is how long the source waits between two passes over files, at least. It also waits
	// passShare times as long as the last pass took, so that many or large files cost a share of
	// one processor that is known.
	passPause    = 2 * time.Second
	passPauseMax = time.Minute
	passShare    = 20
)

var (
	// errJournalctlEnded says that the command ended although it was told to follow.
	errJournalctlEnded = errors.New("journalctl ended")
	// errOtherBoot says that the followed boot is not the one that the pass before ended in.
	errOtherBoot = errors.New("the journal has a newer boot")
)

// journalReader is a running journalctl that prints one entry a line, as JSON.
type journalReader interface {
	io.Reader
	// SetReadDeadline makes a waiting Read return os.ErrDeadlineExceeded at that time.
	SetReadDeadline(time.Time) error
	// stop ends the command and returns what it complained of, nil for nothing.
	stop() error
	// finish waits for a command that has closed its output, and returns nil when it succeeded.
	finish() error
}

// journaldSource reads the journal through journalctl, whose output is stable where the journal's
// files are not.
//
// From systemd 250 on, --follow shows the newest boot only, whatever the cursor or --boot=all asks
// for. So each start of the command without --follow is a pass: it prints all boots from the cursor
// on and ends. After a pass over this machine's own journal the source follows, since the newest
// boot is then the running one. Files and directories may grow by other boots and other machines'
// journals; of these it makes one pass after another.
//
// The command begins at the last entry that was read, and that entry is left out here.
// --after-cursor would leave out the next one when the journal no longer has it.
type journaldSource struct {
	cfg       JournaldConfig
	beginning bool
	pause     time.Duration // between two passes
	start     func(cfg *JournaldConfig, args []string, told func(string)) (journalReader, error)

	in      *intake
	stream  *stream
	decoder *format.Decoder
	reader  journalReader
	// following is whether the running command follows; else it makes a pass.
	following bool
	// resumed is the cursor that the running command began at, "" once its first entry has come.
	resumed string
	// complaints and failures bound what is logged of journalctl.
	complaints, failures bounded
	// last is the cursor of the newest entry that was read, "" for none.
	last string
	// marks are the cursors behind the stream's positions, oldest first.
	marks []cursorMark
	// entries counts new entries of the running command; refused counts commands in a row that gave
	// none.
	entries, refused int
	// since is when reading began at the end of the journal; entries before it are left out. Zero
	// for all of it.
	since time.Time
}

// cursorMark says that all before position is done with once the entry at cursor is.
type cursorMark struct {
	position int64
	cursor   string
}

// journaldCheckpoint names the last entry that is done with or, before there was one, the time to
// begin at.
type journaldCheckpoint struct {
	Cursor string    `json:"cursor,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

func newJournaldSource(cfg *Config) source {
	start := func(j *JournaldConfig, args []string, told func(string)) (journalReader, error) {
		return startJournalctl(j, cfg.RootPath, args, told)
	}
	journal := cfg.JournaldConfig
	journal.audit = cfg.Sigkill
	return &journaldSource{cfg: journal, beginning: cfg.startAtBeginning(), pause: passPause, start: start}
}

func (j *journaldSource) open(in *intake, saved []byte) error {
	j.in = in
	j.decoder = format.NewDecoder(report.JournalJSON).Trust(report.SourceJournald)
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

// complain logs what journalctl complains of.
func (j *journaldSource) complain(text string) {
	j.complaints.log(j.in.logger.Warn, "journalctl complains", zap.String("said", text))
}

// ownJournal reports whether the journal is that of the running system.
func (c *JournaldConfig) ownJournal() bool { return c.Directory == "" && len(c.Files) == 0 }

// launch starts journalctl at the last entry that was read.
func (j *journaldSource) launch() error {
	reader, err := j.start(&j.cfg, journalctlArgs(&j.cfg, j.following, j.last, j.since), j.complain)
	if err != nil {
		return fmt.Errorf("journalctl_path: %q: %w", j.cfg.JournalctlPath, err)
	}
	j.reader, j.resumed, j.entries = reader, j.last, 0
	return nil
}

// journalctlArgs asks for the entries of [JournaldConfig.matches] in full, from a cursor or a time
// on: those of every boot, or, to follow, those of the newest boot and those to come.
func journalctlArgs(cfg *JournaldConfig, follow bool, cursor string, since time.Time) []string {
	args := []string{"--output=json", "--all", "--quiet", "--no-pager"}
	if follow {
		args = append(args, "--follow", "--no-tail")
	}
	if cursor != "" {
		args = append(args, "--cursor="+cursor)
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
	return append(args, cfg.matches()...)
}

// witnessUnits are the units of the programs that kill for memory, and of those that see such
// kills.
var witnessUnits = []string{
	"systemd-oomd.service", "earlyoom.service", "nohang.service", "nohang-desktop.service", "oomd.service",
	"containerd.service", "docker.service", "crio.service", "podman.service",
	"kubelet.service", "k3s.service", "k3s-agent.service", "rke2-server.service", "rke2-agent.service",
	"node-problem-detector.service", "ecs.service", "nomad.service", "slurmd.service", "slurmstepd.scope", "condor.service",
}

// matches are journalctl's arguments that choose entries: the kernel's and, with units, those of
// the units, of systemd itself, of the managers of users, and of Podman, which runs in no unit of
// its own. Deaths need the audit system's.
func (c *JournaldConfig) matches() []string {
	args := []string{"_TRANSPORT=kernel"}
	if len(c.Units) == 0 {
		return args
	}
	args = append(args, "+")
	for _, unit := range c.Units {
		args = append(args, "_SYSTEMD_UNIT="+unit)
	}
	args = append(args, "+", "_PID=1", "+", "_SYSTEMD_USER_UNIT=init.scope", "+", "SYSLOG_IDENTIFIER=podman", "SYSLOG_IDENTIFIER=conmon")
	if c.audit {
		args = append(args, "SYSLOG_IDENTIFIER=sudo", "+", "_TRANSPORT=audit")
	}
	return args
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
		began := j.in.now()
		wasFollowing := j.following
		err := j.runCommand(ctx)
		if ctx.Err() != nil || errors.Is(err, errQueueClosed) {
			return
		}
		if j.entries > 0 {
			retry.Reset()
		}
		// After a pass over this machine's journal follow it; after anything else make a pass.
		j.following = err == nil && !wasFollowing && j.cfg.ownJournal()
		pause := time.Duration(0)
		switch {
		case err != nil && !errors.Is(err, errOtherBoot):
			j.in.status.Set(troubleSource, err)
			j.failures.log(j.in.logger.Error, "the journal cannot be read, trying again", zap.Error(err))
			j.in.telemetry.ReceiverOomKillRestarts.Add(ctx, 1, j.in.own...)
			j.doubtCursor(err)
			pause = retry.NextBackOff()
		case err == nil && !j.following: // a pass over files
			retry.Reset()
			j.in.status.Set(troubleSource, nil)
			if j.in.tick(ctx, true) != nil {
				return
			}
			pause = max(j.pause, min(passShare*j.in.now().Sub(began), passPauseMax))
		}
		if pause > 0 && !pauseWithTicks(ctx, pause, j.in) {
			return
		}
	}
}

// runCommand reads all that one journalctl prints. It returns nil at the end of a pass.
func (j *journaldSource) runCommand(ctx context.Context) error {
	if j.reader == nil {
		if err := j.launch(); err != nil {
			return err
		}
	}
	err := j.read(ctx)
	if ctx.Err() != nil || errors.Is(err, errQueueClosed) {
		return err // close stops the command
	}
	reader := j.reader
	j.reader = nil
	switch {
	case errors.Is(err, errOtherBoot):
		_ = reader.stop() // it is wanted
		return err
	case !errors.Is(err, io.EOF):
		return errors.Join(err, reader.stop())
	case j.following:
		return errors.Join(errJournalctlEnded, reader.stop())
	}
	return reader.finish()
}

// doubtCursor gives a cursor up that journalctl cannot go to, time after time: the journal it
// points into is gone.
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

// read feeds what the command prints until that ends, which is io.EOF, or something goes wrong.
func (j *journaldSource) read(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = j.reader.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	lines := scan.NewReader(j.reader, 0)
	lastTick, healthy := j.in.now(), !j.following
	for {
		if err := j.reader.SetReadDeadline(time.Now().Add(journalTick)); err != nil {
			return err
		}
		if ctx.Err() != nil { // its end may have set a deadline before ours
			return ctx.Err()
		}
		err := lines.Fill()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case err == nil:
			if err := j.takeLines(ctx, lines); err != nil {
				return err
			}
		}
		if !healthy { // it follows, with or without entries
			healthy = true
			j.in.status.Set(troubleSource, nil)
		}
		if now := j.in.now(); err != nil || now.Sub(lastTick) >= journalTick {
			lastTick = now
			// In a pass, silence says only that journalctl is still looking.
			if err := j.in.tick(ctx, err != nil && j.following); err != nil {
				return err
			}
		}
	}
}

// takeLines feeds the complete entries that were read.
func (j *journaldSource) takeLines(ctx context.Context, lines *scan.Reader) error {
	block := lines.Lines()
	for line := range bytes.Lines(block) {
		if err := j.take(ctx, line[:len(line)-1]); err != nil {
			return err
		}
	}
	lines.Consume(len(block))
	if len(lines.Unread()) > scan.MaxLine {
		lines.Drop()
	}
	return nil
}

// take feeds one entry, but for the one that the command began at.
func (j *journaldSource) take(ctx context.Context, raw []byte) error {
	position := j.stream.next
	var failed error
	first, known := true, false
	j.decoder.Decode(raw, func(l *format.Line) {
		if first {
			first = false
			known, failed = j.check(string(l.Cursor))
		}
		if failed != nil || known {
			return
		}
		if len(l.Cursor) > 0 {
			j.last = string(l.Cursor)
		}
		l.Position = position
		j.in.telemetry.ReceiverOomKillLines.Add(ctx, 1, j.in.own...)
		failed = j.stream.feed(ctx, l, position+1)
	})
	if known || errors.Is(failed, errOtherBoot) {
		return failed
	}
	j.entries++
	j.stream.next = position + 1
	j.mark(cursorMark{position: position + 1, cursor: j.last})
	return failed
}

// check reports whether the entry at cursor was read before. Its error says that entries of another
// boot may lie before it.
func (j *journaldSource) check(cursor string) (known bool, err error) {
	if cursor == "" {
		return false, nil
	}
	resumed := j.resumed
	j.resumed = ""
	if resumed != "" && sameEntry(cursor, resumed) {
		return true, nil
	}
	if j.following && cursorField(cursor, "b") != cursorField(j.last, "b") {
		return false, errOtherBoot
	}
	return false, nil
}

// sameEntry reports whether two cursors are of one entry: also of one that journald moved from /run
// to /var, which gives it another sequence number.
func sameEntry(a, b string) bool {
	if a == b {
		return true
	}
	if cursorField(a, "s") == cursorField(b, "s") {
		return false
	}
	for _, name := range []string{"b", "m", "t", "x"} { // boot, monotonic time, wall time, hash of the fields
		if value := cursorField(a, name); value == "" || value != cursorField(b, name) {
			return false
		}
	}
	return true
}

// cursorField returns one of the name=value parts of a cursor, "" for none.
func cursorField(cursor, name string) string {
	for part := range strings.SplitSeq(cursor, ";") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}

// mark keeps a cursor. When there are too many, those in the middle go: an older cursor costs a
// repetition only.
func (j *journaldSource) mark(m cursorMark) {
	if _, open := j.stream.parser.Pending(); !open {
		j.marks = j.marks[:0]
	}
	if len(j.marks) >= maxMarks {
		j.marks = append(j.marks[:1], j.marks[len(j.marks)-maxMarks/2:]...)
	}
	j.marks = append(j.marks, m)
}
