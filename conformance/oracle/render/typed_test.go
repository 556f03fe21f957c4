// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser"
)

// TestTypedReport compares every figure of the memory state and every row of the tables of each kernel's report with the
// values it was rendered from.
func TestTypedReport(t *testing.T) {
	for i, k := range Kernels {
		for seed := range int64(2) {
			s := Scenario{Constraint: "NONE", Slab: true, Profile: true}
			p := &printer{Kernel: k, Scenario: s, Values: NewValues(seed+int64(i)*2, Ordinary).fit(k, s)}
			r := assemble(t, Report(k, s, p.Values))
			checkCounters(t, p, r)
			checkNodes(t, p, r)
			checkZones(t, p, r)
			checkRows(t, p, r)
			checkSlab(t, p, r)
		}
	}
}

// assemble gives the records to an assembler and returns the report that it closes.
func assemble(t *testing.T, records []Record) *assembly.Report {
	t.Helper()
	a, d := assembly.New(assembly.Options{}), format.NewDecoder(format.Kmsg)
	text, _ := Formats[0].Put(records)
	var report *assembly.Report
	keep := func() {
		for _, r := range a.Closed() {
			report = r
		}
	}
	for _, line := range strings.Split(string(text), "\n") {
		d.Decode([]byte(line), func(l *format.Line) {
			a.Line(l)
			if report == nil {
				keep()
			}
		})
	}
	a.Flush()
	if report == nil {
		keep()
	}
	if report == nil {
		t.Fatal("no report")
	}
	return report
}

func equal(t *testing.T, k Kernel, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s = %v, want %v", k.Name, what, got, want)
	}
}

func checkCounters(t *testing.T, p *printer, r *assembly.Report) {
	for _, line := range p.counterLines() {
		for _, name := range strings.Fields(strings.ToLower(line)) {
			got, _ := r.MemInfo.Counter(name)
			equal(t, p.Kernel, name, got, p.figure("global", name))
		}
	}
	totals := map[kernel.TotalName]int64{kernel.TotalRAM: p.ramPages(), kernel.TotalReserved: p.total("reserved"),
		kernel.TotalSwapFree: p.total("free swap"), kernel.TotalSwapCache: p.total("swapcache")}
	for name, want := range totals {
		equal(t, p.Kernel, fmt.Sprint("total ", name), r.MemInfo.Totals[name], kernel.Some(want))
	}
}

func checkNodes(t *testing.T, p *printer, r *assembly.Report) {
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

func checkZones(t *testing.T, p *printer, r *assembly.Report) {
	equal(t, p.Kernel, "zones", len(r.MemInfo.Zones), len(p.Nodes)*len(p.zones()))
	for i := range r.MemInfo.Zones {
		node, name := p.Nodes[i/len(p.zones())], p.zones()[i%len(p.zones())]
		z := &r.MemInfo.Zones[i]
		equal(t, p.Kernel, "zone", z.Name, name)
		if p.nodePrefix(node) != "" {
			equal(t, p.Kernel, "node of zone", z.Node, kernel.Some(int64(node)))
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

func checkRows(t *testing.T, p *printer, r *assembly.Report) {
	if !p.HasTasks() {
		return
	}
	equal(t, p.Kernel, "rows", r.Tasks.Rows.Len(), len(p.Tasks))
	for i, want := range p.Tasks {
		row := r.Tasks.Rows.At(i)
		columns := map[kernel.Column]int64{kernel.ColUID: int64(int32(want.UID)), kernel.ColTGID: want.TGID, kernel.ColTotalVM: want.TotalVM,
			kernel.ColRSS: want.RSS(), kernel.ColRSSAnon: want.Anon, kernel.ColRSSFile: want.File, kernel.ColRSSShmem: want.Shmem,
			kernel.ColCPU: p.CPU, kernel.ColNrPtes: want.PTEPages, kernel.ColPgtablesBytes: p.kb(want.PTEPages) * 1024,
			kernel.ColSwapents: want.Swap, kernel.ColOOMAdj: p.oomAdj(want), kernel.ColOOMScoreAdj: want.OOMScoreAdj}
		equal(t, p.Kernel, "row", fmt.Sprint(row.PID, row.Name), fmt.Sprint(want.PID, want.Comm))
		for column, v := range columns {
			if r.Tasks.Table.Has(column) {
				equal(t, p.Kernel, fmt.Sprint("column ", column, " of ", want.PID), row.Values[column], v)
			}
		}
	}
}

func checkSlab(t *testing.T, p *printer, r *assembly.Report) {
	if p.from("4.15") || p.isRHEL("8.1", "8.3") {
		equal(t, p.Kernel, "slab caches", len(r.Slab), 3)
		for _, c := range r.Slab {
			equal(t, p.Kernel, c.Name, [2]int64{c.UsedKB, c.TotalKB}, [2]int64{p.figure("slab", c.Name), p.figure("slab", c.Name+"total")})
		}
	}
	if p.from("6.10") {
		equal(t, p.Kernel, "allocation sites", len(r.Allocations), 2)
		equal(t, p.Kernel, "first site", r.Allocations[0], kernel.Allocation{Bytes: 16 << 20, Calls: 4096, Site: "mm/slub.c:2304", Func: "alloc_slab_page"})
		equal(t, p.Kernel, "second site", r.Allocations[1], kernel.Allocation{Bytes: 1 << 20, Calls: 12, Site: "drivers/net/virtio_net.c:99",
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
