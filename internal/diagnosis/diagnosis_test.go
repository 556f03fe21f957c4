// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// read diagnoses every event of a log whose lines stand by themselves.
func read(t testing.TB, lines string) (all []diagnosis.Diagnosis) {
	t.Helper()
	return readNaming(t, lines, nil)
}

// readNaming is read with names of workloads.
func readNaming(t testing.TB, lines string, names func(report.Workload) report.Names) (all []diagnosis.Diagnosis) {
	t.Helper()
	asm := assembly.New(assembly.Options{})
	decoder := format.NewDecoder(report.None)
	diagnoser := diagnosis.Diagnoser{Names: names}
	take := func() {
		for _, e := range asm.Events() {
			var k *report.Kill
			if e.Kill >= 0 {
				k = &e.Report.Kills[e.Kill]
			}
			d := diagnoser.Diagnose(e.Report, k)
			d.Findings = slices.Clone(d.Findings)
			all = append(all, d)
		}
	}
	line := func(l *format.Line) { asm.Line(l); take() }
	for _, l := range strings.Split(lines, "\n") {
		decoder.Decode([]byte(l), line)
	}
	decoder.Flush(line)
	asm.Flush()
	take()
	return all
}

// one is read for a log of one event.
func one(t testing.TB, lines string) diagnosis.Diagnosis {
	t.Helper()
	all := read(t, lines)
	if len(all) != 1 {
		t.Fatalf("%d events, want 1", len(all))
	}
	return all[0]
}

// cgroupReport is a report of a cgroup of 24 MiB. Rows are of 4 KiB pages: uid tgid total_vm rss
// pgtables swapents adj name.
func cgroupReport(path, stats string, rows ...string) string {
	lines := []string{
		"app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"CPU: 0 PID: 200 Comm: app Not tainted 6.12.1 #1",
		"memory: usage 24576kB, limit 24576kB, failcnt 20",
		"swap: usage 0kB, limit 9007199254740988kB, failcnt 0",
		"Memory cgroup stats for " + path + ":",
	}
	lines = append(lines, strings.Split(stats, ";")...)
	lines = append(lines, "Tasks state (memory values in pages):", "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name")
	lines = append(lines, rows...)
	return strings.Join(append(lines,
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg="+path+",task_memcg="+path+",task=app,pid=200,uid=0",
		"Memory cgroup out of memory: Killed process 200 (app) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0"), "\n")
}

const appRow = "[    200]     0   200    10000     1000    53248        0             0 app"

// hostReport is a report of a host of 1 GiB in pages of 4 KiB.
func hostReport(invocation, counters, extra string, rows ...string) string {
	lines := []string{
		"app invoked oom-killer: " + invocation,
		"CPU: 0 PID: 200 Comm: app Not tainted 6.12.1 #1",
		"Mem-Info:",
		counters,
	}
	lines = append(lines, strings.Split(extra, "\n")...)
	lines = append(lines, "262144 pages RAM", "0 pages HighMem/MovableOnly", "0 pages reserved",
		"Tasks state (memory values in pages):", "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name")
	lines = append(lines, rows...)
	return strings.Join(append(lines,
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=app,pid=200,uid=0",
		"Out of memory: Killed process 200 (app) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0"), "\n")
}

const (
	plainAllocation = "gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0"
	smallCounters   = "active_anon:20000 inactive_anon:0 isolated_anon:0 active_file:100 inactive_file:100 isolated_file:0 unevictable:0 dirty:0 writeback:0 slab_reclaimable:1000 slab_unreclaimable:4000 mapped:10 shmem:10 pagetables:500 free:230000 free_pcp:0 free_cma:0"
	fullCounters    = "active_anon:20000 inactive_anon:0 isolated_anon:0 active_file:100 inactive_file:100 isolated_file:0 unevictable:0 dirty:0 writeback:0 slab_reclaimable:1000 slab_unreclaimable:4000 mapped:10 shmem:10 pagetables:500 free:3000 free_pcp:0 free_cma:0"
	slabCounters    = "active_anon:20000 inactive_anon:0 isolated_anon:0 active_file:100 inactive_file:100 isolated_file:0 unevictable:0 dirty:0 writeback:0 slab_reclaimable:1000 slab_unreclaimable:200000 mapped:10 shmem:10 pagetables:500 free:3000 free_pcp:0 free_cma:0"
	zones           = "Node 0 DMA32 free:8000kB boost:0kB min:4000kB low:5000kB high:6000kB managed:1048576kB\nNode 0 DMA32: 2000*4kB (UME) 0*8kB 0*16kB = 8000kB"
	swapless        = "Free swap  = 0kB\nTotal swap = 0kB"
)

