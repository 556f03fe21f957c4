// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"sync"

	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/parser/record"
)

// counts are the kills that were read since the receiver was created.
type counts struct {
	mu    sync.Mutex
	lines int64
	kills map[killKind]int64
}

// killKind is what kills are counted by.
type killKind struct {
	constraint metadata.AttributeConstraint
	scope      metadata.AttributeScope
}

// newCounts returns counts of zero. The two usual kinds of kill are there from the start, so that
// the first kill is seen as a rise.
func newCounts() *counts {
	return &counts{kills: map[killKind]int64{
		{metadata.AttributeConstraintNone, metadata.AttributeScopeHost}:    0,
		{metadata.AttributeConstraintMemcg, metadata.AttributeScopeCgroup}: 0,
	}}
}

// addKillLine counts one kill line of the kernel.
func (c *counts) addKillLine() {
	c.mu.Lock()
	c.lines++
	c.mu.Unlock()
}

// addRecord counts a record, if it tells of a killed process.
func (c *counts) addRecord(r *record.Record) {
	if r.Text("event.name") != "oom.kill" {
		return
	}
	kind := killKind{metadata.AttributeConstraintUnknown, metadata.AttributeScopeUnknown}
	if v, ok := metadata.MapAttributeConstraint[r.Text("oom.constraint")]; ok {
		kind.constraint = v
	}
	if v, ok := metadata.MapAttributeScope[r.Text("oom.scope")]; ok {
		kind.scope = v
	}
	c.mu.Lock()
	c.kills[kind]++
	c.mu.Unlock()
}

// read calls fn with each count of kills and returns the count of kill lines.
func (c *counts) read(fn func(killKind, int64)) (lines int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for kind, n := range c.kills {
		fn(kind, n)
	}
	return c.lines
}
