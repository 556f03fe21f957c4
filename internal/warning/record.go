// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"time"

	"github.com/oomtrail/oomtrail/internal/build"
	boot "github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

const (
	// candidates is how many processes a record lists.
	candidates = 5
	// waitedIn is the time that a pressure is a share of.
	waitedIn = 10 * time.Second
)

// recorder makes the records of warnings. It is for one goroutine.
type recorder struct {
	system   watch.System
	settings Settings
	builder  *build.Builder
	boot     string
	// renamed is set where cgroups have other paths than the kernel's, as in a container.
	renamed bool
}

func newRecorder(o Options) *recorder {
	_, renamed := o.System.Narrowed()
	return &recorder{
		renamed: renamed, system: o.System, settings: o.Settings, boot: boot.BootIDOf(boot.BootIDFile(o.System.Proc)),
		builder: build.NewBuilder(build.Options{Names: o.Names, HostName: o.HostName, HostID: o.HostID}),
	}
}

// record makes the record of a finding. It reads the processes of the machine.
func (r *recorder) record(f *Finding) *record.Record {
	w := build.Warning{At: f.At, BootID: r.boot, Cause: string(f.Cause)}
	memory := r.memory(f)
	hierarchy, err := r.system.Hierarchy()
	if f.Cgroup != nil {
		w.Path = f.Cgroup.Path
	}
	if err == nil || f.Cgroup == nil {
		w.Candidates = r.candidates(f, hierarchy, memory)
	}
	w.Figures = r.figures(f, hierarchy, memory)
	say := words{f: f, m: memory, near: r.settings.NearLimit, candidates: w.Candidates}
	if f.Cgroup != nil {
		say.g = *f.Cgroup
	}
	w.Body, w.Summary, w.Advice = say.body(), say.summary(), say.advice
	return r.builder.Warning(&w)
}

// record makes the record of a finding that is to be emitted, and remembers it for
// [Watcher.Warned]. It is for the goroutine of Run.
func (w *Watcher) record(f *Finding) *record.Record {
	rec := w.records.record(f)
	g := pastWarning{id: rec.Text(record.Fields[record.WarningID].Name), at: f.At}
	if f.Cgroup != nil {
		g.path = f.Cgroup.Path
	}
	if f.Cgroup == nil || !w.records.renamed {
		w.given.remember(g)
	}
	return rec
}

// memory is that of the machine.
func (r *recorder) memory(f *Finding) watch.Memory {
	if f.Host != nil {
		return f.Host.Memory
	}
	m, _ := r.system.Memory() // without it the record says less
	return m
}

// candidates are the processes that the kernel would kill first. There are none where not all
// processes are seen, and where it kills nobody.
func (r *recorder) candidates(f *Finding, h watch.Hierarchy, m watch.Memory) (top []build.Candidate) {
	// A container that sees the cgroups of others as well knows of their processes nothing.
	narrowed, inside := r.system.Narrowed()
	if f.Cgroup != nil && f.Cgroup.KillOff || narrowed && (f.Cgroup == nil || !inside) {
		return nil
	}
	under := "/"
	if f.Cgroup != nil {
		under = f.Cgroup.Path
	}
	processes, hidden, err := r.system.ProcessesUnder(under)
	if err != nil || hidden {
		return nil
	}
	var ranked []watch.Process
	if f.Cgroup != nil {
		ranked = r.system.RankUnder(processes, h, f.Cgroup, m, r.system.Settings())
	} else {
		ranked = r.system.Rank(processes, m)
	}
	for _, p := range ranked[:min(candidates, len(ranked))] {
		top = append(top, build.Candidate{PID: int64(p.PID), Name: p.Name, RSS: p.RSS, Swap: p.Swap, Adjustment: p.Adjustment, Score: p.Score, Cgroup: p.Cgroup})
	}
	return top
}

// pressureOf is the share of the last ten seconds in which all tasks waited for memory.
func pressureOf(f *Finding) (share float64, ok bool) {
	var full watch.Stall
	switch {
	case f.Cgroup != nil:
		full = f.Cgroup.Pressure.Full
	case f.Host != nil:
		full = f.Host.Pressure.Full
	}
	return math.Round(1e4*fraction(full)) / 1e4, full.OK
}

// figures are what was measured.
func (r *recorder) figures(f *Finding, h watch.Hierarchy, m watch.Memory) (all []build.Figure) {
	add := func(id record.ID, n watch.Int) {
		if n.OK && n.V >= 0 {
			all = append(all, build.Figure{ID: id, Value: record.Int64Value(n.V)})
		}
	}
	float := func(id record.ID, v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			all = append(all, build.Figure{ID: id, Value: record.Float64Value(v)})
		}
	}
	if g := f.Cgroup; g != nil {
		add(record.CgroupMemoryUsage, g.Current)
		add(record.CgroupMemoryLimit, g.Max)
		add(record.CgroupMemoryHeld, g.Held())
		add(record.CgroupMemoryHigh, g.High)
		add(record.CgroupMemoryPeak, g.Peak)
		if h.Version == 1 {
			if g.Current.OK && g.Swap.OK {
				add(record.CgroupMemswUsage, report.Some(g.Current.V+g.Swap.V))
			}
			add(record.CgroupMemswLimit, g.SwapMax)
		} else {
			add(record.CgroupSwapUsage, g.Swap)
			add(record.CgroupSwapLimit, g.SwapMax)
		}
	}
	if share, ok := pressureOf(f); ok {
		limited := f.Cause == HostPressure || f.Cause == CgroupPressure
		if f.Cgroup != nil && (limited || f.Cause == CgroupThrottled) {
			all = append(all, build.Figure{ID: record.PressureCgroup, Value: record.StringValue(f.Cgroup.Path)})
		}
		float(record.PressureCurrent, share)
		if limited {
			float(record.PressureLimit, f.Threshold)
			float(record.PressureDuration, waitedIn.Seconds())
		}
	}
	if f.Grows {
		float(record.WarningGrowth, math.Round(f.Growth))
	}
	if left, ok := f.left(); ok {
		float(record.WarningTimeLeft, left.Round(time.Millisecond).Seconds())
	}
	add(record.HostMemoryTotal, m.Total)
	add(record.HostMemoryAvailable, m.Available)
	if f.Cgroup == nil {
		add(record.HostMemoryFree, m.Free)
		add(record.HostMemoryAnon, m.Anon)
		add(record.HostMemoryShmem, m.Shmem)
		add(record.HostMemorySlabReclaimable, m.SlabReclaimable)
		add(record.HostMemorySlabUnreclaimable, m.SlabUnreclaimable)
		add(record.HostMemoryPageTables, m.PageTables)
		add(record.HostMemoryHugetlb, m.HugePages)
	}
	add(record.HostSwapTotal, m.SwapTotal)
	add(record.HostSwapFree, m.SwapFree)
	if f.Cause == CommitLimit {
		add(record.HostCommitLimit, m.CommitLimit)
		add(record.HostCommitUsed, m.CommittedAS)
	}
	return all
}

// left is what is possibly left until the memory has run out.
func (f *Finding) left() (time.Duration, bool) {
	return f.TimeLeft, f.Grows && f.Steady && f.TimeLeft >= 0
}
