// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// fate says what becomes of a log record that came in.
type fate uint8

const (
	passes     fate = iota // it goes on as it is
	dropped                // it is left out
	distrusted             // it goes on, but says no longer that it is verified: it is no record of ours
)

// fates are those of the log records of a batch, in its order.
type fates struct {
	of      []fate
	dropped int
	change  bool // some log record does not go on as it is
}

// next notes the fate of the next log record.
func (f *fates) next(next fate) {
	f.of = append(f.of, next)
	f.change = f.change || next != passes
	if next == dropped {
		f.dropped++
	}
}

// applyTo returns a copy of ld in which each log record has met its fate. A copy it must be: the
// batch belongs to the sender, who sends it again when it is refused.
func (f *fates) applyTo(ld plog.Logs) plog.Logs {
	out := plog.NewLogs()
	if !f.change {
		ld.CopyTo(out)
		return out
	}
	i := 0
	for _, rl := range ld.ResourceLogs().All() {
		var toRL plog.ResourceLogs
		hasRL := false
		for _, sl := range rl.ScopeLogs().All() {
			var toSL plog.ScopeLogs
			hasSL := false
			for _, lr := range sl.LogRecords().All() {
				i++
				if f.of[i-1] == dropped {
					continue
				}
				if !hasRL {
					toRL, hasRL = out.ResourceLogs().AppendEmpty(), true
					rl.Resource().CopyTo(toRL.Resource())
					toRL.SetSchemaUrl(rl.SchemaUrl())
				}
				if !hasSL {
					toSL, hasSL = toRL.ScopeLogs().AppendEmpty(), true
					sl.Scope().CopyTo(toSL.Scope())
					toSL.SetSchemaUrl(sl.SchemaUrl())
				}
				to := toSL.LogRecords().AppendEmpty()
				lr.CopyTo(to)
				if f.of[i-1] == distrusted {
					oomlogs.Distrust(to)
				}
			}
		}
	}
	return out
}
