// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestTypedReport compares every figure of the memory state and every row of the tables of each
// kernel's report with the values it was rendered from.
func TestTypedReport(t *testing.T) {
	for i, k := range Kernels {
		for seed := range int64(2) {
			s := Scenario{Constraint: "NONE", Slab: true, Profile: true}
			p := &printer{Kernel: k, Scenario: s, Values: NewValues(seed+int64(i)*2, Ordinary).fit(k, s)}
			withReport(t, Report(k, s, p.Values), func(r *report.Report) {
				checkCounters(t, p, r)
				checkNodes(t, p, r)
				checkZones(t, p, r)
				checkRows(t, p, r)
				checkSlab(t, p, r)
			})
		}
	}
}

// withReport reads the records and calls check with the report that they are.
func withReport(t *testing.T, records []Record, check func(*report.Report)) {
	t.Helper()
	text, _ := Formats[0].Put(records)
	reports := 0
	err := parser.ReadReports(bytes.NewReader(text), parser.Options{Transport: parser.FormatKmsg}, parser.Handler{Report: func(r *report.Report) error {
		if reports++; reports == 1 {
			check(r)
		}
		return nil
	}})
	if err != nil || reports == 0 {
		t.Fatalf("%d reports, %v", reports, err)
	}
}

func equal(t *testing.T, k Kernel, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s = %v, want %v", k.Name, what, got, want)
	}
}

func checkCounters(t *testing.T, p *printer, r *report.Report) {
	for _, line := range p.counterLines() {
		for _, name := range strings.Fields(strings.ToLower(line)) {
			got, _ := r.MemInfo.Counter(name)
			equal(t, p.Kernel, name, got, p.figure("global", name))
		}
	}
	totals := map[report.TotalName]int64{report.TotalRAM: p.ramPages(), report.TotalReserved: p.total("reserved"),
		report.TotalSwapFree: p.total("free swap"), report.TotalSwapCache: p.total("swapcache")}
	for name, want := range totals {
		equal(t, p.Kernel, fmt.Sprint("total ", name), r.MemInfo.Totals[name], report.Some(want))
	}
}

func checkNodes(t *testing.T, p *printer, r *report.Report) {
	if !p.mainline("4.8") {
		return
	}
	equal(t, p.Kernel, "nodes", len(r.MemInfo.Nodes), len(p.Nodes))
	for i, node := range p.Nodes {
		checkPairs(t, p, fmt.Sprint("node", node), p.nodeForm(), r.MemInfo.Nodes[i].Value)
	}
}

// checkPairs compares the figures of a node or zone with the form that they were printed in.
func checkPairs(t *testing.T, p *printer, part, form string, value func(string) (int64, bool)) {
	t.Helper()
	for _, field := range strings.Fields(form) {
		name := strings.TrimRight(field, ":#^?")
		want := p.figure(part, name)
		if strings.HasSuffix(field, "?") {
			want %= 2
		}
		got, ok := value(name)
		equal(t, p.Kernel, part+" "+name, [2]any{got, ok}, [2]any{want, true})
	}
}

func checkZones(t *testing.T, p *printer, r *report.Report) {
	equal(t, p.Kernel, "zones", len(r.MemInfo.Zones), len(p.Nodes)*len(p.zones()))
	for i := range r.MemInfo.Zones {
		node, name := p.Nodes[i/len(p.zones())], p.zones()[i%len(p.zones())]
		z := &r.MemInfo.Zones[i]
		equal(t, p.Kernel, "zone", z.Name, name)
		if p.nodePrefix(node) != "" {
			equal(t, p.Kernel, "node of zone", z.Node, report.Some(int64(node)))
		}
		checkPairs(t, p, zonePart(node, name), p.zoneForm(), z.Value)
		equal(t, p.Kernel, "reserve", len(z.LowmemReserve) >= 3, true)
		sum := int64(0)
		for _, item := range z.Buddy {
			sum += item.Count * item.SizeKB
		}
		equal(t, p.Kernel, "free list of "+name, z.BuddyTotalKB.V, sum)
		equal(t, p.Kernel, "free list of "+name, len(z.Buddy) == 11 || p.to("2.6.18") && name == "HighMem", true)
	}
}

