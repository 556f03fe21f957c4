// SPDX-License-Identifier: Apache-2.0

// Package facts reads off a report, once, what its record and its diagnosis both rest on.
package facts

import (
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Facts are those of one report, seen from one of its kills. They are good as long as the report
// is.
type Facts struct {
	Report *report.Report
	// Kill is the kill, nil when nobody was killed.
	Kill       *report.Kill
	Constraint report.Constraint
	Scope      report.Scope
	// PageSize is in bytes, 0 when it is not known.
	PageSize int64
	// Row is the victim's row of the task table, nil without one.
	Row *report.Task
	// LimitPath is the cgroup whose limit was hit, VictimPath that of the chosen victim, where the
	// report names them.
	LimitPath, VictimPath string
	HasLimit, HasVictim   bool
	// Hit is the counter of that cgroup that ran out, LimitKB its limit, absent where none is told.
	Hit     report.MemcgCounterName
	LimitKB report.Int
	// Stat is that cgroup's memory.stat, with all that is below it.
	Stat []report.Stat
	// Who tells who a path is.
	Who identity.Memo
	// Ask returns the names of a workload, nil where names are not asked for. It outlives the
	// report.
	Ask func(report.Workload) report.Names
	// named are the names that were asked for since Read.
	named []named
	// Counters are the global counters of Mem-Info, in pages.
	Counters [NumCounters]report.Int
}

// Read reads the facts of a report; k may be nil. Memory of the report before serves again.
func (f *Facts) Read(r *report.Report, k *report.Kill) {
	f.Report, f.Kill, f.Row = r, k, nil
	f.Constraint, f.Scope = r.Constraint(k), r.Scope(k)
	f.PageSize, _ = r.PageSize()
	f.LimitPath, f.HasLimit = r.LimitCgroup()
	f.VictimPath, f.HasVictim = r.VictimCgroup()
	hit, known := r.LimitHit()
	if f.Hit, f.LimitKB = hit, r.Memcg.Counters[hit].LimitKB; !known {
		f.LimitKB = report.Int{}
	}
	f.Stat = r.AppendMemoryStat(f.Stat[:0])
	if k != nil {
		f.Row = r.Tasks.ByPID(k.PID)
	}
	f.readCounters()
	f.Who.Reset()
	f.forgetNames()
}

// Release lets go of the report, but for some of its text.
func (f *Facts) Release() {
	f.Report, f.Kill, f.Row = nil, nil, nil
	f.forgetNames()
}

// Column returns a column of the victim's row as printed; ok is false without the row or the
// column.
func (f *Facts) Column(c report.Column) (v int64, ok bool) {
	if f.Row == nil || !f.Report.Tasks.Table.Has(c) {
		return 0, false
	}
	return f.Row.Values[c], true
}
