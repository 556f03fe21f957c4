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
	current, err := t.log.Stat()
	if err != nil {
		return nil, false
	}
	own, err := statRegular(t.path)
	if err == nil && os.SameFile(own, current) {
		return nil, false
	}
	if isNotRegular(err) {
		t.src.tell(t.path, err) // no log for now; what was rotated away is read on
	}
	candidates, unsure := t.src.dirs.rotatedFiles(t.path)
	if unsure != nil {
		return nil, false // a moment later it can be told
	}
	from := rotatedFile{path: t.log.Name(), info: current} // gone, unless it is listed
	if i := slices.IndexFunc(candidates, func(c rotatedFile) bool { return os.SameFile(c.info, current) }); i >= 0 {
		from = candidates[i]
	}
	if err == nil {
		candidates = append(candidates, rotatedFile{path: t.path, info: own})
	}
	for _, c := range candidates {
		isOwn := c.path == t.path
		if os.SameFile(c.info, current) || !isOwn && c.isOlder(from) {
			continue
		}
		if c.info.Size() == 0 {
			if !isOwn && c.isBeingCompressed() {
				return nil, false // it comes first, and holds something in a moment
			}
			continue
		}
		next, err := c.open()
		if errors.Is(err, errIncomplete) {
			return nil, false // it comes first, and is there in a moment
		}
		if err != nil {
			t.src.tell(c.path, err)
			continue
		}
		isCopy := t.log.id().matches(next)
		if isCopy || t.src.claimed(next, t) {
			_ = next.Close()
			continue
		}
		return next, true
	}
	return nil, false
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
		return t.reopenGrown()
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

// reopenGrown goes on with a compressed file that broke off, once it has grown.
func (t *tail) reopenGrown() error {
	if t.log.cutAt == 0 || t.log.cutAt == t.log.diskSize() {
		return nil
	}
	log, err := openLog(t.log.Name())
	if err != nil {
		return nil // it will be tried again
	}
	offset := t.lines.Offset()
	t.shut()
	return t.take(log, offset)
}
