// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/cputime"
)

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// held returns how many bytes a parser holds at most while it reads the lines that next makes, and
// how many more than it says itself. It looks whenever the parser says that it has grown by a step,
// and at the end.
func held(t *testing.T, o Options, start []string, count, step int, next func(i int) string) (most, unsaid int64) {
	t.Helper()
	before := heap()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range start {
		p.Feed([]byte(line))
	}
	looked := 0
	for i := range count {
		p.Feed([]byte(next(i)))
		said := p.Memory()
		if said >= looked+step || i == count-1 {
			looked = said
			bytes := heap() - before
			most, unsaid = max(most, bytes), max(unsaid, bytes-int64(said))
		}
	}
	p.Flush()
	return most, unsaid
}

// feedAll reads the lines and makes records.
func feedAll(t *testing.T, o Options, start []string, count int, next func(i int) string) {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range start {
		p.Feed([]byte(line))
	}
	for i := range count {
		p.Feed([]byte(next(i)))
	}
	p.Flush()
}

// allZones is a Mem-Info of which sums over zones can be made.
var allZones = []string{"Mem-Info:", "Node 0 Normal free:4kB min:4kB present:4000kB managed:4000kB", "Node 0 Normal: 1*4kB (U) = 4kB", "1000 pages RAM",
	"0 pages reserved"}

