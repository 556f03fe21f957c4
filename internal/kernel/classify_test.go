// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

// realLine is a line of a kind, as a kernel printed it.
type realLine struct {
	kind Kind
	text string
}

// realLines has real text of each kind, one or more to a kernel's form. Other tests cut, garble and
// measure them. The test of a new line may append to it.
var realLines = []realLine{
	{InvocationLine, "burst-0.0 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"},
	{InvocationLine, "syz-executor642 invoked oom-killer: gfp_mask=0x6202c2(GFP_HIGHUSER|__GFP_NOWARN), nodemask=(null), order=0, oom_score_adj=1000"},
	{InvocationLine, "apache2 invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0, oom_score_adj=0"},
	{InvocationLine, "Xorg invoked oom-killer: gfp_mask=0x2d0, order=0, oomkilladj=0"},
	{InvocationLine, "oom-killer: gfp_mask=0xd0, order=0"},
	{Compaction, "COMPACTION is disabled!!!"},
	{CpusetLine, "java cpuset=docker-4304b5.scope mems_allowed=0-1"},
	{CPULine, "CPU: 1 UID: 1000 PID: 340 Comm: burst-0.0 Not tainted 6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1"},
	{CPULine, "CPU: 2 PID: 15307 Comm: syz-executor Kdump: loaded Not tainted 5.15.0-rc4+ #55"},
	{CPULine, "Pid: 3719, comm: ndsd Tainted: G               ---------------  T 2.6.32-504.el6.x86_64 #1"},
	{Taint, "Tainted: [W]=WARN, [O]=OOT_MODULE"},
	{Hardware, "Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-debian-1.16.2-1 04/01/2014"},
	{Workqueue, "Workqueue: events moom_callback"},
	{Workqueue, "Stopper: multi_cpu_stop+0x0/0x120 <- stop_machine_cpuslocked+0x123/0x180"},
	{Workqueue, "Sched_ext: simple (enabled+all), task: runnable_at=-4ms"},
	{Trace, "Call Trace:"},
	{Trace, "Call trace:"},
	{MemcgTask, "Task in /leaker killed as a result of limit of /leaker"},
	{MemcgTask, "Memory limit reached of cgroup /a"},
	{MemcgCounter, "memory: usage 6144kB, limit 6144kB, failcnt 82"},
	{MemcgCounter, "memory+swap: usage 0kB, limit 9007199254740988kB, failcnt 0"},
	{MemcgCounter, "kmem: usage 0kB, limit 9007199254740988kB, failcnt 0"},
	{MemcgCounter, "swap: usage 0kB, limit 9007199254740988kB, failcnt 0"},
	{MemcgStats, "Memory cgroup stats for /evil/n00:"},
	{MemcgStats, "Memory cgroup stats for "},
	{MemcgStats, "Memory cgroup stats for /burst/docker-0abc.scope"},
	{MemcgStats, "Memory cgroup stats for /leaker: cache:844KB rss:521136KB rss_huge:0KB shmem:0KB mapped_file:0KB dirty:132KB writeback:0KB inactive_anon:0KB active_anon:521224KB inactive_file:1012KB active_file:4KB unevictable:0KB"},
	{MemcgProtection, "Memory cgroup min protection 0kB -- low protection 0kB"},
	{MemInfoHead, "Mem-Info:"},
	{MemInfoHead, "Mem-info:"},
	{MemInfoCounters, "active_anon:120 inactive_anon:951000 isolated_anon:0"},
	{MemInfoCounters, " unevictable:768 dirty:0 writeback:0"},
	{Pageset, "Node 0 DMA per-cpu:"},
	{Pageset, "Normal per-cpu:"},
	{Pageset, "CPU    0: hi:    0, btch:   1 usd:   0"},
	{NodeLine, "Node 0 active_anon:480kB inactive_anon:3804000kB active_file:132kB inactive_file:48kB unevictable:3072kB isolated(anon):0kB isolated(file):0kB mapped:3200kB dirty:0kB writeback:0kB shmem:840kB shmem_thp:0kB shmem_pmdmapped:0kB anon_thp:2048000kB writeback_tmp:0kB kernel_stack:4100kB pagetables:16400kB sec_pagetables:0kB all_unreclaimable? no"},
	{ZoneLine, "Node 0 DMA32 free:60000kB boost:0kB min:50000kB low:62500kB high:75000kB reserved_highatomic:0KB active_anon:0kB inactive_anon:2900000kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:3129188kB managed:3063424kB mlocked:0kB bounce:0kB free_pcp:248kB local_pcp:0kB free_cma:0kB"},
	{ZoneLine, "Normal free:3648kB min:3744kB low:4680kB high:5616kB active:0kB inactive:3160kB present:894080kB pages_scanned:5336 all_unreclaimable? yes"},
	{LowmemReserve, "lowmem_reserve[]: 0 0 934 934 934"},
	{LowmemReserve, "protections[]: 0 0 0"},
	{Buddy, "Node 0 DMA32: 10*4kB (UM) 5*8kB (UME) 2*16kB (U) 0*32kB 0*64kB 0*128kB 1*256kB (M) 0*512kB 0*1024kB 0*2048kB 14*4096kB (M) = 57712kB"},
	{HugepagesLine, "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB"},
	{Pagecache, "1123 total pagecache pages"},
	{Swap, "0 pages in swap cache"},
	{Swap, "Free swap  = 0kB"},
	{Swap, "Total swap = 0kB"},
	{Swap, "Swap cache stats: add 0, delete 0, find 0/0"},
	{Pages, "1048430 pages RAM"},
	{Pages, "0 pages HighMem/MovableOnly"},
	{Pages, "19201 pages reserved"},
	{AllocProfile, "Memory allocations:"},
	{Slab, "Unreclaimable slab info:"},
	{TaskBanner, "Tasks state (memory values in pages):"},
	{TaskHead, "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"},
	{TaskHead, "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name"},
	{TaskRow, "[    340]  1000   340     3241     1774     1616      158         0    57344        0             0 burst-0.0"},
	{TaskRow, "[ 2903]     0  2902     1618      436   3     -17 oom03"},
	{OOMKillLine, "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=syz5,mems_allowed=0-1,oom_memcg=/syz1,task_memcg=/syz1,task=syz-executor.1,pid=3746,uid=0"},
	{OOMKillLine, "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/user.slice,task=MATLAB,pid=4167877,uid=1021"},
	{SelectionLine, "Memory cgroup out of memory: Kill process 1667 (gunpowder-memho) score 1003 or sacrifice child"},
	{KillLine, "Memory cgroup out of memory: Killed process 340 (burst-0.0) total-vm:12964kB, anon-rss:6464kB, file-rss:632kB, shmem-rss:0kB, UID:1000 pgtables:56kB oom_score_adj:0"},
	{KillLine, "Killed process 28792 (a.out), UID 0, total-vm:8392828kB, anon-rss:6375476kB, file-rss:4kB, shmem-rss:0kB"},
	{KillLine, "Killed process 13550, UID 500, (java) total-vm:12466024kB, anon-rss:7625016kB, file-rss:2608kB"},
	{KillLine, "Killed process 16758 (avgscand) vsz:264612kB, anon-rss:158264kB, file-rss:0kB"},
	{KillLine, "Out of Memory: Killed process 2431 (httpd)."},
	{GroupKillLine, "Tasks in /kubepods/pod1 are going to be killed due to memory.oom.group set"},
	{SkipLine, "Memory cgroup out of memory: OOM victim 12 (x) is already exiting. Skip killing the task"},
	{SharingLine, "Kill process 9 (x) sharing same memory"},
	{SharingLine, "oom killer 7 (victim) has mm pinned by 1 (init)"},
	{ReaperLine, "oom_reaper: reaped process 2746 (leaker), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB"},
	{ReaperLine, "oom_reaper: unable to reap pid:7 (x)"},
	{NoVictimLine, "Out of memory and no killable processes..."},
	{PanicLine, "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled"},
	{SysrqLine, "sysrq: Manual OOM execution"},
	{SuppressedLine, "oom_kill_process: 30 callbacks suppressed"},
	{FragmentLine, ",mems_allowed=0,oom_memcg=/burst/docker-0abc.scope"},
	{AllocFailureLine, "hog-nodump: page allocation failure: order:0, mode:0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0"},
	{Other, "app.service: A process of this unit has been killed by the OOM killer."},
	{Other, "app.service: Failed with result 'oom-kill'."},
	{Other, "app.service: Main process exited, code=killed, status=9/KILL"},
	{Other, "user@0.service: systemd-oomd killed 12 process(es) in this unit."},
	{Other, "Killed /user.slice/a.scope due to memory used (16000000000) / total (16600000000) and swap used (1) / total (2) being more than 90.00%"},
	{Other, "Killed /a.slice due to memory pressure for /user.slice being 80.00% > 50.00% for > 20s with reclaim activity"},
	{Other, "low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%"},
	{Other, `sending SIGTERM to process 7378 uid 1000 "tail": oom_score 156, VmRSS 4962 MiB`},
	{Other, "Tasks state (memory values in mebibytes):"},
	{Other, "The victim died in 0.119s"},
	{Other, "Swap used (8000000000) / total (8200000000) is more than 90%"},
	{Other, "Memory pressure for /user.slice is greater than 50 for more than 20 seconds and there was reclaim activity"},
	{Other, "oomd dry-run: Would have tried to kill /a.slice with recurse=true"},
	{Other, `"Eviction manager: attempting to reclaim" resourceName="memory"`},
	{Other, "The node was low on resource: memory. "},
	{Other, `time="2023-05-01T12:00:00Z" level=info msg="TaskOOM event container_id:\"4304\""`},
	{Other, "System OOM encountered, victim process: vector, pid: 3052236"},

	{Other, ""},
	{Other, "anon 4096"},
	{Other, " dump_stack_lvl+0x5d/0x80"},
	{Other, "RIP: 0033:0x40180f"},
	{Other, "/burst/docker-0abc.scope"},
	{Other, ":"},
	{Other, "OOM killer disabled."},
	{Other, "OOM killer enabled."},
	{Other, "Would have killed process 7 (x). But continuing instead."},
	{Other, "Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF"},
	{Other, "noise[352]: unrelated line 336 from userspace: anon-rss:1kB pid=1, Killed process"},
	{Other, "usb 1-1: new full-speed USB device number 2 using xhci_hcd"},
	{Other, "systemd[1]: Listening on systemd-oomd.socket - Userspace Out-Of-Memory (OOM) Killer Socket."},
	{Other, "EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: (null)"},
	{Other, "net_ratelimit: 34 callbacks suppressed"},
	{Other, "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"},
	{Other, "Memory: 3912288K/4193784K available (14345K kernel code)"},
	{Other, "INFO: task java:4242 blocked for more than 120 seconds."},
}

