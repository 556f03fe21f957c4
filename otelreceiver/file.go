// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	// maxDone is how many files that were read to their end are remembered, to know them under a
	// new name.
	maxDone = 64
	// goneAfter is how long a file that is no longer at its path is still looked at.
	goneAfter = time.Minute
)

// fileSource reads log files: each path that the globs name is a stream of its own.
type fileSource struct {
	cfg       FileConfig
	beginning bool
	format    report.Format
	trusted   report.Source
	location  *time.Location

	in    *intake
	tails []*tail
	// byPath are the tails by their path, reading their current files.
	byPath  map[string]*tail
	reading *openFiles
	dirs    *directories
	// room is a buffer that the tails lend each other, scratch room for a head.
	room    []byte
	scratch [headSize]byte
	// unzipping is how many compressed files are in the middle of being read.
	unzipping int
	// saved are the places of the stored checkpoint that were not taken up yet.
	saved   map[string]fileMark
	resumed bool // there was a checkpoint
	scanned bool // the globs were looked at once
	done    []doneFile
	// passed are files that the globs name but that another stream reads, as they were when that
	// was found.
	passed map[string]os.FileInfo
	// unsure are the files of the newest look of which it could not be said yet where to begin.
	unsure map[string]bool
	told   map[string]string // the last error told of each path
}

// doneFile is a file that was read to its end.
type doneFile struct {
	ID   fileID `json:"id"`
	Size int64  `json:"size"`
}

// fileCheckpoint is what is stored.
type fileCheckpoint struct {
	Files []fileMark `json:"files"`
	Done  []doneFile `json:"done,omitempty"`
}

func newFileSource(cfg *Config) source {
	return &fileSource{cfg: cfg.File, beginning: cfg.startAtBeginning()}
}

func (f *fileSource) open(in *intake, saved []byte) error {
	f.in, f.saved, f.passed, f.told = in, map[string]fileMark{}, map[string]os.FileInfo{}, map[string]string{}
	f.unsure = map[string]bool{}
	f.byPath, f.reading = map[string]*tail{}, newOpenFiles()
	f.dirs = newDirectories()
	var err error
	if f.format, err = report.ParseFormat(f.cfg.Format); err != nil {
		return fmt.Errorf("file::format: %w", err)
	}
	if f.trusted, err = report.ParseSource(f.cfg.TrustedSource); err != nil {
		return fmt.Errorf("file::trusted_source: %w", err)
	}
	f.location = time.Local
	if f.cfg.Location != "" {
		if f.location, err = time.LoadLocation(f.cfg.Location); err != nil {
			return fmt.Errorf("file::location: %q: %w", f.cfg.Location, err)
		}
	}
	if saved != nil {
		f.restore(saved)
	}
	f.scan() // now, so that what is written from here on is after the end that start_at means
	return nil
}

// restore takes up a checkpoint.
func (f *fileSource) restore(saved []byte) {
	var c fileCheckpoint
	if err := json.Unmarshal(saved, &c); err != nil {
		f.in.logger.Warn("the stored checkpoint cannot be read; beginning as start_at says", zap.Error(err))
		return
	}
	f.resumed, f.done = true, c.Done
	for _, mark := range c.Files {
		if mark.Offset < 0 {
			mark = fileMark{Path: mark.Path} // damaged; all of the file is new
		}
		f.saved[mark.Path] = mark
	}
}

func (f *fileSource) checkpoint() []byte {
	if !f.scanned {
		return nil
	}
	c := fileCheckpoint{Files: []fileMark{}, Done: f.done}
	for _, t := range f.tails {
		c.Files = append(c.Files, t.mark())
	}
	for _, mark := range f.saved {
		c.Files = append(c.Files, mark)
	}
	slices.SortFunc(c.Files, func(a, b fileMark) int { return strings.Compare(a.Path, b.Path) })
	b, err := json.Marshal(c)
	if err != nil {
		return nil // plain fields cannot fail
	}
	return b
}

func (f *fileSource) close() {
	for _, t := range f.tails {
		if t.log != nil {
			_ = t.log.Close() // read only: nothing is lost
		}
	}
}

func (f *fileSource) run(ctx context.Context) {
	ticker := time.NewTicker(f.cfg.PollInterval)
	defer ticker.Stop()
	lastTick := f.in.now()
	for {
		more, err := f.round(ctx)
		if err != nil {
			return
		}
		if now := f.in.now(); !more || now.Sub(lastTick) >= checkpointInterval {
			lastTick = now
			if f.in.tick(ctx, !more) != nil {
				return
			}
		}
		if more {
			continue
		}
		if !f.wait(ctx, ticker) {
			return
		}
	}
}

// wait waits for the next round, with a tick each second however long that is.
func (f *fileSource) wait(ctx context.Context, ticker *time.Ticker) bool {
	second := time.NewTicker(checkpointInterval)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
			return true
		case <-second.C:
			if f.in.tick(ctx, false) != nil {
				return false
			}
		}
	}
}

// round looks for files and reads what is new in each. The error says that reading is to end.
func (f *fileSource) round(ctx context.Context) (more bool, err error) {
	f.scan()
	for _, t := range slices.Clone(f.tails) {
		tailMore, err := t.poll(ctx)
		if ctx.Err() != nil || errors.Is(err, errQueueClosed) {
			return false, context.Canceled
		}
		if err != nil {
			f.tell(t.path, err)
		}
		more = more || tailMore
		if !tailMore {
			if err := f.dropGone(ctx, t); err != nil {
				return false, err
			}
		}
	}
	return more, nil
}

// markDone remembers a file that was read to its end.
func (f *fileSource) markDone(d doneFile) {
	if d.ID.Length == 0 {
		return
	}
	f.done = append(f.done, d)
	f.done = f.done[max(0, len(f.done)-maxDone):]
}

// dropGone ends the stream of a file that was removed, or renamed to what another stream reads.
func (f *fileSource) dropGone(ctx context.Context, t *tail) error {
	if t.idle(f.in.now()) < goneAfter || t.stream.Parser.Open() {
		return nil
	}
	own, err := statRegular(t.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !isNotRegular(err) {
		return nil
	}
	if t.log != nil {
		current, statErr := t.log.Stat()
		if err == nil && (statErr != nil || os.SameFile(own, current) || own.Size() == 0) {
			return nil
		}
		if err := t.leave(ctx); err != nil {
			return err
		}
	} else if err == nil {
		return nil
	}
	if err := t.stream.pushRecords(ctx, t.stream.Evidence.FlushAll(), f.in.now()); err != nil {
		return err
	}
	f.in.drop(t.stream)
	f.tails = slices.DeleteFunc(f.tails, func(other *tail) bool { return other == t })
	delete(f.byPath, t.path)
	return nil
}

// tell logs what is wrong with a file, once until it changes.
func (f *fileSource) tell(path string, err error) {
	if errors.Is(err, errIncomplete) || f.told[path] == err.Error() {
		return
	}
	f.told[path] = err.Error()
	if isNotRegular(err) {
		f.in.logger.Warn("left out until a log file takes its place", zap.String("path", path), zap.Error(err))
		return
	}
	f.in.logger.Error("the file cannot be read, trying again", zap.String("path", path), zap.Error(err))
}