func checkRows(t *testing.T, p *printer, r *report.Report) {
	if !p.HasTasks() {
		return
	}
	equal(t, p.Kernel, "rows", r.Tasks.Rows.Len(), len(p.Tasks))
	for i, want := range p.Tasks {
		row := r.Tasks.Rows.At(i)
		columns := map[report.Column]int64{report.ColUID: int64(int32(want.UID)), report.ColTGID: want.TGID, report.ColTotalVM: want.TotalVM,
			report.ColRSS: want.RSS(), report.ColRSSAnon: want.Anon, report.ColRSSFile: want.File, report.ColRSSShmem: want.Shmem,
			report.ColCPU: p.CPU, report.ColNrPtes: want.PTEPages, report.ColPgtablesBytes: p.kb(want.PTEPages) * 1024,
			report.ColSwapents: want.Swap, report.ColOOMAdj: p.oomAdj(want), report.ColOOMScoreAdj: want.OOMScoreAdj}
		equal(t, p.Kernel, "row", fmt.Sprint(row.PID, row.Name), fmt.Sprint(want.PID, want.Comm))
		for column, v := range columns {
			if r.Tasks.Table.Has(column) {
				equal(t, p.Kernel, fmt.Sprint("column ", column, " of ", want.PID), row.Values[column], v)
			}
		}
	}
}

func checkSlab(t *testing.T, p *printer, r *report.Report) {
	if p.from("4.15") || p.isRHEL("8.1", "8.3") {
		equal(t, p.Kernel, "slab caches", len(r.Slab), 3)
		for _, c := range r.Slab {
			equal(t, p.Kernel, c.Name, [2]int64{c.UsedKB, c.TotalKB}, [2]int64{p.figure("slab", c.Name), p.figure("slab", c.Name+"total")})
		}
	}
	if p.from("6.10") {
		equal(t, p.Kernel, "allocation sites", len(r.Allocations), 2)
		equal(t, p.Kernel, "first site", r.Allocations[0], report.Allocation{Bytes: 16 << 20, Calls: 4096, Site: "mm/slub.c:2304", Func: "alloc_slab_page"})
		equal(t, p.Kernel, "second site", r.Allocations[1], report.Allocation{Bytes: 1 << 20, Calls: 12, Site: "drivers/net/virtio_net.c:99",
			Module: "virtio_net", Func: "probe"})
	}
}

// TestTop compares the list of the largest tasks with the rows that were rendered.
func TestTop(t *testing.T) {
	for i, k := range Kernels {
		if !k.HasTasks() {
			continue
		}
		s := Scenario{Constraint: "NONE"}
		values := NewValues(int64(i), Ordinary).fit(k, s)
		text, _ := Formats[0].Put(Report(k, s, values))
		records := parse(t, text, parser.Options{TasksTop: 3})
		var top []struct {
			PID       int64  `json:"pid"`
			Name      string `json:"name"`
			RSS, Swap int64
		}
		if err := json.Unmarshal([]byte(records[0].Text("oom.tasks.top")), &top); err != nil || len(top) != 3 {
			t.Fatalf("%s: %v, %q", k.Name, err, records[0].Text("oom.tasks.top"))
		}
		for n, listed := range top {
			larger := 0
			for _, task := range values.Tasks {
				if task.PID == listed.PID {
					equal(t, k, "rss", listed.RSS, values.kb(task.RSS())*1024)
					equal(t, k, "name", listed.Name, task.Comm)
				}
				if values.kb(task.RSS())*1024 > listed.RSS {
					larger++
				}
			}
			equal(t, k, fmt.Sprint("tasks larger than number ", n), larger, n)
		}
	}
}