func TestClassify(t *testing.T) {
	seen := [numKinds]bool{}
	for _, c := range realLines {
		if got := Classify(c.text); got != c.kind {
			t.Errorf("%q is %v, want %v", c.text, got, c.kind)
		}
		seen[c.kind] = true
	}
	seen[MemcgStat] = true // only its neighbours tell it
	seen[Userspace] = true // only package witness tells it
	for kind, ok := range seen {
		if !ok {
			t.Errorf("no line of kind %v", Kind(kind))
		}
	}
}

func TestClassifyDoesNotAllocate(t *testing.T) {
	for _, c := range realLines {
		if n := testing.AllocsPerRun(20, func() { Classify(c.text) }); n != 0 {
			t.Errorf("%q: %v allocations", c.text, n)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	lines := map[string]string{
		"foreign": "usb 1-1: new full-speed USB device number 2 using xhci_hcd",
		"systemd": "systemd[1]: Started session-42.scope - Session 42 of User admin.",
		"access":  `10.0.0.1 - - [21/Nov/2026:08:44:22 +0000] "GET /index.html HTTP/1.1" 200 5316 "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
		"row":     "[    340]  1000   340     3241     1774     1616      158         0    57344        0             0 burst-0.0",
		"kill":    "Memory cgroup out of memory: Killed process 340 (burst-0.0) total-vm:12964kB, anon-rss:6464kB, file-rss:632kB, shmem-rss:0kB, UID:1000 pgtables:56kB oom_score_adj:0",
	}
	for name, line := range lines {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Classify(line)
			}
		})
	}
}
