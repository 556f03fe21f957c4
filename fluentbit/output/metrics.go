// SPDX-License-Identifier: Apache-2.0

package output

import "github.com/oomtrail/oomtrail/fluentbit/killcount"

// Metrics are what an instance counted since it was asked last.
type Metrics struct {
	// Kills are the kills among the records that came in or were made here, each once however often
	// it is sent, whether or not a server has taken it.
	Kills []killcount.Count
	// Delivered are the records that the server has, those that it had already included.
	Delivered uint64
	// Lost are the records that the server will never have: it refused them for good.
	Lost uint64
	// Retried are the records that a try left over and that are sent again, once for each try.
	Retried uint64
}

// Metrics returns what was counted since it was called last, for the host's own counters. A try
// that goes on after its flush counts when it has ended: the flush that Fluent Bit makes for it
// then finds it here.
func (o *Output) Metrics() Metrics {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := Metrics{Delivered: o.count.delivered + o.count.present, Lost: o.count.refused, Retried: o.count.left}
	last := o.reported
	o.reported = now
	return Metrics{
		Kills:     o.kills.Take(),
		Delivered: now.Delivered - last.Delivered,
		Lost:      now.Lost - last.Lost,
		Retried:   now.Retried - last.Retried,
	}
}
