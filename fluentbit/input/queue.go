// SPDX-License-Identifier: Apache-2.0

package input

import (
	"context"
	"slices"
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

// maxWarnings bounds the warnings that wait, in bytes. Beyond it the oldest are dropped: a pause of
// the host leaves those that are worth the most after it.
const maxWarnings = 64 << 10

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
	// warnings wait beside next: they are no part of the log, so that no place is behind them.
	// offeredWarnings are those that are offered.
	warnings        []warningEvent
	offeredWarnings []warningEvent
	warningBytes    int
	kills           killcount.Counter
	warned          map[string]uint64 // by cause, of warnings that the host has taken
	refused         uint64
	dropped         uint64 // warnings
}

// warningEvent is a warning, and its event.
type warningEvent struct {
	event  []byte
	record *record.Record
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

// warn adds a warning, and returns how many it dropped for it. Unlike a line it does not wait for
// room: a machine does not pause.
func (q *queue) warn(w warningEvent) (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.warnings = append(q.warnings, w)
	q.warningBytes += len(w.event)
	for q.warningBytes > maxWarnings && len(q.warnings) > 1 {
		q.warningBytes -= len(q.warnings[0].event)
		q.warnings[0] = warningEvent{} // its memory
		q.warnings = q.warnings[1:]
		dropped++
	}
	q.dropped += uint64(dropped)
	if !q.closed {
		q.wake()
	}
	return dropped
}

// cover says that nothing else came up to a place.
func (q *queue) cover(upTo place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next.upTo, q.next.covers = upTo, true
	if !q.offered.covers {
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
	switch {
	case len(q.offered.events) > 0:
	case len(q.warnings) > 0:
		q.offerWarnings()
	case len(q.next.events) > 0:
		q.next, q.offered = q.offered, q.next
	}
	if len(q.offered.events) == 0 {
		return nil
	}
	return q.offered.events
}

// offerWarnings offers the warnings alone, before what is next: one that was given before a kill
// comes before it. The caller holds mu; nothing is offered.
func (q *queue) offerWarnings() {
	for _, w := range q.warnings {
		q.offered.events = append(q.offered.events, w.event...)
		q.offered.records = append(q.offered.records, w.record)
	}
	q.offered.n = len(q.warnings)
	q.offeredWarnings, q.warnings, q.warningBytes = q.warnings, nil, 0
}

// waiting returns the warnings that the host has not taken.
func (q *queue) waiting() []warningEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Concat(q.offeredWarnings, q.warnings)
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
		q.addWarning(r)
	}
	if q.offered.covers {
		q.accept(q.offered.upTo)
	}
	buffer := q.offered.events[:0]
	if cap(buffer) > maxKeptBuffer {
		buffer = nil
	}
	q.offered, q.offeredWarnings = batch{events: buffer}, nil
	q.settle()
	q.signal()
	if len(q.next.events)+len(q.warnings) > 0 && !q.closed {
		q.wake()
	}
}

// addWarning counts a record if it is a warning. The caller holds mu.
func (q *queue) addWarning(r *record.Record) {
	if r.Text(record.Fields[record.EventName].Name) != record.EventWarning {
		return
	}
	if q.warned == nil {
		q.warned = make(map[string]uint64)
	}
	q.warned[r.Text(record.Fields[record.WarningCause].Name)]++
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

// take adds what was counted since it was called last.
func (q *queue) take(m *Metrics) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m.Kills = q.kills.Take()
	m.Warnings, q.warned = q.warned, nil
	m.RefusedBatches, q.refused = q.refused, 0
	m.DroppedWarnings, q.dropped = q.dropped, 0
}