func TestCausesOfReports(t *testing.T) {
	for _, c := range []struct {
		name, log  string
		cause      diagnosis.Cause
		confidence diagnosis.Confidence
		label      string
		summary    string // the summary holds this
		advice     string // and the advice this
	}{
		{"dirty page cache", cgroupReport("/system.slice/backup.service", "anon 4096000;file 19922944;shmem 0;kernel 409600;file_dirty 18874368;file_writeback 0", appRow),
			diagnosis.PageCache, diagnosis.Certain, "", "Page cache held 19 MiB against the 24 MiB limit of backup.service", "vm.dirty_bytes"},
		{"slab of a cgroup", cgroupReport("/kubepods/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", "anon 4096000;file 0;shmem 0;kernel 20971520;slab 20971520", appRow),
			diagnosis.KernelMemory, diagnosis.Certain, "", "The kernel itself held 20 MiB against the 24 MiB limit of pod 0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", "many open files"},
		{"tmpfs in a pod", cgroupReport("/kubepods/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", "anon 4096000;file 20971520;shmem 20971520;kernel 40960", appRow),
			diagnosis.SharedMemory, diagnosis.Certain, "", "Shared memory or tmpfs held 20 MiB", "sizeLimit on emptyDir"},
		{"workers of one name", cgroupReport("/system.slice/pool.service", "anon 24576000;file 0;shmem 0;kernel 40960", smallRows(20, "worker")...),
			diagnosis.ManyProcesses, diagnosis.Likely, "worker", "20 processes named worker held", "TasksMax="},
		{"several processes", cgroupReport("/docker/4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a", "anon 24576000;file 0;shmem 0;kernel 40960", smallRows(5, "")...),
			diagnosis.LimitBelowWorkingSet, diagnosis.Possible, "", "6 processes together needed more than the 24 MiB limit of container 4f2a9be0c7d1", "run fewer workers, or raise --memory"},
		{"thrashing", cgroupReport("/a", "anon 24576000;file 0;shmem 0;kernel 40960;workingset_refault_file 90000", smallRows(5, "")...),
			diagnosis.LimitBelowWorkingSet, diagnosis.Likely, "", "none stands out", "memory.max"},
		{"slab of the host", hostReport(plainAllocation, slabCounters, zones+"\n"+swapless+"\nUnreclaimable slab info:\nName                      Used          Total\nkmalloc-4k           700000KB     720000KB\ndentry                  10KB         12KB", appRow),
			diagnosis.KernelMemory, diagnosis.Certain, "kmalloc-4k", "most of what is listed in kmalloc-4k", "slabtop"},
		{"a driver's pages", hostReport(plainAllocation, fullCounters, zones+"\n"+swapless+"\nMemory allocations:\n 800 MiB    204800 drivers/net/x.c:42 [x] func:x_alloc_rx", appRow),
			diagnosis.KernelMemory, diagnosis.Possible, "x_alloc_rx", "no figure of the report accounts for", "/proc/allocinfo"},
		{"huge pages", hostReport(plainAllocation, fullCounters, zones+"\nNode 0 hugepages_total=400 hugepages_free=300 hugepages_surp=0 hugepages_size=2048kB\n"+swapless, appRow),
			diagnosis.HugetlbReservation, diagnosis.Certain, "", "Reserved huge pages held 800 MiB of the host's 1 GiB of usable memory, 600 MiB of them unused", "vm.nr_hugepages"},
		{"no large piece", hostReport("gfp_mask=0xdc0(GFP_KERNEL|__GFP_ZERO), order=3, oom_score_adj=0", smallCounters, zones+"\n"+swapless, appRow),
			diagnosis.Fragmentation, diagnosis.Likely, "", "No free piece of 32 KiB was left although 7.8 MiB was free", "vm.min_free_kbytes"},
		{"low memory of a 32-bit kernel", hostReport("gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", smallCounters,
			"Normal free:3600kB min:3750kB low:4680kB high:5620kB managed:800000kB\nHighMem free:900000kB min:512kB low:2000kB high:3000kB managed:2000000kB\nNormal: 900*4kB (UME) = 3600kB", appRow),
			diagnosis.LowZone, diagnosis.Certain, "Normal", "The low zone Normal ran out while 879 MiB was free in high memory", "64-bit"},
		{"a bare kill line of a cgroup", "Memory cgroup out of memory: Killed process 4971 (netdata) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0",
			diagnosis.CgroupLimit, diagnosis.Certain, "", "The limit of a cgroup was reached; the log does not show what filled it; netdata (pid 4971), with 3.9 MiB, was likely the largest process that the kernel may kill there.", "Only the kill line is in this log: read it unfiltered"},
		{"a bare kill line of the host", "Out of memory: Killed process 4971 (netdata) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0",
			diagnosis.HostExhausted, diagnosis.Likely, "", "The host's memory ran out; the log does not show what filled it; netdata (pid 4971), with 3.9 MiB, was likely the largest process that the kernel may kill.", "/proc/vmstat"},
		{"a kill line without words", "Killed process 4971 (netdata) total-vm:40000kB, anon-rss:4000kB, file-rss:0kB",
			diagnosis.Unknown, diagnosis.Possible, "", "not what ran out", "the whole report"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := one(t, c.log)
			f := d.Findings[0]
			if d.Cause != c.cause || f.Cause != c.cause || f.Confidence != c.confidence || f.Label != c.label {
				t.Errorf("cause %s (%s, label %q), want %s (%s, %q)", d.Cause, f.Confidence, f.Label, c.cause, c.confidence, c.label)
			}
			if !strings.Contains(d.Summary, c.summary) {
				t.Errorf("summary %q\nlacks   %q", d.Summary, c.summary)
			}
			if !strings.Contains(d.Advice, c.advice) {
				t.Errorf("advice %q\nlacks  %q", d.Advice, c.advice)
			}
		})
	}
}

