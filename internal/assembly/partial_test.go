// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// paste hands lines to an assembler as they are pasted: without a timestamp.
func paste(a *Assembler, lines ...string) (kinds []string) {
	for _, text := range lines {
		out := a.Line(&format.Line{Text: []byte(text), Format: report.None, Level: -1, Facility: -1})
		kinds = append(kinds, out.Kind().String())
	}
	return kinds
}

// TestInvocationInThreePieces: mail wraps a long one after the colon and after a comma.
func TestInvocationInThreePieces(t *testing.T) {
	a := New(Options{})
	kinds := strings.Join(paste(a, "a.service invoked oom-killer:", "gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, ", "oom_score_adj=-7", cpu), " ")
	if want := "invocation fragment fragment cpu"; kinds != want {
		t.Errorf("kinds %s, want %s", kinds, want)
	}
	a.Flush()
	if len(a.Events()) != 1 {
		t.Fatal("no report")
	}
	v := a.Events()[0].Report.Invocation
	if v.GFP.Names != "GFP_HIGHUSER_MOVABLE|__GFP_COMP" || v.Order != report.Some(0) || v.OOMScoreAdj != report.Some(-7) || !v.Complete {
		t.Errorf("read %+v", v)
	}
}

// TestKillToldTwiceInPieces: a kill line that mail wrapped after its pid is known as repeated when
// its rest comes.
func TestKillToldTwiceInPieces(t *testing.T) {
	a := New(Options{})
	kills := 0
	piece := []string{"Memory cgroup out of memory: Killed process 14", "(c) total-vm:7180kB, anon-rss:0kB, file-rss:1800kB, shmem-rss:0kB, UID:7 pgtables:60kB oom_score_adj:0"}
	log := []string{invoked, cpu, strings.Replace(kill, "Out of memory", "Memory cgroup out of memory", 1), "Tasks in /g are going to be killed due to memory.oom.group set", piece[0], piece[1],
		"Memory cgroup out of memory: Killed process 15 (d) total-vm:7180kB, anon-rss:0kB, file-rss:1800kB, shmem-rss:0kB, UID:7 pgtables:60kB oom_score_adj:0", piece[0], piece[1], ""}
	for _, line := range log {
		paste(a, line)
		kills += len(a.Events())
	}
	a.Flush()
	if kills += len(a.Events()); kills != 3 {
		t.Errorf("%d kills, want 3", kills)
	}
}

// TestTableInPieces: mail wraps the head and the rows of a table anywhere between two columns.
func TestTableInPieces(t *testing.T) {
	a := New(Options{})
	kinds := strings.Join(paste(a, invoked, cpu, "Tasks state (memory values in pages):",
		"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes", "swapents oom_score_adj name",
		"[     12]     0    12     9385     8302   110592        7", "0 b c",
		"[     13]     0    13     9385", "8302   110592        7", "           -1 d",
		"[     14]     0    14     9385     8302   110592        7             0", "e",
		row, chosen, kill), " ")
	want := "invocation cpu task-banner task-head fragment task fragment task fragment fragment task task task oom-kill kill"
	if kinds != want {
		t.Errorf("kinds\n%s\nwant\n%s", kinds, want)
	}
	r := a.Events()[0].Report
	var names []string
	for row := range r.Tasks.Rows.All() {
		names = append(names, row.Name)
	}
	if got := strings.Join(names, ","); got != "b c,d,e,b" || r.Tasks.Rows.At(1).Values[report.ColOOMScoreAdj] != -1 || r.Damaged.Has(report.SectionTasks) {
		t.Errorf("rows %s, damaged %v: %+v", got, r.Damaged, r.Tasks.Rows)
	}
}

// TestRowWhoseRestIsLost: the table is damaged, and no other row takes the place of what is lost.
func TestRowWhoseRestIsLost(t *testing.T) {
	a := New(Options{})
	paste(a, invoked, cpu, head, "[     11]     0    11     9385     8302", "[     13]     0    13     9385     8302   110592        7", row, chosen, kill)
	r := a.Events()[0].Report
	if r.Tasks.Rows.Len() != 1 || r.Tasks.Rows.At(0).PID != 12 || !r.Damaged.Has(report.SectionTasks) {
		t.Errorf("damaged %v: %+v", r.Damaged, r.Tasks.Rows)
	}
}

// TestKillTornAtPID: a kill line wrapped after its pid ends the report that chose the process.
func TestKillTornAtPID(t *testing.T) {
	a := New(Options{})
	cut := strings.Index(kill, " (")
	paste(a, invoked, cpu, head, row, chosen, kill[:cut], kill[cut+1:])
	if e := a.Events(); len(e) != 1 || !e[0].Report.HeadSeen || e[0].Report.Kills[0].Comm != "b" || e[0].Report.Kills[0].AnonRSSKB.V != 32576 {
		t.Errorf("events %+v", e)
	}
}

// TestPathsInPieces: what names a cgroup is wrapped before the path, which is often longer than a
// line, and after it.
func TestPathsInPieces(t *testing.T) {
	const path = "/kubepods/burstable/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
	a := New(Options{})
	kinds := strings.Join(paste(a, invoked, cpu, "memory: usage 6144kB, limit 6144kB, failcnt 82", "Memory cgroup stats for", path+":", "anon 4096", "file 8192",
		head, row, "[     15]     7    15     9385     8302   110592        7             0 d", strings.Replace(chosen, "CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/", "CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg="+path+",task_memcg="+path, 1), strings.Replace(kill, "Out of memory", "Memory cgroup out of memory", 1),
		"Tasks in", path+" are", "going to be killed due to memory.oom.group set",
		"Memory cgroup out of memory: Killed process 15 (d) total-vm:7180kB, anon-rss:0kB, file-rss:1800kB, shmem-rss:0kB, UID:7 pgtables:60kB oom_score_adj:0"), " ")
	want := "invocation cpu memcg-counter memcg-stats fragment memcg-stat memcg-stat task-head task task oom-kill kill group-kill fragment fragment kill"
	if kinds != want {
		t.Errorf("kinds\n%s\nwant\n%s", kinds, want)
	}
	if len(a.Events()) != 1 {
		t.Fatalf("events %+v", a.Events())
	}
	r := a.Events()[0].Report
	if got := fmt.Sprint(r.HeadSeen, len(r.Kills), r.GroupPath == path, r.Kills[len(r.Kills)-1].Group, r.Memcg.StatsPath == path, len(r.Memcg.Stats)); got != "true 2 true true true 2" {
		t.Error(got)
	}
}
