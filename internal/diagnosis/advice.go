// SPDX-License-Identifier: Apache-2.0

package diagnosis

import "github.com/oomtrail/oomtrail/parser/report"

// manyKills is how many kills of one cgroup speak for a leak.
const manyKills = 3

// advice words what to do next, and how to see afterwards that it helped. It never has a limit
// raised where a leak, or memory that outlives its process, is the evidence.
func (c *analysis) advice(w *words) {
	f := &c.found[0]
	row := f.Cause.row()
	row.advice(c, w, c.place(f))
	if row.alone {
		return
	}
	c.adviseAside(w)
	c.verify(w)
}

// raise says how the limit that was hit is raised.
func (c *analysis) raise(w *words, at place) {
	w.raise(at)
	if c.mem.hit != report.CounterMemsw {
		return
	}
	switch at.platform {
	case inDocker, inPodman:
		w.text(", and --memory-swap with it: the limit on memory and swap together was hit")
	default:
		w.text(", and memory.memsw.limit_in_bytes with it: the limit on memory and swap together was hit")
	}
}

// adviseAside adds what belongs to other findings, the most useful first.
func (c *analysis) adviseAside(w *words) {
	if f := c.finding(HugetlbReservation); f != nil && c.found[0].Cause != HugetlbReservation {
		if unused, ok := f.Value("unused"); ok && unused > 0 {
			w.size(unused)
			w.text(" of huge pages are reserved and unused: lower vm.nr_hugepages. ")
		}
	}
	if c.has(VictimByAdjustment) {
		c.adviseSparing(w)
	}
	if c.has(GroupKill) && platformOf(c.limit) == inKubernetes {
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
		w.text("The kernel rate-limited its log in this burst, so figures are missing. ")
	}
}

// adviseSparing says where the victim's own adjustment is set.
func (c *analysis) adviseSparing(w *words) {
	w.text("To spare the victim, lower its oom_score_adj")
	switch platformOf(c.victim) {
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
func (c *analysis) before(major, minor int) bool {
	v, known := report.ParseRelease(c.r.CPU.Release)
	return known && v.Before(major, minor)
}

// since reports whether the kernel is known to be as new as major.minor.
func (c *analysis) since(major, minor int) bool {
	v, known := report.ParseRelease(c.r.CPU.Release)
	return known && !v.Before(major, minor)
}

// countsKills reports whether the kernel counts kills (oom_kill in /proc/vmstat, memory.oom_control
// and memory.events): from 4.13 on, and those that print an oom-kill: line or page tables are
// newer.
func (c *analysis) countsKills() bool {
	return c.since(4, 13) || !c.before(4, 13) && (c.r.Seen.Has(report.SectionOOMKill) || c.k != nil && c.k.PgtablesKB.OK)
}

// verify says how to see that it helped, by files that this kernel has.
func (c *analysis) verify(w *words) {
	counter := ""
	w.text("Verify: ")
	switch {
	case c.scope == report.ScopeCgroup && c.mem.hit == report.CounterMemsw:
		w.text("memory.memsw.max_usage_in_bytes stays below the limit")
		counter = "memory.oom_control"
	case c.scope == report.ScopeCgroup && c.mem.v1:
		w.text("memory.max_usage_in_bytes stays below the limit")
		counter = "memory.oom_control"
	case c.scope == report.ScopeCgroup && c.since(5, 19):
		w.text("memory.peak stays below memory.max")
		counter = "memory.events"
	case c.scope == report.ScopeCgroup:
		w.text("memory.current stays below memory.max")
		counter = "memory.events"
	case c.scope == report.ScopeCpuset || c.scope == report.ScopeNUMAPolicy:
		w.text("numastat -m shows free memory on those nodes under load")
		counter = "/proc/vmstat"
	default:
		w.text("MemAvailable in /proc/meminfo stays well above 0")
		counter = "/proc/vmstat"
	}
	if c.countsKills() {
		w.text(" and oom_kill in ")
		w.text(counter)
		w.text(" stops rising.")
	} else {
		w.text(" and the kernel's log shows no further kill.")
	}
}
