// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// feed hands kernel text to an assembler, one record a line, with a sequence number and a timestamp
// each.
func feed(a *Assembler, first uint64, lines ...string) (kinds []string) {
	for i, text := range lines {
		out := a.Line(&format.Line{
			Text: []byte(text), Number: i + 1, Position: int64(first) + int64(i), Format: report.Kmsg, Origin: report.OriginKernel, Level: -1,
			Uptime: int64(first)*1000 + int64(i), HasUptime: true, Sequence: first + uint64(i), HasSequence: true,
		})
		kinds = append(kinds, out.Kind().String())
	}
	return kinds
}

const (
	invoked = "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	cpu     = "CPU: 1 PID: 11 Comm: a Not tainted 5.10.1 #1"
	head    = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
	row     = "[     12]     0    12     9385     8302   110592        7             0 b"
	chosen  = "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=b,pid=12,uid=0"
	kill    = "Out of memory: Killed process 12 (b) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:0kB, UID:0 pgtables:108kB oom_score_adj:0"
)

// TestTraceOfOldKernels: before 4.9 words of the stack stand over the frames, and i386 printed
// frames without a line of the CPU or a head.
func TestTraceOfOldKernels(t *testing.T) {
	tests := []struct {
		want  string
		lines []string
	}{
		{"invocation cpu hardware trace trace trace trace meminfo", []string{"a invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0", "CPU: 0 PID: 9 Comm: a Not tainted 3.13.0-1-generic #1",
			"Hardware name: QEMU", " 0000000000000000 ffff880012345678 ffffffff81712345 ffff880087654321", " ffff8800abcdef00 ffffffff81700000", "Call Trace:",
			" [<ffffffff81712345>] dump_stack+0x45/0x56", "Mem-Info:"}},
		{"invocation trace trace meminfo", []string{"a invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0", " [<c0139841>] out_of_memory+0x54/0xf8",
			" [out_of_memory+389/448] out_of_memory+0x185/0x1c0", "Mem-info:"}},
		{"invocation cpuset other trace task-head", []string{invoked, "a cpuset=/ mems_allowed=0", "sda+0x1: attached", " oom_kill_process.cold+0x8/0x87", head}},
	}
	for _, tt := range tests {
		if got := strings.Join(feed(New(Options{}), 1, tt.lines...), " "); got != tt.want {
			t.Errorf("kinds\n%s\nwant\n%s", got, tt.want)
		}
	}
}

// TestEverySectionIsTyped: what stands in a report is found under its section, with the unit it was
// printed in.
func TestEverySectionIsTyped(t *testing.T) {
	a := New(Options{KeepLines: true})
	kinds := feed(a, 1, invoked, cpu, "Hardware name: QEMU", "Call Trace:", " dump_stack+0x66/0x82", "Mem-Info:",
		"active_anon:57970 inactive_anon:3 isolated_anon:0\n active_file:1 inactive_file:2 isolated_file:0\n free:682 free_pcp:1104 free_cma:0",
		"Node 0 active_anon:231880kB inactive_anon:12kB all_unreclaimable? yes",
		"Node 0 DMA free:1040kB min:116kB low:144kB high:172kB present:15992kB managed:15360kB mlocked:0kB",
		"lowmem_reserve[]: 0 242 242", "Node 0 DMA: 1*4kB (M) 2*8kB (UM) = 1040kB",
		"Node 0 hugepages_total=4 hugepages_free=1 hugepages_surp=0 hugepages_size=2048kB",
		"1076 total pagecache pages", "Free swap  = 12kB", "Total swap = 99kB", "83752 pages RAM", "14169 pages reserved",
		"Unreclaimable slab info:", "Name                      Used          Total", "kmalloc-64                 12KB         16KB",
		"Tasks state (memory values in pages):", head, row, chosen, kill)
	want := "invocation cpu hardware trace trace meminfo meminfo-counters node zone lowmem-reserve buddy hugepages pagecache swap swap pages pages slab slab slab task-banner task-head task oom-kill kill"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("kinds\n%s\nwant\n%s", got, want)
	}
	events := a.Events()
	if len(events) != 1 || events[0].Kind != report.EventKill {
		t.Fatalf("events %v", events)
	}
	r := events[0].Report
	counter, _ := r.MemInfo.Counter("inactive_file")
	free, _ := r.MemInfo.Zones[0].Value("free")
	node, _ := r.MemInfo.Nodes[0].Value("inactive_anon")
	size, _ := r.PageSize()
	pages := r.Tasks.ByPID(12).Values[report.ColSwapents]
	got := strings.TrimSuffix(fmt.Sprintln(counter, free, node, size, pages, r.MemInfo.Zones[0].LowmemReserve, len(r.MemInfo.Zones[0].Buddy), r.MemInfo.Hugepages[0].Total,
		r.MemInfo.Totals[report.TotalRAM].V, r.MemInfo.Totals[report.TotalSwapFree].V, r.Slab[0].Name, r.Tasks.RSSPages, r.Hardware, len(r.Trace), r.Missing()), "\n")
	if want := "2 1040 12 4096 7 [0 242 242] 2 4 83752 12 kmalloc-64 8302 QEMU 1 0"; got != want {
		t.Errorf("values %s\nwant   %s", got, want)
	}
	// The counters are three lines of one record.
	if len(r.Lines) != 27 || r.Lines[10].Number != 9 || r.Lines[10].Kind != kernel.ZoneLine.String() {
		t.Errorf("%d lines kept, the eleventh %+v", len(r.Lines), r.Lines[10])
	}
}

