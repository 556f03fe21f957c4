// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// manyKills is how many kills of one cgroup speak for a leak.
const manyKills = 3

// advice words what to do next, and how to see afterwards that it helped. It never has a limit raised where a leak, or
// memory that outlives its process, is the evidence.
func (c *inquiry) advice(w *words) {
	f := &c.found[0]
	s, id := c.stand(f)
	switch f.Cause {
	case Sysrq:
		w.text("Nothing to tune: find out who wrote f to /proc/sysrq-trigger or pressed the keys; kernel.sysrq says who may.")
		return
	case PanicOnOOM:
		w.text("Set vm.panic_on_oom=0 if losing one process is better than losing the host, then see to what filled memory. ")
		c.adviseHolder(w)
	case NoKillableProcess:
		w.text("Remove oom_score_adj -1000 (OOMScoreAdjust=) from at least one process that may be restarted: without one the kernel stalls or panics. ")
		c.adviseHolder(w)
	case Cpuset:
		w.text("Widen cpuset.mems (AllowedMemoryNodes= in systemd, the memory manager's policy in Kubernetes), or move load to other nodes. ")
		if c.mem.plenty() && c.movableOnly() {
			w.text("Among them must be a node with memory outside zone Movable. ")
		}
	case MemoryPolicy:
		w.text("Use a policy that may fall back (numactl --preferred or --interleave in place of --membind), or bind to more nodes. ")
	case Fragmentation:
		w.text("Raise vm.min_free_kbytes")
		if !c.before(5, 9) {
			w.text(" and vm.compaction_proactiveness")
		}
		w.text("; look for the driver or network buffer that asks for large pieces. ")
	case LowZone:
		w.text("Run a 64-bit kernel; until then raise vm.lowmem_reserve_ratio's protection and look for what fills low memory (slabtop). ")
	case HugetlbReservation:
		w.text("Give huge pages back: lower vm.nr_hugepages (and hugepages= at boot) to what HugePages_Total minus HugePages_Free in /proc/meminfo needs. ")
	case SharedMemory:
		c.adviseShared(w, s, f)
	case KernelMemory:
		c.adviseKernel(w)
	case PageCache:
		w.text("Let writing keep up: smaller vm.dirty_bytes, faster storage, fsync while writing, or direct I/O; look for mlock if it is unevictable. ")
	case ManyProcesses:
		w.text("Find out what starts so many processes (a pool, a retry loop, a fork storm: the log cannot tell); ")
		w.capProcesses(s)
		w.text(". ")
	case LimitBelowWorkingSet:
		w.text("Hypothesis: the limit is below what this load needs. Run fewer workers, or ")
		c.raise(w, s, id)
		w.text(", unless use grows without end. ")
	case LimitBelowStart:
		w.text("Leave room for the start: ")
		c.raise(w, s, id)
		w.text(". ")
	case ProcessHog:
		c.adviseHog(w, s, id)
	case CgroupLimit:
		w.text("Read memory.stat of the cgroup while it runs to see what grows (anon: a heap; shmem: tmpfs; slab, sock: the kernel), then decide. ")
	case HostExhausted:
		w.text("See who grows while it runs (ps -eo rss,comm --sort -rss, slabtop, df -t tmpfs), then hold that to less. ")
		if c.has(LargestVictim) {
			w.text("Likely it is the victim. ")
			w.bound(s, id)
			w.text(". ")
		}
	default:
		w.text("Look at earlier lines of the log, or read /dev/kmsg from boot, so that the whole report is seen. ")
	}
	c.adviseAside(w)
	c.verify(w)
}

// raise says how the limit that was hit is raised.
func (c *inquiry) raise(w *words, s stand, id *identity.Identity) {
	w.raise(s, id)
	if c.mem.hit != kernel.CounterMemsw {
		return
	}
	switch s {
	case inDocker, inPodman:
		w.text(", and --memory-swap with it: memory and swap together is what was hit")
	default:
		w.text(", and memory.memsw.limit_in_bytes with it: memory and swap together is what was hit")
	}
}

// adviseHog speaks of one process that holds most.
func (c *inquiry) adviseHog(w *words, s stand, id *identity.Identity) {
	if c.scope != assembly.ScopeCgroup {
		if c.k != nil && c.found[0].Process.PID != c.k.PID {
			w.text("Hold ")
			w.process(c.found[0].Process)
			w.text(" to less where it is started: the log does not name its unit or container (/proc/")
			w.number(c.found[0].Process.PID)
			w.text("/cgroup does while it runs)")
		} else {
			w.bound(s, id)
		}
		w.text(". Profile its heap if it keeps growing")
		if ceiling := heapCeiling(c.found[0].Process.Comm); ceiling != "" {
			w.text(", lower ")
			w.text(ceiling)
		}
		if c.has(NoSwap) && s == onHost {
			w.text("; swap or zram helps only over short peaks")
		}
		w.text(". ")
		return
	}
	if c.kills >= manyKills {
		w.text("Repeated kills speak for a leak (a hypothesis): profile the heap of the process. A larger limit would only put off the next kill. ")
		return
	}
	w.text("Find out why it grows: ")
	if ceiling := heapCeiling(c.found[0].Process.Comm); ceiling != "" {
		w.text("profile its heap, keep ")
		w.text(ceiling)
		w.text(" below the limit. ")
	} else {
		w.text("profile its heap, keep its caches and its runtime's heap below the limit. ")
	}
	w.text("If the load really needs this much (a hypothesis: test it), ")
	c.raise(w, s, id)
	w.text(". ")
}

