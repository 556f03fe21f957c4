// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"sync/atomic"
	"time"

	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/parser/record"
)

// counts are the kills that were read since the receiver was created.
type counts struct {
	lines atomic.Int64
	kills *tally.Tally
	lost  *lostKills // nil where the log is not that of the running kernel, or nobody asks
}

// newCounts returns counts of zero, of kills by these attributes.
func newCounts(by []string) *counts { return &counts{kills: tally.New(by, time.Now())} }

// addKillLine counts one kill line of the kernel.
func (c *counts) addKillLine() { c.lines.Add(1) }

// addRecord counts a record, if it is one of a kill.
func (c *counts) addRecord(r *record.Record) {
	if r.Text("event.name") == record.EventKill {
		c.kills.Add(time.Now(), r.Text)
	}
}