// TestReuse: a report's memory serves the next one, and nothing of the first is left in it.
func TestReuse(t *testing.T) {
	a := New(Options{KeepLines: true})
	feed(a, 1, invoked, cpu, "Call Trace:", " one+0x1/0x2", "Mem-Info:", "Node 0 DMA free:1040kB min:116kB low:144kB high:172kB",
		"Node 0 DMA: 1*4kB (M) = 4kB", head, row, chosen, kill)
	feed(a, 100, invoked, cpu, "Mem-Info:", "Node 0 DMA32 free:7kB min:1kB low:2kB high:3kB",
		strings.Replace(chosen, "pid=12", "pid=14", 1), strings.Replace(kill, "process 12", "process 14", 1))
	r := a.Events()[0].Report
	if len(r.Trace) != 0 || r.Tasks.Rows.Len() != 0 || r.Tasks.Count != 0 || len(r.MemInfo.Zones) != 1 {
		t.Errorf("left over: %v %v %v", r.Trace, r.Tasks, r.MemInfo.Zones)
	}
	if z := r.MemInfo.Zones[0]; z.Name != "DMA32" || len(z.Buddy) != 0 || len(z.Pairs) != 4 {
		t.Errorf("zone %+v", z)
	}
}

// TestClone: what either goes on to read, the other does not see.
func TestClone(t *testing.T) {
	a := New(Options{})
	feed(a, 1, invoked, cpu, head, row)
	b := a.Clone()
	feed(a, 5, strings.Replace(row, "12", "13", 1), chosen, kill)
	feed(b, 5, chosen, kill)
	if n, m := a.Events()[0].Report.Tasks.Count, b.Events()[0].Report.Tasks.Count; n != 2 || m != 1 {
		t.Errorf("%d and %d rows", n, m)
	}
	feed(a, 50, invoked, cpu, head)
	if name := b.Events()[0].Report.Tasks.Rows.At(0).Name; name != "b" {
		t.Errorf("the clone's row is called %q", name)
	}
}

// TestPending: a checkpoint must not pass the first line of an open report.
func TestPending(t *testing.T) {
	a := New(Options{})
	feed(a, 7, "usb 1-1: new device")
	if _, ok := a.Pending(); ok {
		t.Error("nothing is open")
	}
	feed(a, 8, invoked, cpu)
	if at, ok := a.Pending(); !ok || at != 8 {
		t.Errorf("pending at %d, %v", at, ok)
	}
	a.Flush()
	if _, ok := a.Pending(); ok || a.Open() {
		t.Error("flushed, and still open")
	}
}

// TestGaps: records that the ring lost inside a report are counted in it, those before it are not.
func TestGaps(t *testing.T) {
	a := New(Options{})
	feed(a, 1, "x")
	feed(a, 10, invoked, cpu)
	feed(a, 15, chosen, kill)
	r := a.Events()[0].Report
	if r.LostRecords != 3 || r.Complete() {
		t.Errorf("%d lost, complete %v", r.LostRecords, r.Complete())
	}
}

// TestManyOpenReports: however many reports begin and never end, only a few are held.
func TestManyOpenReports(t *testing.T) {
	a := New(Options{})
	old := "a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0"
	for i := range 100 {
		feed(a, uint64(i+1), old)
		if len(a.reports.open) > maxOpen {
			t.Fatalf("%d reports are open", len(a.reports.open))
		}
	}
}

// TestArena: kept strings stand, whatever is kept after them; an emptied arena writes into the same
// block.
func TestArena(t *testing.T) {
	var a arena
	var want, got []string
	for i := range 5000 {
		s := strings.Repeat(fmt.Sprint(i), i%37+1)
		want, got = append(want, s), append(got, a.keep(s))
	}
	got = append(got, a.join("a", "-", "b"))
	if want = append(want, "a-b"); !slices.Equal(got, want) {
		t.Error("a kept string has changed")
	}
	block := unsafe.SliceData(a.chunk)
	a.reset()
	a.keep("x")
	if unsafe.SliceData(a.chunk) != block {
		t.Error("the block was not used again")
	}
}

// TestScopeOfStats: only an OOM of a cgroup prints a cgroup's stats.
func TestScopeOfStats(t *testing.T) {
	a := New(Options{})
	feed(a, 1, "Memory cgroup stats for /a: cache:0KB rss:4096KB mapped_file:0KB inactive_anon:0KB", "Out of memory and no killable processes...")
	if e := a.Events(); len(e) != 1 || e[0].Report.Scope(nil) != report.ScopeCgroup {
		t.Errorf("events %+v", e)
	}
}
