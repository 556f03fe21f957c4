// SPDX-License-Identifier: Apache-2.0

package input

import (
	"context"
	"sync"

	"github.com/oomtrail/oomtrail/fluentbit/killcount"
	"github.com/oomtrail/oomtrail/parser/record"
)

// The queue is full when it holds so many bytes or events. Then nothing more is read: what waits
// stays in the kernel's ring.
const (
	maxQueued       = 64 << 10
	maxQueuedEvents = 1000
)

// queue holds the events that the host has not taken yet.
type queue struct {
	wake func()
	// accept takes each place that the host has taken all before.
	accept func(place)
	// moved has a value when what [queue.wait] waits for may have come.
	moved chan struct{}

	mu             sync.Mutex
	paused, closed bool
	// next are events for later, offered those that the host has been given.
	next, offered batch
	kills         killcount.Counter
	refused       uint64
}

// batch are events, and what is behind them.
type batch struct {
	events  []byte
	n       int
	records []*record.Record
	// upTo is the place up to which all is done with once the host has taken the batch; covers is
	// false where there is none.
	upTo   place
	covers bool
}

func newQueue(wake func(), accept func(place)) *queue {
	return &queue{wake: wake, accept: accept, moved: make(chan struct{}, 1)}
}

// wait returns when there is room and the host does not pause, or with the error of ctx.
func (q *queue) wait(ctx context.Context) error {
	for {
		if q.ready() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-q.moved:
		}
	}
}

func (q *queue) ready() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.paused && len(q.next.events)+len(q.offered.events) < maxQueued && q.next.n+q.offered.n < maxQueuedEvents
}

// push adds n events, and the records among them. upTo is the place behind them.
func (q *queue) push(events []byte, n int, records []*record.Record, upTo place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := len(q.next.events) == 0
	q.next.events = append(q.next.events, events...)
	q.next.n += n
	q.next.records = append(q.next.records, records...)
	q.next.upTo, q.next.covers = upTo, true
	if first && !q.closed {
		q.wake()
	}
}

// cover says that nothing else came up to a place.
func (q *queue) cover(upTo place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next.upTo, q.next.covers = upTo, true
	if len(q.offered.events) == 0 {
		q.settle()
	}
}

// settle accepts the place of what is next, where that has no events. The caller holds mu.
func (q *queue) settle() {
	if len(q.next.events) == 0 && q.next.covers {
		q.next.covers = false
		q.accept(q.next.upTo)
	}
}

// batch returns the events to offer, nil for none.
func (q *queue) batch() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.offered.events) == 0 && len(q.next.events) > 0 {
		q.next, q.offered = q.offered, q.next
	}
	if len(q.offered.events) == 0 {
		return nil
	}
	return q.offered.events
}

// maxKeptBuffer bounds the buffer that is kept of a batch for a later one.
const maxKeptBuffer = 4 * maxQueued

// done says whether the host has taken what was offered.
func (q *queue) done(accepted bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.offered.events) == 0:
		return
	case !accepted:
		q.refused++
		return
	}
	for _, r := range q.offered.records {
		q.kills.Add(r)
	}
	q.accept(q.offered.upTo)
	buffer := q.offered.events[:0]
	if cap(buffer) > maxKeptBuffer {
		buffer = nil
	}
	q.offered = batch{events: buffer}
	q.settle()
	q.signal()
	if len(q.next.events) > 0 && !q.closed {
		q.wake()
	}
}

// pause says whether the host pauses.
func (q *queue) pause(paused bool) {
	q.mu.Lock()
	q.paused = paused
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.moved <- struct{}{}:
	default:
	}
}

// close ends the calls of wake.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
}

// take returns what was counted since it was called last.
func (q *queue) take() (kills []killcount.Count, refused uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	refused, q.refused = q.refused, 0
	return q.kills.Take(), refused
}
