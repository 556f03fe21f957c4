// SPDX-License-Identifier: Apache-2.0

package build

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// build makes the record of the last event that the lines of a log complete.
func build(t *testing.T, o Options, lines ...string) *record.Record {
	t.Helper()
	return buildAs(t, o, format.Line{Format: report.Kmsg}, lines...)
}

// buildAs is build of lines that came as from says.
func buildAs(t *testing.T, o Options, from format.Line, lines ...string) *record.Record {
	t.Helper()
	a, b := assembly.New(assembly.Options{KeepLines: o.Original}), NewBuilder(o)
	var last *record.Record
	take := func() {
		for _, e := range a.Events() {
			last = b.Build(&e)
		}
	}
	for i, text := range lines {
		l := from
		l.Text, l.Number, l.Origin, l.Level, l.Uptime, l.HasUptime = []byte(text), i+1, report.OriginKernel, -1, int64(i), true
		a.Line(&l)
		take()
	}
	a.Flush()
	take()
	if last == nil {
		t.Fatal("no record")
	}
	return last
}

const (
	invoked = "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	head    = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
	row     = "[     12]     0    12     9385     8302   110592        7             0 b"
	chosen  = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=b,pid=12,uid=-2"
)

func cpuOf(release string) string { return "CPU: 1 PID: 11 Comm: a Not tainted " + release + " #1" }

func killWith(pgtables int) string {
	return fmt.Sprintf("Memory cgroup out of memory: Killed process 12 (b) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:4kB, UID:4294967294 pgtables:%dkB oom_score_adj:-5", pgtables)
}

func number(t *testing.T, r *record.Record, name string) any {
	t.Helper()
	v, _ := r.Get(name)
	return v.Any()
}

// TestUnits: pages and kB become bytes, uids are unsigned, the limit's absence is an absence.
func TestUnits(t *testing.T) {
	r := build(t, Options{TasksTop: 10}, invoked, cpuOf("6.1.0"), "memory: usage 32768kB, limit 65536kB, failcnt 19",
		"swap: usage 0kB, limit 9007199254740988kB, failcnt 0", "Memory cgroup stats for /a:", "anon 33267712", head, row, chosen, killWith(108))
	for name, want := range map[string]any{
		"oom.victim.memory.virtual": int64(37540 << 10), "oom.victim.memory.rss": int64((32576 + 632 + 4) << 10), "oom.victim.memory.page_tables": int64(108 << 10),
		"oom.victim.memory.swap": int64(7 * 4096), "process.real_user.id": int64(4294967294), "oom.victim.oom_score_adj": int64(-5),
		"oom.cgroup_memory.limit": int64(65536 << 10), "oom.cgroup_swap.limit": nil, "oom.cgroup_swap.usage": int64(0), "oom.cgroup_stat.anon": int64(33267712),
		"oom.tasks.rss": int64(8302 * 4096), "oom.victim.share": float64(32576+632+4) / 65536, "oom.victim.tgid": nil,
	} {
		if got := number(t, r, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// TestPageTablesOf54: 5.4.0 prints bytes under a kB label; the row tells, and without a row nothing
// is said.
func TestPageTablesOf54(t *testing.T) {
	withRow := build(t, Options{}, invoked, cpuOf("5.4.0"), head, row, chosen, killWith(110592))
	if got := number(t, withRow, "oom.victim.memory.page_tables"); got != int64(110592) {
		t.Errorf("with the row: %v", got)
	}
	fixed := build(t, Options{}, invoked, cpuOf("5.4.100"), head, row, chosen, killWith(108))
	if got := number(t, fixed, "oom.victim.memory.page_tables"); got != int64(108<<10) {
		t.Errorf("a kernel that has the fix: %v", got)
	}
	without := build(t, Options{}, invoked, cpuOf("5.4.0"), chosen, killWith(110592))
	if got := number(t, without, "oom.victim.memory.page_tables"); got != nil {
		t.Errorf("without a row: %v", got)
	}
}

// TestBudget: a record with everything in it keeps to its limits, and names what had to go.
func TestBudget(t *testing.T) {
	lines := []string{invoked, cpuOf("6.1.0"), "memory: usage 1kB, limit 2kB, failcnt 3", "swap: usage 0kB, limit 1kB, failcnt 0", "Memory cgroup stats for /a:"}
	for i := range 200 {
		lines = append(lines, "stat_"+strings.Repeat(string(rune('a'+i%26)), i/26+1)+" 1")
	}
	lines = append(lines, head, row)
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("[%7d]     0 %7d     9385     8302   110592        7             0 %s", 100+i, 100+i, strings.Repeat("\x01", 15)))
	}
	lines = append(lines, chosen, killWith(108))
	r := build(t, Options{Stats: record.MemoryStatAll, TasksTop: 50}, lines...)
	size := 0
	for a := range r.Attrs() {
		size += len(a.Name) + len(a.Value.String())
		if len(a.Value.String()) > record.MaxValue {
			t.Errorf("%s has %d bytes", a.Name, len(a.Value.String()))
		}
	}
	if r.Len() > record.MaxAttrsAll || size > record.MaxBytes {
		t.Errorf("%d attributes, %d bytes", r.Len(), size)
	}
	if !strings.Contains(r.Text("oom.report.truncated"), "oom.cgroup_stat.*") {
		t.Errorf("left out: %q", r.Text("oom.report.truncated"))
	}
	if !strings.HasSuffix(r.Body, ": 32.4 MiB of 2 KiB") {
		t.Errorf("body: %q", r.Body)
	}
	var top []map[string]any
	if err := json.Unmarshal([]byte(r.Text("oom.tasks.top")), &top); err != nil || len(top) == 0 {
		t.Errorf("top: %v, %d", err, len(top))
	}
	if _, ok := r.Get("log.record.uid"); !ok {
		t.Error("the id has gone")
	}
}

// TestOriginal: the report's lines, printable, whole lines only, within their bound.
func TestOriginal(t *testing.T) {
	lines := []string{invoked, cpuOf("6.1.0"), head}
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("[%7d]     0 %7d     9385     8302   110592        7             0 b\x1b", 100+i, 100+i))
	}
	lines = append(lines, chosen, killWith(108))
	r := build(t, Options{Original: true}, lines...)
	original := r.Text("log.record.original")
	if len(original) > record.MaxOriginal || !strings.HasPrefix(original, invoked+"\n") || !strings.HasSuffix(original, `b\x1b`) {
		t.Errorf("%d bytes, ends %q", len(original), original[max(0, len(original)-40):])
	}
	if !strings.Contains(r.Text("oom.report.truncated"), "log.record.original") {
		t.Error("the cut is not told")
	}
}

