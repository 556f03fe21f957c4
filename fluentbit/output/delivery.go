// SPDX-License-Identifier: Apache-2.0

package output

import (
	"context"
	"slices"
)

// delivery is the sending of one chunk's events.
type delivery struct {
	target target

	held               bool // no request was made, on purpose
	requests           uint64
	delivered, present uint64
	left               []event   // those that must be sent again
	troubles           []outcome // why, the first of each status
	refusals           []refusal // those that are lost
}

// refusal is why some events were refused for good.
type refusal struct {
	outcome
	ids []string
}

// deliver sends events in batches. When nothing of a batch came through, the server is left alone
// for now.
func (d *delivery) deliver(ctx context.Context, events []event) {
	for len(events) > 0 {
		n := batch(events)
		if d.send(ctx, events[:n]); len(d.left) >= n && d.delivered+d.present+d.refused() == 0 {
			d.left = append(d.left, events[n:]...)
			return
		}
		events = events[n:]
	}
}

// batch is how many of the events go into one request.
func batch(events []event) int {
	bytes := 0
	for i := range events {
		if bytes += events[i].size(); i > 0 && (bytes > maxBatchBytes || i == maxBatchEvents) {
			return i
		}
	}
	return len(events)
}

// send sends one batch. One that is refused as a whole is sent in halves, so that a record which
// the server cannot take costs no other.
func (d *delivery) send(ctx context.Context, events []event) {
	d.requests++
	for i, outcome := range d.target.send(ctx, events) {
		switch outcome.verdict {
		case delivered:
			d.delivered++
		case present:
			d.present++
		case retry:
			d.left = append(d.left, events[i])
			d.addTrouble(outcome)
		case split:
			if len(events) > 1 {
				d.send(ctx, events[:len(events)/2])
				d.send(ctx, events[len(events)/2:])
				return
			}
			fallthrough
		default:
			d.addRefusal(outcome, events[i].name())
		}
	}
}

func (d *delivery) addTrouble(o outcome) {
	if !slices.ContainsFunc(d.troubles, func(t outcome) bool { return t.status == o.status }) {
		d.troubles = append(d.troubles, o)
	}
}

func (d *delivery) addRefusal(o outcome, id string) {
	i := slices.IndexFunc(d.refusals, func(r refusal) bool { return r.reason == o.reason })
	if i < 0 {
		i = len(d.refusals)
		d.refusals = append(d.refusals, refusal{outcome: o})
	}
	d.refusals[i].ids = append(d.refusals[i].ids, id)
}

// refused is how many events are lost.
func (d *delivery) refused() (n uint64) {
	for i := range d.refusals {
		n += uint64(len(d.refusals[i].ids))
	}
	return n
}

// total is how many events the chunk had to deliver.
func (d *delivery) total() int { return int(d.delivered+d.present+d.refused()) + len(d.left) }
