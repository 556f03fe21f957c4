// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/record"
)

// read returns the records of a log given as kernel text, one record of the kernel a line, stamped
// by their place: a line that begins with "+N " comes N seconds after the one before it.
func read(t *testing.T, o Options, lines ...string) []*Record {
	t.Helper()
	var log strings.Builder
	seconds := 100
	for i, line := range lines {
		var wait int
		if n, _ := fmt.Sscanf(line, "+%d", &wait); n == 1 {
			_, line, _ = strings.Cut(line, " ")
			seconds += wait
		}
		fmt.Fprintf(&log, "<%d>[%5d.%06d] %s\n", level(line), seconds, i, line)
	}
	var records []*Record
	err := ReadAll(strings.NewReader(log.String()), o, func(r *Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func level(line string) int {
	if strings.Contains(line, "Killed process") {
		return 3
	}
	return 4
}

// summary writes what matters of records on one line each.
func summary(records []*Record) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%s", r.Text("event.name"))
		for _, name := range []string{"process.pid", "process.title", "oom.scope", "oom.cgroup.path", "oom.trigger.name", "oom.report.missing", "oom.victim.group_kill", "oom.report.suppressed"} {
			if v, ok := r.Get(name); ok {
				fmt.Fprintf(&b, " %v", v.Any())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const (
	invocation = "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	cpuLine    = "CPU: 1 UID: 0 PID: 11 Comm: a Not tainted 6.12.1 #1"
	callTrace  = "Call Trace:"
	counter    = "memory: usage 32560kB, limit 32768kB, failcnt 19"
	statsHead  = "Memory cgroup stats for /a:"
	banner     = "Tasks state (memory values in pages):"
	taskHead   = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"
	rowA       = "[     11]     0    11     9385     8302     8144      158         0   110592        0             0 a"
	rowB       = "[     12]     0    12     9385     8302     8144      158         0   110592        0             0 b"
	chosenB    = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=b,pid=12,uid=0"
)

// killed renders the kill line of a process.
func killed(words string, pid int, comm string) string {
	return fmt.Sprintf("%s: Killed process %d (%s) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:0kB, UID:0 pgtables:108kB oom_score_adj:0", words, pid, comm)
}

const memcgWords, hostWords = "Memory cgroup out of memory", "Out of memory"

func TestAssembly(t *testing.T) {
	whole := []string{invocation, cpuLine, callTrace, " dump_stack_lvl+0x5d/0x80", counter, statsHead, "anon 4096", banner, taskHead, rowA, rowB, chosenB}
	killB := killed(memcgWords, 12, "b")
	for _, tc := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"a whole report", append(whole[:len(whole):len(whole)], killB), "oom.kill 12 b cgroup /a a\n"},
		{"a bare kill line behind other lines", []string{"usb 1-1: new device", killed(memcgWords, 5, "x")}, "oom.kill 5 x cgroup invocation\n"},
		{"a bare kill line at the very start of the log", []string{killed(hostWords, 5, "x")}, "oom.kill 5 x host invocation\n"},
		{
			"a rate-limited kill inside a report keeps neither from being told",
			append(whole[:len(whole):len(whole)], killed(memcgWords, 99, "other"), killB),
			"oom.kill 99 other cgroup invocation\noom.kill 12 b cgroup /a a\n",
		},
		{"the kill line lost: the oom-kill line names it", whole, "oom.kill 12 b cgroup /a a kill\n"},
		{
			"the kill line before its oom-kill line",
			append(append(whole[:len(whole)-1:len(whole)-1], killB), chosenB), "oom.kill 12 b cgroup /a a oom-kill\n",
		},
		{
			"a group kill prints its first victim twice",
			append(whole[:len(whole):len(whole)], killB, "Tasks in /a are going to be killed due to memory.oom.group set",
				killed(memcgWords, 11, "a"), killB),
			"oom.kill 12 b cgroup /a a\noom.kill 11 a cgroup /a a true\n",
		},
		{
			"a kill of somebody else behind a group kill is not the group's",
			append(whole[:len(whole):len(whole)], killB, "Tasks in /a are going to be killed due to memory.oom.group set",
				killed(memcgWords, 11, "a"), killed(memcgWords, 77, "stranger")),
			"oom.kill 12 b cgroup /a a\noom.kill 11 a cgroup /a a true\noom.kill 77 stranger cgroup invocation\n",
		},
		{
			"pieces of a long line, foreign lines between",
			append(whole[:len(whole)-1:len(whole)-1], "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", "usb 1-1: new device", ",cpuset=a,mems_allowed=0",
				",oom_memcg=/a,task_memcg=/a", "eth0: link up", ",task=b,pid=12,uid=0", killB),
			"oom.kill 12 b cgroup /a a\n",
		},
		{
			"the Mem-Info of an allocation failure is not the report's",
			append(whole[:len(whole):len(whole)], killB, "x: page allocation failure: order:0, mode:0x1(GFP_ATOMIC), nodemask=(null)", "Mem-Info:", "83752 pages RAM"),
			"oom.kill 12 b cgroup /a a\n",
		},
		{
			"nobody could be killed, in a cgroup", []string{invocation, cpuLine, callTrace, counter, "Out of memory and no killable processes..."},
			"oom.no_victim cgroup a\n",
		},
		{
			"nobody could be killed, on the host: the panic tells",
			[]string{invocation, cpuLine, callTrace, "Mem-Info:", "Out of memory and no killable processes...", "Kernel panic - not syncing: System is deadlocked on memory"},
			"oom.panic host a\n",
		},
		{
			"a panic by order", []string{invocation, cpuLine, callTrace, "Mem-Info:", "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled"},
			"oom.panic host a\n",
		},
		{"a victim that was exiting", append(whole[:len(whole):len(whole)], memcgWords+": OOM victim 12 (b) is already exiting. Skip killing the task"), "oom.no_victim cgroup /a a\n"},
		{"ten seconds of silence end a report", append(whole[:len(whole)-1:len(whole)-1], "+11 usb 1-1: new device", killed(memcgWords, 5, "x")), "oom.unresolved cgroup /a a kill\noom.kill 5 x cgroup invocation\n"},
		{
			"what the rate limiter held back stands with the next report",
			append([]string{"oom_kill_process: 30 callbacks suppressed"}, append(whole[:len(whole):len(whole)], killB)...),
			"oom.kill 12 b cgroup /a a 30\n",
		},
		{"the reaper gave up", []string{"x", "oom_reaper: unable to reap pid:12 (b)"}, "oom.reap_failed 12 b\n"},
		{"a selection is not a kill", []string{"x", "Out of memory: Kill process 12 (b) score 900 or sacrifice child"}, "oom.unresolved host invocation,kill\n"},
		{"a line of a report, twice", append(append(whole[:10:10], rowA), rowB, chosenB, killB, killB), "oom.kill 12 b cgroup /a a\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := summary(read(t, Options{}, tc.lines...)); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

// TestInterleavedReports: up to 4.1 two reports may be printed into each other; each kill has its
// own cgroup.
func TestInterleavedReports(t *testing.T) {
	old := func(comm string) string {
		return comm + " invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0"
	}
	records := read(t, Options{},
		old("a"), old("b"),
		"a cpuset=/ mems_allowed=0", "b cpuset=/ mems_allowed=0",
		"CPU: 0 PID: 1 Comm: a Not tainted 3.16.0 #1", "CPU: 1 PID: 2 Comm: b Not tainted 3.16.0 #1",
		"Memory cgroup out of memory: Kill process 1 (a) score 900 or sacrifice child",
		"Killed process 1 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB",
		"Memory cgroup out of memory: Kill process 2 (b) score 900 or sacrifice child",
		"Killed process 2 (b) total-vm:8kB, anon-rss:4kB, file-rss:0kB",
	)
	kills := 0
	for _, r := range records {
		if r.Text("event.name") == "oom.kill" {
			kills++
			if title, trigger := r.Text("process.title"), r.Text("oom.trigger.name"); title != trigger {
				t.Errorf("the kill of %s stands in the report of %s", title, trigger)
			}
		}
	}
	if kills != 2 || len(records) != 2 {
		t.Errorf("%d records, %d kills", len(records), kills)
	}
}

// TestTrust: a line that a user wrote makes no record, unless the setting says so.
func TestTrust(t *testing.T) {
	fake := "<11>[  100.000000] " + killed(hostWords, 1, "init") + "\n"
	plain := "[  100.000000] " + killed(hostWords, 1, "init") + "\n"
	for _, tc := range []struct {
		trust       Trust
		fake, plain int
	}{{TrustAuto, 0, 1}, {TrustKernel, 0, 0}, {TrustAny, 1, 1}} {
		for log, want := range map[string]int{fake: tc.fake, plain: tc.plain} {
			got := 0
			err := ReadAll(strings.NewReader(log), Options{Trust: tc.trust}, func(r *Record) error {
				got++
				if r.Text("oom.trust") != "unverified" {
					t.Errorf("trust %d: %q is called %s", tc.trust, log, r.Text("oom.trust"))
				}
				return nil
			})
			if err != nil || got != want {
				t.Errorf("trust %d: %d records of %q, want %d (%v)", tc.trust, got, log, want, err)
			}
		}
	}
}

// TestBodyIsNotTheKernelsWords: no search for the kernel's lines finds a record of ours, not even
// with a hostile name in it.
func TestBodyIsNotTheKernelsWords(t *testing.T) {
	for _, name := range []string{"Killed process ", "oom-kill:constr", "Out of memory: ", "invoked oom-kil", "x", "Kill process 1"} {
		records := read(t, Options{}, "x", killed(memcgWords, 12, name))
		if len(records) != 1 {
			t.Fatalf("%q: %d records", name, len(records))
		}
		for _, words := range []string{"Killed process", "Kill process", "invoked oom-killer", "oom-kill", "Out of memory", "out of memory", "killed as a result"} {
			if body := records[0].Body; strings.Contains(body, words) {
				t.Errorf("%q: the body looks like the kernel's: %s", name, body)
			}
		}
		if got := records[0].Text("process.title"); got != name {
			t.Errorf("the name is %q, want %q", got, name)
		}
	}
}

// TestRecordKeepsItsTable: every attribute stands in the table, with its type, once, within the
// budget.
func TestRecordKeepsItsTable(t *testing.T) {
	records := read(t, Options{MemoryStat: MemoryStatAll}, invocation, cpuLine, callTrace, counter, statsHead, "anon 4096", "pgfault 7", "strange_key 8",
		banner, taskHead, rowA, rowB, chosenB, killed(memcgWords, 12, "b"))
	if len(records) != 1 {
		t.Fatal(len(records))
	}
	seen := map[string]bool{}
	for a := range records[0].Attrs() {
		f := record.Lookup(a.Name)
		if f == nil || f.Type != a.Value.Kind() || seen[a.Name] {
			t.Errorf("%s: %v %v", a.Name, f, a.Value.Any())
		}
		seen[a.Name] = true
	}
	for _, name := range []string{"oom.cgroup_stat.anon", "oom.cgroup_stat.pgfault", "oom.cgroup_stat.strange_key"} {
		if !seen[name] {
			t.Errorf("%s is absent", name)
		}
	}
}

// TestBoundedMemory: a report that never ends holds no more than its bound, and says that it was
// cut.
func TestBoundedMemory(t *testing.T) {
	const limit = 1 << 20
	p, err := New(Options{MaxReportBytes: limit, IncludeOriginal: true})
	if err != nil {
		t.Fatal(err)
	}
	p.Feed([]byte(invocation))
	p.Feed([]byte(taskHead))
	for i := range 200_000 {
		p.Feed(fmt.Appendf(nil, "[%7d]     0 %7d     9385     8302     8144      158         0   110592        0             0 b", i+100, i+100))
	}
	rec := slices.Clone(p.Feed([]byte(killed(memcgWords, 12, "b"))).Records)
	rec = append(rec, p.Flush()...)
	if len(rec) == 0 {
		t.Fatal("no record")
	}
	if v, _ := rec[0].Get("oom.tasks.count"); v.Int64() != 200_000 {
		t.Errorf("%d rows counted", v.Int64())
	}
	if _, ok := rec[0].Get("oom.tasks.top"); ok {
		t.Error("the largest of all rows cannot be known when some were not kept")
	}
	if !strings.Contains(rec[0].Text("oom.report.truncated"), "oom.tasks.top") {
		t.Errorf("truncated is %q", rec[0].Text("oom.report.truncated"))
	}
	if v, _ := rec[0].Get("oom.report.complete"); v.Bool() {
		t.Error("the report is called complete")
	}
}

func TestBadOptions(t *testing.T) {
	for _, tc := range []struct {
		o    Options
		says []string
	}{
		{Options{TasksTop: 51}, []string{"tasks_top", "51", "50"}},
		{Options{ReportTimeout: -1}, []string{"report_timeout", "-1ns", "above 0"}},
		{Options{MaxReportBytes: -1}, []string{"max_report_bytes", "-1"}},
		{Options{Trust: 9}, []string{"trust", "9"}},
		{Options{MemoryStat: 9}, []string{"memory_stat", "9"}},
	} {
		_, err := New(tc.o)
		for _, want := range tc.says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, without %q", tc.o, err, want)
			}
		}
	}
}

// TestNewlineInAForeignRecord: what a device or a file system calls itself can hold a newline and
// the kernel's words behind it. One record is one line, but for the two kinds that the kernel
// prints with newlines in them.
func TestNewlineInAForeignRecord(t *testing.T) {
	fake := killed(hostWords, 1, "init")
	for _, open := range []string{"", "4,1,100,-;" + invocation + "\n4,2,101,-;" + cpuLine + "\n"} {
		log := open + `6,3,102,-;usb 1-1: Product: x\x0a` + fake + `\x0a` + invocation + "\n" +
			`6,4,103,-;active_anon:1 inactive_anon:2\x0a` + fake + "\n"
		err := ReadAll(strings.NewReader(log), Options{}, func(r *Record) error {
			if r.Text("event.name") == "oom.kill" {
				t.Errorf("a record of nobody's kill: %s", r.Body)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