// TestEverySectionIsBounded: no section of a report, nor a broken line that nothing completes,
// makes it hold more than its bound, nor more than it says, nor take long.
func TestEverySectionIsBounded(t *testing.T) {
	inOneGoroutine(t)
	long := strings.Repeat("x", 8000)
	for _, tc := range []struct {
		name  string
		start []string
		next  func(i int) string
	}{
		{"huge pages", allZones, func(i int) string {
			return fmt.Sprintf("Node %d hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=%dkB", i, 2048+i)
		}},
		{"counters", nil, func(i int) string {
			return "active_anon:1 inactive_anon:2" + strings.Repeat(" a:1", 200)
		}},
		{"nodes", nil, func(i int) string { return fmt.Sprintf("Node %d active_anon:4kB", i) + strings.Repeat(" a:1", 200) }},
		{"zones", nil, func(i int) string {
			return fmt.Sprintf("Node %d Normal free:4kB min:4kB", i) + strings.Repeat(" a:1kB", 200)
		}},
		{"reserves", nil, func(i int) string {
			if i%2 == 0 {
				return fmt.Sprintf("Node %d Normal free:4kB min:4kB", i)
			}
			return "lowmem_reserve[]:" + strings.Repeat(" 0", 4000)
		}},
		{"pieces of a reserve", nil, func(i int) string {
			if i%1000 == 0 {
				return "lowmem_reserve[]:"
			}
			return " 0"
		}},
		{"free lists", nil, func(i int) string {
			return fmt.Sprintf("Node %d Normal: 1*4kB (U) ", i) + strings.Repeat("1*4kB (U) ", 100) + "= 4kB"
		}},
		{"trace", []string{cpuLine, callTrace}, func(i int) string { return fmt.Sprintf(" f%d+0x1/0x2", i) }},
		{"slab", []string{"Unreclaimable slab info:", "Name                      Used          Total"}, func(i int) string {
			return fmt.Sprintf("cache%d                 10KB         10KB", i)
		}},
		{"figures", []string{statsHead}, func(i int) string { return fmt.Sprintf("figure_%d %d", i, i) }},
		{"figures with long names", []string{statsHead}, func(i int) string { return strings.Repeat("a", 4000) + fmt.Sprintf("%d 1", i) }},
		{"stats heads", nil, func(i int) string { return fmt.Sprintf("Memory cgroup stats for /%d/%s:", i, long) }},
		{"tasks in", nil, func(i int) string {
			return fmt.Sprintf("Task in /%d%s killed as a result of limit of /%d%s", i, long, i, long)
		}},
		{"CPU lines", nil, func(i int) string { return fmt.Sprintf("CPU: 1 PID: %d Comm: a Not tainted 6.12.%d-%s #1", i, i, long) }},
		{"hardware", nil, func(i int) string { return fmt.Sprintf("Hardware name: %d %s", i, long) }},
		{"rows", []string{taskHead}, func(i int) string {
			return fmt.Sprintf("[%7d]     0 %7d     9385     8302     8144      158         0   110592        0             0 worker-%d", i, i, i)
		}},
		{"rows of several hosts", nil, func(i int) string {
			host := fmt.Sprintf("Nov 21 08:00:00 host-%d kernel: [  100.000000] ", i/4000)
			if i%4000 == 0 {
				return host + invocation
			}
			if i%4000 == 1 {
				return host + taskHead
			}
			return host + fmt.Sprintf("[%7d]     0 %7d     9385     8302     8144      158         0   110592        0             0 worker-%d", i, i, i)
		}},
		{"figures on a line", nil, func(i int) string {
			return fmt.Sprintf("Memory cgroup stats for /a%d:", i) + strings.Repeat(" cache:1KB", 900)
		}},
		{"broken rows", []string{taskHead}, func(i int) string { return fmt.Sprintf("[%7d]     0 1 1 1 1 1 1 %s", i, long) }},
		{"rows with long names", []string{taskHead}, func(i int) string {
			return fmt.Sprintf("[%7d]     0 %7d     9385     8302     8144      158         0   110592        0             0 %s", i, i, strings.Repeat(`"`, 8000))
		}},
		{"sharing", []string{chosenB}, func(i int) string {
			return fmt.Sprintf("oom killer %d (a) has mm pinned by %d (b)", i, i)
		}},
		{"a broken line and others", []string{"Memory cgroup stats for /a: cache:1KB" + strings.Repeat(" rss:1KB", 1500)}, func(i int) string {
			return fmt.Sprint("nothing ", i)
		}},
		{"a kill line that breaks off and others", []string{"Out of memory: Killed process 5 (a) total-vm:1kB, anon-rss:" + strings.Repeat("1", 1)}, func(i int) string {
			return fmt.Sprint("nothing ", i)
		}},
		{"group kills", []string{chosenB, killed(memcgWords, 12, "b")}, func(i int) string {
			if i%2 == 0 {
				return fmt.Sprintf("Tasks in /%d%s are going to be killed due to memory.oom.group set", i, long)
			}
			return killed(memcgWords, 1000+i, "x")
		}},
		{"group kills torn", []string{chosenB, killed(memcgWords, 12, "b")}, func(i int) string { return "Tasks in /" + fmt.Sprint(i) + long }},
		{"selections", nil, func(i int) string {
			return fmt.Sprintf("Out of memory: Kill process %d (b%d) score 900 or sacrifice child", i, i)
		}},
		{"selections torn", []string{"Mem-Info:"}, func(i int) string { return fmt.Sprintf("Out of memory: Kill process %d (%s", i, long) }},
		{"paths torn", []string{callTrace}, func(i int) string { return "Task in " }},
		{"oom-kill lines torn", nil, func(i int) string {
			return "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=" + strings.Repeat("a", 900)
		}},
		{"allocation profile", []string{"Memory allocations:"}, func(i int) string { return fmt.Sprintf("    4.00 MiB     %d mm/x.c:%d func:f", i, i) }},
		{"reapers", []string{chosenB, killed(memcgWords, 12, "b")}, func(i int) string {
			return "oom_reaper: reaped process 12 (b), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB"
		}},
		{"two reports, unnamed lines", []string{"b invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0"}, func(i int) string { return long }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, original := range [...]bool{false, true} {
				count := min(150_000, (12<<20)/(len(tc.next(0))+len(tc.next(1))))
				const bound = 1 << 20
				o, start := Options{MaxReportBytes: bound, IncludeOriginal: original}, append([]string{invocation, cpuLine}, tc.start...)
				most, unsaid := held(t, o, start, count, bound/12, tc.next)
				t.Logf("%8d KiB, %d KiB more than it says", most>>10, unsaid>>10)
				if most > bound {
					t.Errorf("holds %d KiB", most>>10)
				}
				if unsaid > bound/8 {
					t.Errorf("holds %d KiB more than it says", unsaid>>10)
				}
				cputime.Linear(t, count, func(count int) { feedAll(t, o, start, count, tc.next) })
			}
		})
	}
}
