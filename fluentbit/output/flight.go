// SPDX-License-Identifier: Apache-2.0

package output

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
)

const (
	// patience is how long the thread of Fluent Bit's engine waits for a try. A server at hand has
	// answered by then; of one that has not, Fluent Bit is told to come again, and the try goes on
	// meanwhile.
	patience = 250 * time.Millisecond
	// haste is for how long the engine does not wait at all once it has waited in vain: so it gives
	// a slow server a tenth of its time at most.
	haste = 10 * patience
	// maxFlights is how many tries may be under way or wait for their turn, maxTurns how many of
	// them make requests at once.
	maxFlights = 256
	maxTurns   = 4
)

// flight is one try to deliver what is left of a chunk. It goes on when the flush that began it
// waits no more.
type flight struct {
	done    chan struct{} // closed when result stands
	result  Result
	awaited int // flushes that wait for it, by [Output.mu]
	bytes   int
}

// landed is a flight that is over.
func landed(r Result) *flight {
	f := &flight{done: make(chan struct{}), result: r}
	close(f.done)
	return f
}

// launch begins to deliver the events of a chunk. Where too many tries are under way it puts the
// chunk off. It needs o.mu.
func (o *Output) launch(key uint64, events []event) *flight {
	f := &flight{done: make(chan struct{})}
	for i := range events {
		f.bytes += events[i].size()
	}
	if len(o.flights) > 0 && (len(o.flights) >= maxFlights || o.flying+f.bytes > maxPendingBytes) {
		o.count.retries++
		o.count.left += uint64(len(events))
		o.remember(key, pendingChunk{events: events, result: Retry})
		return landed(Retry)
	}
	o.flights[key] = f
	o.flying += f.bytes
	go o.fly(key, f, events)
	return f
}

// fly delivers, when its turn comes.
func (o *Output) fly(key uint64, f *flight, events []event) {
	defer func() {
		if p := recover(); p != nil {
			o.defect(p)
			o.mu.Lock()
			defer o.mu.Unlock()
			o.count.refused += uint64(len(events))
			o.land(key, f, Error, nil)
		}
	}()
	o.turns <- struct{}{}
	defer func() { <-o.turns }()
	d := delivery{target: o.target}
	if o.holds() {
		d.left, d.held = events, true
	} else {
		o.try(&d, events)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.land(key, f, o.settle(&d), d.left)
}

// try makes the requests of a flight.
func (o *Output) try(d *delivery, events []event) {
	ctx, cancel := context.WithTimeout(o.life, o.timeout())
	defer cancel()
	start := time.Now()
	d.deliver(ctx, events)
	if took := time.Since(start); (took >= slow || ctx.Err() != nil) && len(d.left) == len(events) {
		o.hold(2 * took)
	}
}

// land ends a flight. What nobody waits for is remembered until the chunk comes again. It needs
// o.mu.
func (o *Output) land(key uint64, f *flight, result Result, left []event) {
	delete(o.flights, key)
	o.flying -= f.bytes
	f.result = result
	close(f.done)
	if result == Retry || f.awaited == 0 {
		o.remember(key, pendingChunk{events: left, result: result})
	}
}

// await waits for a flight, in the engine's thread only so long, and returns what Fluent Bit is
// told.
func (o *Output) await(f *flight, inEngine bool) Result {
	if !inEngine {
		<-f.done
		return f.result
	}
	o.mu.Lock()
	wait := patience
	if time.Now().Before(o.hastyUntil) {
		wait = 0
	}
	o.mu.Unlock()
	select {
	case <-f.done:
		return f.result
	case <-time.After(wait):
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-f.done: // just now
		return f.result
	default:
	}
	f.awaited--
	if wait > 0 {
		o.hastyUntil = time.Now().Add(haste)
	}
	o.count.unawaited++
	return Retry
}

// remember keeps what is known of a chunk that comes again. It needs o.mu.
func (o *Output) remember(key uint64, c pendingChunk) {
	if n := o.pending.put(key, c); n > 0 {
		o.count.forgotten += uint64(n)
		o.notices.say(filter.LevelWarn, "forgotten", "too many chunks wait to be sent again to remember them all: some will be read anew")
	}
}

// ground waits for the flights that are under way, and gives up those that take too long.
func (o *Output) ground() {
	o.mu.Lock()
	flights := make([]*flight, 0, len(o.flights))
	for _, f := range o.flights {
		flights = append(flights, f)
	}
	o.mu.Unlock()
	timer := time.AfterFunc(o.timeout(), o.end)
	for _, f := range flights {
		<-f.done
	}
	timer.Stop()
	o.end()
}

// defect says that a panic happened.
func (o *Output) defect(p any) {
	o.log(filter.LevelError, fmt.Sprintf("this is a defect of the plugin, please report it; a chunk is dropped: %v\n%s", p, debug.Stack()))
}
