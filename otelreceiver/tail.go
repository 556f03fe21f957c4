// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/scan"
	"github.com/oomtrail/oomtrail/parser"
)

// tailBudget is how many bytes of one file are read before the next file has its turn.
const tailBudget = 4 << 20

// tail follows one log through its rotations: it reads the file at path, when that was renamed or
// copied away the rest of it under its new name, then whatever came after it.
type tail struct {
	src    *fileSource
	path   string
	stream *stream

	log   *logFile
	lines *scan.Reader
	// unzipping is where the text of a compressed file is being taken out.
	unzipping unzipState
	// base is the stream position of the current file's first byte: positions go on growing from
	// file to file.
	base int64
	// past are the files before it that an open report may still reach back to.
	past []segment
	// grew is when something was last read.
	grew time.Time
	// written is when what is in memory was written at the latest, zero until somebody asks.
	written time.Time
}

// segment is a file that was left behind.
type segment struct {
	id        fileID
	base, end int64
}

// fileMark is a place in a file.
type fileMark struct {
	Path   string `json:"path"`
	ID     fileID `json:"id"`
	Offset int64  `json:"offset"`
	// Seen is when the file was last read from: what was written since is unread.
	Seen time.Time `json:"seen,omitzero"`
}

// take makes log the current file and goes on at offset in it.
func (t *tail) take(log *logFile, offset int64) error {
	lines := scan.NewReader(nil, offset)
	if lines.Room = &t.src.room; log.compressed {
		lines.Discard = offset
	} else {
		lines.R = log.File
		if _, err := log.Seek(offset, io.SeekStart); err != nil {
			return errors.Join(err, log.Close())
		}
	}
	delete(t.src.told, log.Name()) // what goes wrong from here on is news
	t.log = log
	t.src.reading.add(t)
	t.lines, t.unzipping = lines, unzipAwaited
	t.stream.Next = t.base + offset
	t.grew = t.src.in.now()
	return nil
}

// leave ends the current file: what follows its last newline is a line too.
func (t *tail) leave(ctx context.Context) error {
	err := t.feed(ctx, parser.InputEnds)
	end := t.base + t.lines.Offset()
	id := t.log.id()
	t.src.markDone(doneFile{ID: id, Size: t.lines.Offset()})
	t.past = append(t.past, segment{id: id, base: t.base, end: end})
	t.base = end
	t.shut()
	return err
}

// shut closes the current file.
func (t *tail) shut() {
	t.endUnzip()
	t.src.reading.remove(t)
	_ = t.log.Close() // read only: nothing is lost
	t.log, t.lines = nil, nil
}

// mark returns the place that reading has to go on from.
func (t *tail) mark() fileMark {
	safe := t.stream.Safe()
	for len(t.past) > 0 && t.past[0].end <= safe {
		t.past = t.past[1:]
	}
	if len(t.past) > 0 {
		return fileMark{Path: t.path, ID: t.past[0].id, Offset: safe - t.past[0].base, Seen: t.grew}
	}
	if t.log == nil {
		return fileMark{Path: t.path, Seen: t.grew}
	}
	return fileMark{Path: t.path, ID: t.log.id(), Offset: safe - t.base, Seen: t.grew}
}

// poll reads what is new. more says that there is still more than its budget allowed.
func (t *tail) poll(ctx context.Context) (more bool, err error) {
	if err := t.checkReplaced(ctx); err != nil {
		return false, err
	}
	if t.log == nil {
		if !t.openNext() {
			return false, nil
		}
	}
	if t.log.compressed && !t.beginUnzip() {
		return true, nil
	}
	for end := t.lines.Read() + tailBudget; t.lines.Read() < end; {
		err := t.readBlock(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return t.atEnd(ctx)
		case err != nil:
			return false, err
		}
	}
	t.lines.Rest()
	return true, nil
}

// readBlock reads a block and feeds it. Its error is io.EOF when there is no more now and all whole
// lines were fed.
func (t *tail) readBlock(ctx context.Context) error {
	err := t.lines.Fill()
	if err == nil {
		t.grew, t.written = t.src.in.now(), time.Time{}
		t.learnHead()
		return t.feed(ctx, parser.MoreFollows)
	}
	if !errors.Is(err, io.EOF) {
		t.src.tell(t.log.Name(), err)
		t.log.brokeOff(err)
	}
	t.endUnzip()
	if err := t.feed(ctx, parser.LineEnds); err != nil {
		return err
	}
	return io.EOF
}

// writtenBy returns when the lines in memory were written at the latest: stamps without a year lie
// before that.
func (t *tail) writtenBy() time.Time {
	if t.written.IsZero() {
		t.written = t.src.in.now()
		if info, err := t.log.Stat(); err == nil {
			t.written = format.WrittenBy(info.ModTime(), t.written)
		}
	}
	return t.written
}

// feed feeds what is in memory, which ends as end says. Where a reader ended it in the middle of an
// entry, the next one reads the whole entry again.
func (t *tail) feed(ctx context.Context, end parser.BlockEnd) error {
	p, in := t.stream.Parser, t.src.in
	b := parser.Block{Position: t.base + t.lines.Offset(), EveryLine: in.emitAll}
	if b.Text, b.End = t.lines.Block(end); len(b.Text) == 0 {
		return nil
	}
	before := p.Lines()
	wasOpen, read := p.Open(), in.now()
	now := func() time.Time { return read }
	used, err := p.ReadBlock(b, func(l *format.Line, r *parser.Result) error {
		t.stream.Next = p.Next()
		err := t.stream.take(ctx, l, r, wasOpen, now)
		if wasOpen = p.Open(); len(r.Records) > 0 || in.emitAll { // it may have waited for the queue
			read = in.now()
		}
		return err
	})
	t.lines.Consume(used)
	t.stream.Next = p.Next()
	if n := p.Lines() - before; n > 0 {
		in.telemetry.ReceiverOomKillLines.Add(ctx, int64(n), in.own...)
	}
	return err
}

// idle reports how long nothing was read.
func (t *tail) idle(now time.Time) time.Duration { return now.Sub(t.grew) }
