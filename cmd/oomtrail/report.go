package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// runReport prints each report whole, one JSON object each.
func runReport(std stdio, args []string) error {
	in, err := parseArgs("report", std, args, nil)
	if err != nil {
		return err
	}
	return in.each(func(r io.Reader, in input) error { return printReports(std.out, r, in.transport) })
}

// printReports prints the reports of one input as each of them ends.
func printReports(w io.Writer, r io.Reader, format transport.Format) error {
	asm := assembly.New(assembly.Options{KeepLines: true})
	decoder := transport.NewDecoder(format)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	var failed error
	print := func() {
		for _, closed := range asm.Closed() {
			if err := enc.Encode(reportView(closed)); err != nil && failed == nil {
				failed = err
			}
		}
	}
	take := func(l *transport.Line) {
		asm.Line(l)
		print()
	}
	err := parser.EachLine(r, func(line []byte) error {
		decoder.Decode(line, take)
		return failed
	})
	if err != nil {
		return err
	}
	decoder.Flush(take)
	asm.Flush()
	print()
	return failed
}

// reportView arranges a report for printing: every section that was seen, by the names of the kernel's own words.
func reportView(r *assembly.Report) object {
	v := object{}
	v.add("scope", r.Scope(first(r)).String())
	v.add("constraint", r.Constraint(first(r)).String())
	v.add("ending", r.Ending.String())
	v.add("complete", r.Complete())
	v.add("missing", sectionNames(r.Missing()))
	if size, ok := r.PageSize(); ok {
		v.add("page_size", size)
	}
	v.add("first", stampView(&r.First))
	v.add("manual", r.Manual)
	v.add("suppressed", plain(r.Suppressed))
	v.add("lost_records", r.LostRecords)
	v.add("invocation", plain(r.Invocation))
	v.add("cpu", plain(r.CPU))
	v.add("hardware", r.Hardware)
	v.add("workqueue", r.Workqueue)
	v.add("cpuset", plain(r.Cpuset))
	v.add("trace", r.Trace)
	v.add("memcg", memcgView(&r.Memcg))
	v.add("meminfo", memInfoView(&r.MemInfo))
	v.add("allocations", plain(r.Allocations))
	v.add("slab", plain(r.Slab))
	v.add("tasks", tasksView(&r.Tasks))
	v.add("oom_kill", plain(r.OOMKill))
	if r.HasSelection {
		v.add("selection", plain(r.Selection))
	}
	v.add("kills", killViews(r.Kills))
	v.add("group_path", r.GroupPath)
	v.add("sharing", plain(r.Sharing))
	if r.HasSkipped {
		v.add("skipped", plain(r.Skipped))
	}
	v.add("panic", r.Panic)
	v.add("lines", lineRanges(r.Lines))
	return v
}

func first(r *assembly.Report) *assembly.Kill {
	if len(r.Kills) == 0 {
		return nil
	}
	return &r.Kills[0]
}

func sectionNames(set assembly.Sections) (names []string) {
	for s := range assembly.NumSections {
		if set.Has(s) {
			names = append(names, s.String())
		}
	}
	return names
}

func stampView(s *assembly.Stamp) object {
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

func memcgView(m *assembly.Memcg) object {
	v := object{}
	v.add("task", m.Task)
	v.add("limit", m.Limit)
	for name, has := range m.Has {
		if has {
			c := &m.Counters[name]
			v.add(grammar.MemcgCounterName(name).String(), plain(struct{ UsageKB, LimitKB, Failcnt grammar.Int }{c.UsageKB, c.LimitKB, c.Failcnt}))
		}
	}
	v.add("stats_path", m.StatsPath)
	stats := object{}
	for i := range m.Stats {
		stats.add(printable(m.Stats[i].Name), m.Stats[i].Value)
	}
	v.add("stats", stats)
	v.add("subtree", m.Subtree)
	if m.HasProtection {
		v.add("protection", plain(m.Protection))
	}
	return v
}

func memInfoView(m *assembly.MemInfo) object {
	v := object{}
	v.add("counters", pairsView(m.Counters))
	var nodes, zones []object
	for i := range m.Nodes {
		n := object{}
		n.add("node", m.Nodes[i].ID)
		nodes = append(nodes, append(n, pairsView(m.Nodes[i].Pairs)...))
	}
	v.add("nodes", nodes)
	for i := range m.Zones {
		zones = append(zones, zoneView(&m.Zones[i]))
	}
	v.add("zones", zones)
	v.add("hugepages", plain(m.Hugepages))
	totals := object{}
	for name, total := range m.Totals {
		if total.OK {
			totals.add(grammar.TotalName(name).String(), total.V)
		}
	}
	v.add("totals", totals)
	return v
}

func zoneView(z *assembly.Zone) object {
	v := object{}
	v.add("node", plain(z.Node))
	v.add("zone", z.Name)
	v = append(v, pairsView(z.Pairs)...)
	v.add("lowmem_reserve", z.LowmemReserve)
	v.add("buddy", plain(z.Buddy))
	v.add("buddy_total_kb", plain(z.BuddyTotalKB))
	return v
}

// pairsView names a figure by its unit: free_kb, active_anon_pages; a truth has none.
func pairsView(pairs []grammar.Pair) object {
	v := object{}
	for i := range pairs {
		p := &pairs[i]
		switch p.Unit {
		case grammar.UnitKB:
			v.add(p.Name+"_kb", p.Value)
		case grammar.UnitBool:
			v.add(p.Name, p.Value == 1)
		default:
			v.add(p.Name+"_pages", p.Value)
		}
	}
	return v
}

func tasksView(t *assembly.Tasks) object {
	v := object{}
	if t.Count == 0 {
		return v
	}
	v.add("count", t.Count)
	if t.RSSPages >= 0 {
		v.add("rss_pages", t.RSSPages)
	}
	var rows []object
	for task := range t.Rows.All() {
		row := object{}
		row.add("pid", task.PID)
		for _, c := range t.Table.Columns[:t.Table.Len] {
			row.add(c.String(), task.Values[c])
		}
		row.add("name", printable(task.Name))
		rows = append(rows, row)
	}
	v.add("rows", rows)
	return v
}

func killViews(kills []assembly.Kill) (views []object) {
	for i := range kills {
		v := object{}
		v = append(v, plain(kills[i].Kill).(object)...)
		v.add("group", kills[i].Group)
		v.add("at", stampView(&kills[i].At))
		views = append(views, v)
	}
	return views
}

// lineRange is a run of input lines of one kind.
type lineRange struct {
	Kind string `json:"kind"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// lineRanges tells which input lines the report was read from.
func lineRanges(lines []assembly.ReportLine) (ranges []lineRange) {
	for i := range lines {
		l := &lines[i]
		if n := len(ranges); n > 0 && ranges[n-1].Kind == l.Kind.String() && l.Number-ranges[n-1].To <= 1 {
			ranges[n-1].To = l.Number
			continue
		}
		ranges = append(ranges, lineRange{Kind: l.Kind.String(), From: l.Number, To: l.Number})
	}
	return ranges
}
