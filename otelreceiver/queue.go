// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// item is one thing on its way from the source to the next component.
type item struct {
	// record is a record, or nil.
	record *record.Record
	// unlogged is set for a record that no log has: once lost, it does not come again.
	unlogged bool
	// line is a line of the kernel log (emit: all), or nil.
	line *kernelLine
	// observed is when its line was read, of a record the newest line that it is made of.
	observed time.Time
	// size is about how many bytes it holds.
	size int
	// checkpoint is what to store once this item and all before it are done with; nil to leave what
	// is stored. It is part of size.
	checkpoint []byte
}

// isProgress reports whether the item carries a checkpoint and no data.
func (it *item) isProgress() bool { return it.record == nil && it.line == nil }

// queue holds what was read and is not yet accepted, in order, in bounded
// memory. When it is full the source waits: a file and the journal keep what was
// not read, and the kernel's ring goes on holding what it can.
type queue struct {
	mu     sync.Mutex
	items  []item
	size   int // bytes queued and taken but not released
	limit  int
	closed bool
	more   chan struct{} // has a token when an item or the end may be there
	room   chan struct{} // has a token when room may be there
	ended  chan struct{} // closed with the queue
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, more: make(chan struct{}, 1), room: make(chan struct{}, 1), ended: make(chan struct{})}
}

// errQueueClosed says that nobody takes items off the queue any more.
var errQueueClosed = errors.New("delivery has ended")

// push adds an item, waiting for room. It returns an error when the context or the queue ends
// first.
func (q *queue) push(ctx context.Context, it item) error {
	for !q.tryPush(it, q.limit) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-q.room:
		case <-q.ended:
			return errQueueClosed
		}
	}
	return nil
}

// tryPush adds an item if the queue is open and then holds no more than limit bytes, or holds
// nothing else.
func (q *queue) tryPush(it item, limit int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	last := len(q.items) - 1
	if it.isProgress() && last >= 0 && q.items[last].isProgress() {
		q.size += it.size - q.items[last].size
		q.items[last] = it
		return true
	}
	if q.size > 0 && q.size+it.size > limit {
		return false
	}
	q.items = append(q.items, it)
	q.size += it.size
	signal(q.more)
	return true
}

// progress returns an item that carries a checkpoint and no data.
func progress(checkpoint []byte) item { return item{checkpoint: checkpoint, size: len(checkpoint)} }

// take waits for items and returns at most limit of them. ok is false after close, when none are
// left.
func (q *queue) take(limit int) (batch []item, ok bool) {
	for {
		batch, closed := q.takeNow(limit)
		if len(batch) > 0 || closed {
			return batch, len(batch) > 0
		}
		<-q.more
	}
}

// takeNow is take without waiting.
func (q *queue) takeNow(limit int) (batch []item, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(limit, len(q.items))
	batch = slices.Clone(q.items[:n])
	clear(q.items[:n])
	q.items = q.items[n:]
	if len(q.items) == 0 {
		q.items = nil
	} else {
		signal(q.more)
	}
	return batch, q.closed
}

// release gives back the room of a batch that was taken.
func (q *queue) release(batch []item) {
	q.mu.Lock()
	for i := range batch {
		q.size -= batch[i].size
	}
	q.mu.Unlock()
	signal(q.room)
}

// close ends the queue, also twice: nothing more comes in, what it holds can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.ended)
	}
	q.mu.Unlock()
	signal(q.more)
}

// signal leaves a token in c unless there is one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// sizeOf returns about how many bytes a record holds in memory.
func sizeOf(r *record.Record) int {
	const perAttr, perRecord = 16, 256
	n := perRecord + len(r.Body)
	for a := range r.Attrs() {
		n += perAttr + len(a.Value.String())
	}
	return n
}