// adviseShared speaks of memory that outlives processes.
func (c *inquiry) adviseShared(w *words, s stand, f *Finding) {
	if f.Process.Comm != "" {
		w.text("Memory that only the victim mapped was freed. Files in tmpfs and System V segments were not. ")
	} else {
		w.text("A kill does not free files in tmpfs. ")
	}
	w.text("Find them (df -h -t tmpfs, du /dev/shm, ipcs -m), delete what is not needed, and ")
	w.capShared(s)
	w.text(". More RAM will not help: it would fill up too. ")
}

// adviseKernel speaks of memory that the kernel holds.
func (c *inquiry) adviseKernel(w *words) {
	if c.scope == assembly.ScopeCgroup {
		w.text("See what the kernel holds for it (slab, sock, percpu, pagetables in memory.stat): full pipes and sockets, many open files, threads or mappings are the usual reasons. ")
		return
	}
	w.text("See what the kernel holds: slabtop, /proc/meminfo (SUnreclaim, PageTables, KernelStack, Percpu), /proc/allocinfo on 6.10+. If one cache grows without end, a kernel or driver leak is the hypothesis: try another kernel version. ")
}

// adviseHolder speaks of what filled memory, where the cause is that the kernel could or would not kill.
func (c *inquiry) adviseHolder(w *words) {
	if c.has(SharedMemory) {
		w.text("What filled memory is tmpfs or shared memory, which no kill frees: find it with df -h -t tmpfs and ipcs -m. ")
	}
}

// adviseAside adds what belongs to other findings, the most useful first.
func (c *inquiry) adviseAside(w *words) {
	if f := c.finding(HugetlbReservation); f != nil && c.found[0].Cause != HugetlbReservation {
		if unused, ok := f.Value("unused"); ok && unused > 0 {
			w.size(unused)
			w.text(" of huge pages are reserved and unused: lower vm.nr_hugepages. ")
		}
	}
	if c.has(VictimByAdjustment) {
		c.adviseSparing(w)
	}
	if c.has(GroupKill) && standOf(c.limit) == inKubernetes {
		w.text("On cgroup v2 Kubernetes 1.28 and newer has the whole container killed. ")
	}
	if c.has(CgroupSwapLimit) {
		w.text("The cgroup may not swap more, so swap on the host does not help it. ")
	} else if c.has(SwapFull) {
		w.text("Swap was full as well. ")
	}
	if c.r.Bare && !c.r.HeldBack && c.k != nil {
		w.text("Only the kill line is in this log: read it unfiltered. ")
	}
	if c.has(RateLimited) {
		w.text("The kernel held back reports of this burst, so figures are missing. ")
	}
}

// adviseSparing says where the victim's own adjustment is set.
func (c *inquiry) adviseSparing(w *words) {
	w.text("To spare the victim lower its oom_score_adj")
	switch standOf(c.victim) {
	case inKubernetes:
		w.text(" (Kubernetes sets it by QoS class)")
	case inDocker, inPodman:
		w.text(" (--oom-score-adj)")
	case inUserUnit, inSystemd:
		if !transient(c.victim) {
			w.text(" (OOMScoreAdjust= of ")
			w.name(c.victim.Unit)
			w.inside(c.victim)
			w.text(")")
		}
	}
	w.text(". ")
}

// before reports whether the kernel is known to be older than major.minor.
func (c *inquiry) before(major, minor int) bool {
	v, known := assembly.ParseRelease(c.r.CPU.Release)
	return known && v.Before(major, minor)
}

// since reports whether the kernel is known to be as new as major.minor.
func (c *inquiry) since(major, minor int) bool {
	v, known := assembly.ParseRelease(c.r.CPU.Release)
	return known && !v.Before(major, minor)
}

// countsKills reports whether the kernel counts kills (oom_kill in /proc/vmstat, memory.oom_control and memory.events): from 4.13 on,
// and those that print an oom-kill: line or page tables are newer.
func (c *inquiry) countsKills() bool {
	return c.since(4, 13) || !c.before(4, 13) && (c.r.Seen.Has(assembly.SectionOOMKill) || c.k != nil && c.k.PgtablesKB.OK)
}

// verify says how to see that it helped, by files that this kernel has.
func (c *inquiry) verify(w *words) {
	counter := ""
	w.text("Verify: ")
	switch {
	case c.scope == assembly.ScopeCgroup && c.mem.hit == kernel.CounterMemsw:
		w.text("memory.memsw.max_usage_in_bytes stays below the limit")
		counter = "memory.oom_control"
	case c.scope == assembly.ScopeCgroup && c.mem.v1:
		w.text("memory.max_usage_in_bytes stays below the limit")
		counter = "memory.oom_control"
	case c.scope == assembly.ScopeCgroup && c.since(5, 19):
		w.text("memory.peak stays below memory.max")
		counter = "memory.events"
	case c.scope == assembly.ScopeCgroup:
		w.text("memory.current stays below memory.max")
		counter = "memory.events"
	case c.scope == assembly.ScopeCpuset || c.scope == assembly.ScopeNUMAPolicy:
		w.text("numastat -m shows free memory on those nodes under load")
		counter = "/proc/vmstat"
	default:
		w.text("MemAvailable in /proc/meminfo keeps a margin")
		counter = "/proc/vmstat"
	}
	if c.countsKills() {
		w.text(" and oom_kill in ")
		w.text(counter)
		w.text(" stops rising.")
	} else {
		w.text(" and no further kill stands in the kernel's log.")
	}
}

// heapCeiling names the setting that bounds the heap of a language runtime, told by its process name; "" for others.
func heapCeiling(comm string) string {
	switch {
	case strings.HasPrefix(comm, "java"):
		return "-XX:MaxRAMPercentage or -Xmx"
	case strings.HasPrefix(comm, "node"):
		return "--max-old-space-size"
	}
	return ""
}
