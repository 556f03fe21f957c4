// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// tailBudget is how many bytes of one file are read before the next file has its turn.
const tailBudget = 4 << 20

// tail follows one log through its rotations: it reads the file at path, when that was renamed or copied away
// the rest of it under its new name, then whatever came after it.
type tail struct {
	src     *fileSource
	path    string
	stream  *stream
	decoder *format.Decoder

	log   *logFile
	lines *lineReader
	// unzipping is where the text of a compressed file is being taken out.
	unzipping unzipState
	// base is the stream position of the current file's first byte: positions go on growing from file to file.
	base int64
	// past are the files before it that an open report may still reach back to.
	past []segment
	// grew is when something was last read.
	grew time.Time
	// written is when what is in memory was written at the latest, zero until somebody asks.
	written time.Time
	// held is the position of the first line that the decoder holds, or else of the newest.
	held int64
	// numbered tells that the lines carry the numbers of the kernel's ring.
	numbered bool
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
	lines := newLineReader(nil, offset)
	if lines.room = &t.src.room; log.compressed {
		lines.discard = offset
	} else {
		lines.r = log.File
		if _, err := log.Seek(offset, io.SeekStart); err != nil {
			return errors.Join(err, log.Close())
		}
	}
	delete(t.src.told, log.Name()) // what goes wrong from here on is news
	t.log = log
	t.src.reading.add(t)
	t.lines, t.unzipping = lines, unzipAwaited
	t.stream.next = t.base + offset
	t.grew = t.src.in.now()
	return nil
}

// leave ends the current file: what stands after its last newline is a line too.
func (t *tail) leave(ctx context.Context) error {
	err := t.endLine(ctx, false)
	end := t.base + t.lines.offset
	id := t.log.id()
	t.src.markDone(doneFile{ID: id, Size: t.lines.offset})
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
	safe := t.stream.safe()
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

// poll reads what is new. more tells that there is still more than its budget allowed.
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
	for end := t.lines.read + tailBudget; t.lines.read < end; {
		err := t.readBlock(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return t.atEnd(ctx)
		case err != nil:
			return false, err
		}
	}
	return true, nil
}

// readBlock feeds the complete lines in memory, or reads more into it.
func (t *tail) readBlock(ctx context.Context) error {
	block := t.lines.block()
	if len(block) == 0 {
		if len(t.lines.partial()) >= maxLine {
			return t.endLine(ctx, true)
		}
		err := t.lines.fill()
		if err == nil {
			t.grew, t.written = t.src.in.now(), time.Time{}
			t.learnHead()
			return nil
		}
		if !errors.Is(err, io.EOF) {
			t.src.tell(t.log.Name(), err)
			t.log.cutAt = t.log.diskSize()
		}
		t.endUnzip()
		return io.EOF
	}
	t.src.in.telemetry.ReceiverOomKillLines.Add(ctx, int64(bytes.Count(block, []byte{'\n'})), t.src.in.own...)
	if t.boring(block) {
		t.passOver(block)
		return nil
	}
	for line := range bytes.Lines(block) {
		t.lines.consume(len(line))
		if err := t.feed(ctx, line[:len(line)-1], len(line)); err != nil {
			return err
		}
	}
	return nil
}

// passOver leaves out the lines of a block but for the last, which says something about the one behind it: that may be the rest of a
// record that the log's format splits.
func (t *tail) passOver(block []byte) {
	last := bytes.LastIndexByte(block[:len(block)-1], '\n') + 1
	t.stream.parser.Skip()
	t.lines.consume(len(block))
	t.stream.next = t.base + t.lines.offset
	t.decoder.Decode(block[last:len(block)-1], func(l *format.Line) {
		l.Position = t.stream.next - int64(len(block)-last)
		t.stream.parser.FeedLine(l)
	})
}

// writtenBy returns when the lines in memory were written at the latest: stamps without a year lie before that.
func (t *tail) writtenBy() time.Time {
	if t.written.IsZero() {
		t.written = t.src.in.now()
		if info, err := t.log.Stat(); err == nil {
			t.written = format.WrittenBy(info.ModTime(), t.written)
		}
	}
	return t.written
}

// boring reports whether none of the lines can matter, so that they need not be looked at one by one.
func (t *tail) boring(block []byte) bool {
	// Lines left out of a numbered log would look lost.
	if t.src.in.emitAll || t.numbered || t.stream.parser.Open() || t.decoder.Holds() || parser.MayContainOOM(block) {
		return false
	}
	switch t.src.format {
	case format.JournalExport:
		return false
	case format.Auto, format.JournalJSON:
		return !endsInEntry(block)
	}
	return true
}

// endsInEntry reports whether the last line of the block may make sense only together with what comes after it.
func endsInEntry(block []byte) bool {
	last := block[bytes.LastIndexByte(block[:len(block)-1], '\n')+1 : len(block)-1]
	last = bytes.TrimSuffix(last, []byte{'\r'})
	return bytes.HasPrefix(last, []byte{'\t'}) || bytes.HasSuffix(last, []byte{'{'}) || // journalctl -o json-pretty
		bytes.HasSuffix(last, []byte{'='}) || // a soft line break of mail
		bytes.Contains(block, []byte("__CURSOR=")) // journalctl -o export
}

// feed decodes one input line that took size bytes and ends where the reader now is.
func (t *tail) feed(ctx context.Context, raw []byte, size int) error {
	end := t.base + t.lines.offset
	start := end - int64(size)
	if !t.decoder.Holds() {
		t.held = start
	}
	var failed error
	emitted := false
	t.decoder.Decode(raw, func(l *format.Line) {
		if failed != nil {
			return
		}
		t.numbered = l.HasSequence
		emitted, l.Position = true, t.held
		failed = t.stream.feed(ctx, l, end)
	})
	if failed != nil {
		return failed
	}
	t.stream.next = end
	if t.decoder.Holds() { // to be read again, whole
		if emitted {
			t.held = start
		}
		t.stream.next = t.held
	}
	return nil
}

// endLine feeds an unfinished line as it is; cut tells that its rest is to be thrown away.
func (t *tail) endLine(ctx context.Context, cut bool) error {
	line := t.lines.takePartial(cut)
	if len(line) == 0 {
		return nil
	}
	return t.feed(ctx, line, len(line))
}

// idle reports how long nothing was read.
func (t *tail) idle(now time.Time) time.Duration { return now.Sub(t.grew) }
