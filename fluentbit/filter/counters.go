// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"

	"github.com/oomtrail/oomtrail/parser/record"
)

// counters are what one instance counts from its start.
type counters struct {
	chunks, bytes uint64 // all that came in
	untouched     uint64 // chunks handed back after the scan
	lines         uint64 // lines given to the parser
	reports       uint64 // reports that gave at least one record
	kills         uint64 // records of kills
	others        uint64 // records of reports without a victim
	partial       uint64 // reports that the log lost a part of
	lost          uint64 // kernel messages lost inside reports: gaps in the sequence and loss markers
	dropped       uint64 // log events that the mode dropped
	passedOurs    uint64 // records of ours that another frontend had made
	duplicates    uint64 // records not made, since a frontend before this one made them
	errors        uint64 // values in chunks that are no log events
	evicted       uint64 // streams with an open report that had to make room for others
}

// String returns the counters for a log line.
func (c *counters) String() string {
	return fmt.Sprintf("chunks=%d bytes=%d untouched=%d lines=%d reports=%d kills=%d other_records=%d partial=%d lost_records=%d dropped=%d passed_records=%d duplicates=%d errors=%d evicted=%d",
		c.chunks, c.bytes, c.untouched, c.lines, c.reports, c.kills, c.others, c.partial, c.lost, c.dropped, c.passedOurs, c.duplicates, c.errors, c.evicted)
}

// count counts one record. first is true for the first record of its report.
func (c *counters) count(r *record.Record, first bool) {
	if r.Text("event.name") == "oom.kill" {
		c.kills++
	} else {
		c.others++
	}
	if !first {
		return
	}
	c.reports++
	if complete, ok := r.Get("oom.report.complete"); ok && !complete.Bool() {
		c.partial++
	}
	if lost, ok := r.Get("oom.report.lost_records"); ok {
		c.lost += uint64(max(lost.Int64(), 0))
	}
}