// TestThreadOfTheVictim: a row that bears the pid and name of another of the victim's threads is
// the victim's.
func TestThreadOfTheVictim(t *testing.T) {
	d := one(t, `[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
[ 4242]  1000  4240   123456    65432     310        0             0 C2 CompilerThre
[ 4300]     0  4300     3000      210       8        0             0 sshd
Out of memory: Kill process 4240 (java) score 541 or sacrifice child
Killed process 4240 (java), UID 1000, total-vm:493824kB, anon-rss:260900kB, file-rss:828kB, shmem-rss:0kB`)
	if want := "java (pid 4240) held 256 MiB when the host's memory ran out."; d.Summary != want || !strings.Contains(d.Advice, "-Xmx") {
		t.Errorf("%s %s", d.Summary, d.Advice)
	}
}

// smallRows returns n rows of 1200 pages; without a name each has its own.
func smallRows(n int, name string) (rows []string) {
	for i := range n {
		own := name
		if own == "" {
			own = "part-" + string(rune('a'+i))
		}
		pid := string(rune('1'+i/10)) + string(rune('0'+i%10))
		rows = append(rows, "[     "+pid+"]  1000    "+pid+"     3000     1200    40960        0             0 "+own)
	}
	return append(rows, "[    200]     0   200    10000      100    53248        0             0 app")
}
