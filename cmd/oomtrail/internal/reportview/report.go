// SPDX-License-Identifier: Apache-2.0

// Package reportview writes a typed report as JSON: every section that was seen.
package reportview

import (
	"bufio"
	"time"

	"github.com/oomtrail/oomtrail/internal/facts"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Write writes a report as an indented JSON object and a newline. names finds those of its
// workloads. An error stays in w.
func Write(w *bufio.Writer, r *report.Report, names *facts.Facts) error {
	write(w, reportView(r, names), "")
	return w.WriteByte('\n')
}

// namesView arranges the names of the cgroup of the victim and of that whose limit was hit.
func namesView(r *report.Report, f *facts.Facts) object {
	f.Read(r, firstKill(r))
	defer f.Release()
	v := object{}
	v.add("victim", nameView(f.NamesOf(f.VictimPath)))
	if f.HasLimit && f.Scope == report.ScopeCgroup {
		v.add("limit", nameView(f.NamesOf(f.LimitPath)))
	}
	return v
}

// nameView arranges the names of a cgroup.
func nameView(n *report.Names) object {
	v := object{}
	v.add("namespace", n.Namespace)
	v.add("pod", n.Pod)
	v.add("container", n.Container)
	if n.HasRestartCount {
		v.add("restart_count", n.RestartCount)
	}
	v.add("container_name", n.ContainerName)
	v.add("image", n.Image)
	v.add("compose_project", n.ComposeProject)
	v.add("compose_service", n.ComposeService)
	v.add("job", n.JobName)
	v.add("group", n.GroupName)
	v.add("task", n.TaskName)
	v.add("machine", n.Machine)
	v.add("doubt", n.Doubt)
	return v
}

// reportView arranges a report for printing: every section that was seen, by the names of the
// kernel's own words. Names are those of the machine's files.
func reportView(r *report.Report, names *facts.Facts) object {
	v := object{}
	v.add("scope", r.Scope(firstKill(r)).String())
	v.add("constraint", r.Constraint(firstKill(r)).String())
	v.add("ending", r.Ending.String())
	v.add("complete", r.Complete())
	v.add("missing", sectionNames(r.Missing()))
	if size, ok := r.PageSize(); ok {
		v.add("page_size", size)
	}
	v.add("first", stampView(&r.First))
	v.add("manual", r.Manual)
	v.add("suppressed", valueView(r.Suppressed))
	v.add("lost_records", r.LostRecords)
	v.add("invocation", valueView(r.Invocation))
	v.add("cpu", valueView(r.CPU))
	v.add("hardware", r.Hardware)
	v.add("workqueue", r.Workqueue)
	v.add("cpuset", valueView(r.Cpuset))
	v.add("trace", valueView(r.Trace))
	v.add("memcg", memcgView(&r.Memcg))
	v.add("meminfo", memInfoView(&r.MemInfo))
	v.add("allocations", valueView(r.Allocations))
	v.add("slab", valueView(r.Slab))
	v.add("tasks", tasksView(&r.Tasks))
	v.add("oom_kill", valueView(r.OOMKill))
	v.add("names", namesView(r, names))
	if r.HasSelection {
		v.add("selection", valueView(r.Selection))
	}
	v.add("kills", listOf(r.Kills, killView))
	v.add("group_path", r.GroupPath)
	v.add("sharing", valueView(r.Sharing))
	if r.HasSkipped {
		v.add("skipped", valueView(r.Skipped))
	}
	v.add("panic", r.Panic)
	v.add("lines", lineRanges(r.Lines))
	return v
}

func firstKill(r *report.Report) *report.Kill {
	if len(r.Kills) == 0 {
		return nil
	}
	return &r.Kills[0]
}

func sectionNames(set report.Sections) list {
	var names []string
	for s := range report.NumSections {
		if set.Has(s) {
			names = append(names, s.String())
		}
	}
	return valueView(names).(list)
}

func stampView(s *report.Stamp) object {
	v := object{}
	v.add("line", s.Number)
	if s.HasUptime {
		v.add("uptime", float64(s.Uptime)/1e6)
	}
	if !s.Wall.IsZero() {
		v.add("time", s.Wall.Format(time.RFC3339Nano))
	}
	v.add("stamp", s.Text)
	if s.HasSequence {
		v.add("sequence", s.Sequence)
	}
	v.add("host", s.Host)
	v.add("caller", s.Caller)
	v.add("boot_id", s.BootID)
	return v
}

func memcgView(m *report.Memcg) object {
	v := object{}
	v.add("task", m.Task)
	v.add("limit", m.Limit)
	for name, has := range m.Has {
		if has {
			c := &m.Counters[name]
			v.add(report.MemcgCounterName(name).String(), valueView(struct{ UsageKB, LimitKB, Failcnt report.Int }{c.UsageKB, c.LimitKB, c.Failcnt}))
		}
	}
	v.add("stats_path", m.StatsPath)
	stats := object{}
	for i := range m.Stats {
		stats.add(plain.Printable(m.Stats[i].Name), m.Stats[i].Value)
	}
	v.add("stats", stats)
	v.add("subtree", m.Subtree)
	if m.HasProtection {
		v.add("protection", valueView(m.Protection))
	}
	return v
}

func memInfoView(m *report.MemInfo) object {
	v := object{}
	v.add("counters", pairsView(m.Counters))
	v.add("nodes", listOf(m.Nodes, nodeView))
	v.add("zones", listOf(m.Zones, zoneView))
	v.add("hugepages", valueView(m.Hugepages))
	totals := object{}
	for name, total := range m.Totals {
		if total.OK {
			totals.add(report.TotalName(name).String(), total.V)
		}
	}
	v.add("totals", totals)
	return v
}

func nodeView(n *report.Node) any {
	v := object{}
	v.add("node", n.ID)
	return append(v, pairsView(n.Pairs)...)
}

func zoneView(z *report.Zone) any {
	v := object{}
	v.add("node", valueView(z.Node))
	v.add("zone", z.Name)
	v = append(v, pairsView(z.Pairs)...)
	v.add("lowmem_reserve", valueView(z.LowmemReserve))
	v.add("buddy", valueView(z.Buddy))
	v.add("buddy_total_kb", valueView(z.BuddyTotalKB))
	return v
}

// pairsView names a figure by its unit: free_kb, active_anon_pages; a truth has none.
func pairsView(pairs []report.Pair) object {
	v := object{}
	for i := range pairs {
		p := &pairs[i]
		switch p.Unit {
		case report.UnitKB:
			v.add(p.Name+"_kb", p.Value)
		case report.UnitBool:
			v.add(p.Name, p.Value == 1)
		default:
			v.add(p.Name+"_pages", p.Value)
		}
	}
	return v
}

func tasksView(t *report.Tasks) object {
	v := object{}
	if t.Count == 0 {
		return v
	}
	v.add("count", t.Count)
	if t.RSSPages >= 0 {
		v.add("rss_pages", t.RSSPages)
	}
	if t.Rows.Len() > 0 {
		v.add("rows", taskRows(t))
	}
	return v
}

func taskRows(t *report.Tasks) list {
	return func(yield func(any) bool) {
		for task := range t.Rows.All() {
			row := object{}
			row.add("pid", task.PID)
			for _, c := range t.Table.Columns[:t.Table.Len] {
				row.add(c.String(), task.Values[c])
			}
			row.add("name", plain.Printable(task.Name))
			if !yield(row) {
				return
			}
		}
	}
}

func killView(k *report.Kill) any {
	v := append(object{}, valueView(k.KillLine).(object)...)
	v.add("group", k.Group)
	v.add("at", stampView(&k.At))
	return v
}

// lineRanges tells which input lines the report was read from: runs of lines of one kind.
func lineRanges(lines []report.Line) list {
	if len(lines) == 0 {
		return nil
	}
	return func(yield func(any) bool) {
		for from := 0; from < len(lines); {
			to := from
			for to+1 < len(lines) && lines[to+1].Kind == lines[from].Kind && lines[to+1].Number-lines[to].Number <= 1 {
				to++
			}
			if !yield(object{{"kind", lines[from].Kind}, {"from", lines[from].Number}, {"to", lines[to].Number}}) {
				return
			}
			from = to + 1
		}
	}
}
