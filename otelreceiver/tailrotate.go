// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/parser"
)

// atEnd is called when the current file has no more to give: it goes on to the file that follows,
// if there is one, and ends an unfinished line that nobody goes on writing.
func (t *tail) atEnd(ctx context.Context) (more bool, err error) {
	if t.log.awaitsRest() {
		return false, nil
	}
	if next, ok := t.successor(); ok {
		if t.hasMore() { // it was written between the last read and the rotation
			return true, next.Close()
		}
		if err := t.leave(ctx); err != nil {
			_ = next.Close()
			return false, err
		}
		return true, t.take(next, 0)
	}
	if t.lines.Discard > 0 && t.log.cutAt == 0 { // less than was read of it once: another file that begins alike
		t.src.in.logger.Warn("the file is shorter than the checkpoint says; beginning with all of it", zap.String("path", t.log.Name()))
		t.src.reading.remove(t)
		return true, t.take(t.log, 0)
	}
	t.lines.Rest()
	if len(t.lines.Unread()) > 0 && t.src.in.now().Sub(t.grew) >= t.src.in.timeout {
		return false, t.feed(ctx, parser.InputEnds)
	}
	return false, nil
}

// hasMore reports whether the current file holds more than was read of it.
func (t *tail) hasMore() bool {
	if t.log.compressed {
		return false
	}
	size, err := t.log.size()
	return err == nil && size > t.lines.Offset()+int64(len(t.lines.Unread()))
}

// successor opens the file that was begun after the current one, if that was rotated away.
func (t *tail) successor() (*logFile, bool) {
	c, ok := t.candidates()
	if !ok {
		return nil, false
	}
	return t.choose(c)
}

// choose opens the first of the candidates, if it is that still once it is open. What was rotated
// meanwhile may have made another the first. As soon as a file is removed, a new one may get its
// number: only the one that is open surely is the one that was listed.
func (t *tail) choose(c candidates) (*logFile, bool) {
	next, ok := t.openFirst(c)
	if !ok {
		return nil, false
	}
	if !t.src.dirs.unchanged(t.path, c.rotated) {
		_ = next.Close() // a moment later it can be told
		return nil, false
	}
	return next, true
}

// candidates are the files that may follow the current one.
type candidates struct {
	current os.FileInfo
	// from is the current file under the name that it has now.
	from rotatedFile
	// rotated are what the log was rotated to, the oldest first.
	rotated []rotatedFile
	// own is the file at the log's path, nil for none.
	own *rotatedFile
}

// candidates lists the files that may follow the current one. ok is false where it was not rotated
// away, or where that cannot be told yet.
func (t *tail) candidates() (c candidates, ok bool) {
	var err error
	if c.current, err = t.log.Stat(); err != nil {
		return c, false
	}
	own, err := statRegular(t.path)
	switch {
	case err == nil && os.SameFile(own, c.current):
		return c, false
	case err == nil:
		c.own = &rotatedFile{path: t.path, info: own}
	case isNotRegular(err):
		t.src.tell(t.path, err) // no log for now; what was rotated away is read on
	}
	if c.rotated, err = t.src.dirs.rotatedFiles(t.path); err != nil {
		return c, false // a moment later it can be told
	}
	c.from = rotatedFile{path: t.log.Name(), info: c.current} // gone, unless it is listed
	if i := slices.IndexFunc(c.rotated, func(r rotatedFile) bool { return os.SameFile(r.info, c.current) }); i >= 0 {
		c.from = c.rotated[i]
	}
	return c, true
}

// openFirst opens the oldest of the candidates that holds something and is not read yet. ok is
// false where there is none, and where that cannot be told yet.
func (t *tail) openFirst(c candidates) (next *logFile, ok bool) {
	for _, r := range c.rotated {
		if os.SameFile(r.info, c.current) || r.isOlder(c.from) {
			continue
		}
		if r.isBeingCompressed() {
			return nil, false // it comes first, and holds something in a moment
		}
		if next, unsure := t.openUnread(r); next != nil || unsure {
			return next, next != nil
		}
	}
	if c.own != nil {
		next, _ = t.openUnread(*c.own)
	}
	return next, next != nil
}

// openUnread opens a file that holds something and that no stream has read; nil where it does not.
// unsure says that it comes first, but is there only in a moment.
func (t *tail) openUnread(r rotatedFile) (next *logFile, unsure bool) {
	if r.info.Size() == 0 {
		return nil, false
	}
	next, err := r.open()
	if err != nil {
		if errors.Is(err, errIncomplete) {
			return nil, true
		}
		t.src.tell(r.path, err)
		return nil, false
	}
	if isCopy := t.log.id().matches(next); isCopy || t.src.claimed(next, t) {
		_ = next.Close()
		return nil, false
	}
	return next, false
}

// isRotatedAway reports whether the file at the stream's path is not the one that it reads.
func (t *tail) isRotatedAway() bool {
	if t.log == nil {
		return false
	}
	own, err := statRegular(t.path)
	return err != nil || !os.SameFile(own, t.log.info)
}

// openNext opens the file at path when there is no current one.
func (t *tail) openNext() bool {
	log, err := openLog(t.path)
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			t.src.tell(t.path, err)
		}
		return false
	}
	if err := t.take(log, 0); err != nil {
		t.src.tell(t.path, err)
		return false
	}
	return true
}

// checkReplaced notices that the file was truncated, and perhaps written again, under the reader.
// What was not yet read of it is looked for in the copy that rotation made before.
func (t *tail) checkReplaced(ctx context.Context) error {
	if t.log == nil {
		return nil
	}
	if t.log.compressed {
		return t.unzipGrown()
	}
	head, err := t.log.readHeadInto(t.src.scratch[:])
	if err != nil {
		return nil // reading on will tell
	}
	size, err := t.log.size()
	if err != nil {
		return nil
	}
	read := t.lines.Offset() + int64(len(t.lines.Unread()))
	if size >= read && bytes.HasPrefix(head, t.log.head) {
		t.growHead(head)
		return nil
	}
	id, offset := t.log.id(), t.lines.Offset()
	log, err := t.src.dirs.findRotated(t.path, id, offset, t.log)
	if err != nil {
		return nil // it is there in a moment
	}
	if log != nil {
		t.shut()
		return t.take(log, offset)
	}
	return t.leave(ctx)
}

// learnHead takes in how a file begins that was empty or short when it was opened, as soon as more
// of it is read: by that its copy is known when it is truncated before the next look.
func (t *tail) learnHead() {
	if t.log.compressed || len(t.log.head) == headSize {
		return
	}
	head, err := t.log.readHeadInto(t.src.scratch[:])
	if err == nil && bytes.HasPrefix(head, t.log.head) {
		t.growHead(head)
	}
}

// growHead takes in more of how the file begins.
func (t *tail) growHead(head []byte) {
	if len(head) == len(t.log.head) {
		return
	}
	t.src.reading.remove(t)
	t.log.head = bytes.Clone(head)
	t.src.reading.add(t)
}

// unzipGrown goes on with a compressed file that broke off, once it has grown.
func (t *tail) unzipGrown() error {
	if t.log.cutAt == 0 || t.log.cutAt == t.log.diskSize() {
		return nil
	}
	t.log.cutAt, t.log.broken = 0, false
	t.src.reading.remove(t)
	return t.take(t.log, t.lines.Offset())
}
