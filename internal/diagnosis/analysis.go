// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// analysis is one report under diagnosis: what is known of it, and what was found.
type analysis struct {
	r     *report.Report
	k     *report.Kill // nil when nobody was killed
	kills int          // kills of this cgroup so far

	facts *facts.Facts
	scope report.Scope
	page  int64 // bytes, 0 when unknown
	// limit and victim are who the limit's and the victim's cgroup is, nobody where that is not
	// told.
	limit, victim         *identity.Identity
	limitPath, victimPath string
	// limitNames and victimNames are the names of those two, never nil.
	limitNames, victimNames *report.Names
	mem                     memory
	tasks                   tasks
	victimBytes             report.Int
	// victimPrivate is the part of it that no other process or file shares.
	victimPrivate report.Int

	found []Finding
}

// nobody is who a cgroup is that the report does not name.
var nobody identity.Identity

// begin reads the figures that findings rest on. c is as [analysis.end] left it.
func (c *analysis) begin(f *facts.Facts, kills int) {
	r, k := f.Report, f.Kill
	c.r, c.k, c.kills, c.facts, c.scope, c.page, c.limit, c.victim = r, k, kills, f, f.Scope, f.PageSize, &nobody, &nobody
	c.found = c.found[:0]
	if f.HasLimit && c.scope == report.ScopeCgroup {
		c.limitPath, c.limit = f.LimitPath, f.Who.Of(f.LimitPath)
	}
	if f.HasVictim {
		c.victimPath, c.victim = f.VictimPath, f.Who.Of(f.VictimPath)
	}
	c.limitNames, c.victimNames = f.NamesOf(c.limitPath), f.NamesOf(c.victimPath)
	if k != nil {
		c.victimBytes = sumKB(k.AnonRSSKB, k.FileRSSKB, k.ShmemRSSKB)
		c.victimPrivate = sumKB(k.AnonRSSKB)
	}
	switch c.scope {
	case report.ScopeCgroup:
		c.mem = cgroupMemory(f)
	default:
		c.mem = hostMemory(f)
	}
	c.tasks = readTasks(r, c.page)
	c.mem.settleRest(c.tasks.rss)
	if c.scope != report.ScopeCgroup {
		c.mem.dropImplausibleTotal(max(c.tasks.bytes(c.tasks.largest), c.victimBytes.V))
	}
}

// end forgets all but what was found.
func (c *analysis) end() { *c = analysis{found: c.found} }

// add records a finding and returns it to be filled in; the pointer is good until the next add.
func (c *analysis) add(cause Cause, confidence Confidence) *Finding {
	c.found = append(c.found, Finding{Cause: cause, Confidence: confidence})
	return &c.found[len(c.found)-1]
}

// finding returns a finding by its cause, nil when there is none.
func (c *analysis) finding(cause Cause) *Finding {
	for i := range c.found {
		if c.found[i].Cause == cause {
			return &c.found[i]
		}
	}
	return nil
}

// has reports whether a cause was found already.
func (c *analysis) has(cause Cause) bool { return c.finding(cause) != nil }

// sumKB adds KiB figures to bytes; it is absent when all are.
func sumKB(parts ...report.Int) (sum report.Int) {
	for _, p := range parts {
		if p.OK {
			sum = report.Some(add(sum.V, kib(p.V)))
		}
	}
	return sum
}

// kib turns KiB into bytes. A figure that no machine can have gives 0, so that sums never overflow.
func kib(kb int64) int64 { return scale(kb, 1024) }

// add is a + b, at most 2^60: a log can be made up so that sums would overflow.
func add(a, b int64) int64 { return min(a+b, 1<<60) }

// scale multiplies a count by a unit; what is negative or beyond 2^56 bytes is taken as 0.
func scale(n, unit int64) int64 {
	if n < 0 || unit <= 0 || n > 1<<56/unit {
		return 0
	}
	return n * unit
}