// TestIDs depend on the kernel's stamp and words alone.
func TestIDs(t *testing.T) {
	kill := func(change func(*format.Line)) string {
		a, b := assembly.New(assembly.Options{}), NewBuilder(Options{})
		l := &format.Line{Text: []byte(killWith(1)), Format: report.Kmsg, Level: -1, Uptime: 5, HasUptime: true}
		change(l)
		a.Line(l)
		for _, e := range a.Events() {
			return b.Build(&e).Text("log.record.uid")
		}
		return ""
	}
	base := kill(func(*format.Line) {})
	if len(base) != 32 {
		t.Fatalf("id %q", base)
	}
	for name, change := range map[string]func(*format.Line){
		"host": func(l *format.Line) { l.Host = []byte("h") }, "boot": func(l *format.Line) { l.BootID = []byte("b") },
		"sequence": func(l *format.Line) { l.Sequence, l.HasSequence = 9, true }, "wall": func(l *format.Line) { l.Stamp = []byte("May 1") },
	} {
		if kill(change) != base {
			t.Errorf("the id depends on %s", name)
		}
	}
	if kill(func(l *format.Line) { l.Uptime = 6 }) == base {
		t.Error("the id does not depend on the kernel's stamp")
	}
}

// TestAllocatingTask: with vm.oom_kill_allocating_task the oom-kill: line names the thread that
// asked for memory, the kill line its process, and the two are one kill.
func TestAllocatingTask(t *testing.T) {
	r := build(t, Options{}, invoked, cpuOf("6.1.0"), head, row,
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=worker,pid=15,uid=1000",
		"Out of memory (oom_kill_allocating_task): Killed process 12 (b) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:4kB, UID:1000 pgtables:108kB oom_score_adj:0")
	for name, want := range map[string]any{
		"event.name": "oom.kill", "process.pid": int64(12), "oom.victim.tgid": nil, "oom.victim.cgroup": "/a", "oom.kernel.release": "6.1.0",
	} {
		if got := number(t, r, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
