// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
)

// unlimitedKB returns what the kernel prints for a counter without a limit.
func (p *printer) unlimitedKB() int64 {
	switch {
	case p.from("3.19") || p.isRHEL("7.7", "8.1", "8.3"):
		return 9007199254740992 - p.PageKB
	case p.from("3.13"):
		return 18014398509481983
	}
	return 9007199254740991
}

// hasTaskIn reports whether the kernel prints both paths in a line of their own.
func (k Kernel) hasTaskIn() bool { return k.to("4.20") || k.isRHEL("6.6", "7.7", "8.1") }

// victimKnown reports whether the report is of a chosen task.
func (s Scenario) victimKnown() bool { return s.Ending != EndNoVictim && s.Ending != EndPanic }

// hasMemcgBlock reports whether the counters are printed: to 4.0 only with a victim.
func (k Kernel) hasMemcgBlock(s Scenario) bool {
	return s.Memcg && !s.Bare && (s.victimKnown() || k.from("4.1") || k.isRHEL("8.1", "8.3"))
}

// memcgBlock prints what mem_cgroup_print_oom_info prints.
func (p *printer) memcgBlock() {
	if !p.hasMemcgBlock(p.Scenario) {
		return
	}
	p.taskIn()
	for _, name := range p.counterNames() {
		p.say(info, "%s: usage %dkB, limit %dkB, failcnt %d", name, p.usageKB(name), p.limitKB(name), p.figure(name, "failcnt"))
	}
	switch {
	case p.from("6.5"):
		p.say(info, "Memory cgroup stats for %s:", p.CgroupLimit)
		for _, key := range p.statKeys() {
			p.say(info, "%s %d", key, p.figure("stat", key))
		}
	case p.from("5.3") || p.isRHEL("8.3"):
		p.say(info, "Memory cgroup stats for %s:", p.CgroupLimit)
		var lines []string
		for _, key := range p.statKeys() {
			lines = append(lines, fmt.Sprintf("%s %d", key, p.figure("stat", key)))
		}
		p.say(info, "%s", strings.Join(lines, "\n"))
	case p.mainline("3.9"):
		p.statsLine("stat", p.CgroupLimit)
		if p.hasLowerStats() {
			p.statsLine("child stat", p.CgroupTask)
		}
	}
}

func (p *printer) taskIn() {
	switch {
	case !p.hasTaskIn():
	case !p.victimKnown():
		p.say(info, "Memory limit reached of cgroup %s", p.CgroupLimit)
	case p.from("3.16") && p.to("3.18"):
		p.say(info, "Task in %s", p.CgroupTask)
		p.say(info, " killed as a result of limit of %s", p.CgroupLimit)
		p.say(info, "")
	default:
		p.say(info, "Task in %s killed as a result of limit of %s", p.CgroupTask, p.CgroupLimit)
	}
}

// counterNames returns the counters that the kernel prints, in order.
func (p *printer) counterNames() []string {
	switch {
	case p.V2:
		return []string{"memory", "swap"}
	case p.to("3.6") || p.isRHEL("6.6"):
		return []string{"memory", "memory+swap"}
	}
	return []string{"memory", "memory+swap", "kmem"}
}

// usageKB returns the usage of a counter: memory and swap together is no less than memory.
func (p *printer) usageKB(name string) int64 {
	if name == "memory" && p.statsAreLocal() { // all that is charged, by its figures
		return p.statsKB("cache") + p.statsKB("rss") + p.figure("kmem", "usage")
	}
	if name == "memory+swap" {
		return p.usageKB("memory") + p.figure(name, "usage")
	}
	return p.figure(name, "usage")
}

// limitKB returns the limit of a counter as printed: the memory's is a real one, of the others
// every other.
func (p *printer) limitKB(name string) int64 {
	if name == "memory" || p.seed%2 == 0 {
		return p.figure(name, "limit")
	}
	return p.unlimitedKB()
}

// statsLine prints the figures of one cgroup in one line (3.9 to 5.2).
func (p *printer) statsLine(part, path string) {
	var b strings.Builder
	for _, key := range p.statKeys() {
		fmt.Fprintf(&b, " %s:%dKB", key, p.statKB(part, key))
	}
	if p.isRHEL("7.7") && p.seed%2 == 0 {
		p.say(info, "Memory cgroup stats:%s", b.String())
		return
	}
	p.say(info, "Memory cgroup stats for %s:%s", path, b.String())
}

// statsAreLocal reports whether a line of figures counts its own cgroup only (to 5.1).
func (k Kernel) statsAreLocal() bool {
	return k.mainline("3.9") && !k.from("5.2") && !k.isRHEL("8.3")
}

// hasLowerStats reports whether the cgroup below prints a line of its own.
func (p *printer) hasLowerStats() bool { return p.CgroupTask != p.CgroupLimit }

// statsKB returns a figure of the cgroup whose limit was hit with all below it; below zero where a
// part is.
func (p *printer) statsKB(key string) int64 {
	v := p.statKB("stat", key)
	if !p.statsAreLocal() || !p.hasLowerStats() || v < 0 {
		return v
	}
	lower := p.statKB("child stat", key)
	if lower < 0 {
		return lower
	}
	return v + lower
}

// statKB returns a figure in KiB; one may be negative, as the sum of per-cpu counters can be to
// 4.1.
func (p *printer) statKB(part, key string) int64 {
	v := p.figure(part, key)
	if key == "mapped_file" && (p.to("4.1") || p.isRHEL("7.7")) {
		return -v % 64
	}
	return v
}

// The keys of memory.stat that every kernel has in a row.
var (
	lruKeys    = []string{"inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable"}
	refaultOld = []string{"workingset_refault", "workingset_activate"}
	refaultNew = []string{"workingset_refault_anon", "workingset_refault_file", "workingset_activate_anon", "workingset_activate_file",
		"workingset_restore_anon", "workingset_restore_file"}
	reclaim = []string{"pgrefill", "pgscan", "pgsteal", "pgactivate", "pgdeactivate", "pglazyfree", "pglazyfreed"}
)

// statKeys returns the keys of memory.stat in the kernel's order.
func (p *printer) statKeys() []string {
	switch {
	case p.from("6.5") && !p.V2:
		return p.statKeysV1()
	case p.from("5.3"), p.isRHEL("8.3"):
		return p.statKeysV2()
	}
	keys := []string{"cache", "rss"}
	if p.mainline("3.10") {
		keys = append(keys, "rss_huge")
	}
	if p.from("4.12") || p.isRHEL("8.1") {
		keys = append(keys, "shmem")
	}
	keys = append(keys, "mapped_file")
	if p.from("4.2") || p.isRHEL("8.1") {
		keys = append(keys, "dirty")
	}
	if p.from("3.11") || p.isRHEL("8.1") {
		keys = append(keys, "writeback")
	}
	return append(append(keys, "swap"), lruKeys...)
}

// statKeysV1 returns the keys on cgroup v1 from 6.5 on.
func (p *printer) statKeysV1() []string {
	keys := []string{"cache", "rss", "rss_huge", "shmem", "mapped_file", "dirty", "writeback", "workingset_refault_anon", "workingset_refault_file", "swap"}
	if p.from("6.8") {
		keys = append(keys, "swapcached")
	}
	keys = append(append(keys, "pgpgin", "pgpgout", "pgfault", "pgmajfault"), lruKeys...)
	total := make([]string, len(keys))
	for i, key := range keys {
		total[i] = "total_" + key
	}
	return append(append(keys, "hierarchical_memory_limit", "hierarchical_memsw_limit"), total...)
}

// statKeysV2 returns the keys on cgroup v2, and on v1 to 6.4.
func (p *printer) statKeysV2() []string {
	if p.to("5.9") || p.isRHEL("8.3") {
		keys := []string{"anon", "file", "kernel_stack", "slab"}
		refault := append(refaultOld[:2:2], "workingset_nodereclaim")
		if p.from("5.8") {
			refault = append(refaultOld[:2:2], "workingset_restore", "workingset_nodereclaim")
		}
		if p.from("5.9") {
			keys = append(keys, "percpu")
			refault = append(refaultNew[:6:6], "workingset_nodereclaim")
		}
		keys = append(keys, "sock", "shmem", "file_mapped", "file_dirty", "file_writeback", "anon_thp")
		keys = append(append(keys, lruKeys...), "slab_reclaimable", "slab_unreclaimable", "pgfault", "pgmajfault")
		return append(append(append(keys, refault...), reclaim...), "thp_fault_alloc", "thp_collapse_alloc")
	}
	keys := []string{"anon", "file"}
	add := func(since string, names ...string) {
		if p.from(since) {
			keys = append(keys, names...)
		}
	}
	add("5.19", "kernel")
	add("5.10", "kernel_stack")
	add("5.11", "pagetables")
	add("6.1", "sec_pagetables")
	add("5.10", "percpu", "sock")
	add("5.17", "vmalloc")
	add("5.10", "shmem")
	add("5.19", "zswap", "zswapped")
	add("7.1", "zswap_incomp")
	add("5.10", "file_mapped", "file_dirty", "file_writeback")
	add("5.15", "swapcached")
	add("5.10", "anon_thp")
	add("5.11", "file_thp", "shmem_thp")
	add("5.10", lruKeys...)
	add("5.10", "slab_reclaimable", "slab_unreclaimable", "slab")
	add("6.13", "hugetlb")
	add("5.10", refaultNew...)
	add("5.10", "workingset_nodereclaim")
	add("6.12", "pgdemote_kswapd", "pgdemote_direct", "pgdemote_khugepaged", "pgpromote_success")
	add("6.13", "pswpin", "pswpout")
	if p.to("5.19") {
		keys = append(append(keys, "pgfault", "pgmajfault"), reclaim...)
	}
	add("6.1", "pgscan", "pgsteal", "pgscan_kswapd", "pgscan_direct", "pgsteal_kswapd", "pgsteal_direct", "pgfault", "pgmajfault",
		"pgrefill", "pgactivate", "pgdeactivate", "pglazyfree", "pglazyfreed")
	add("5.19", "zswpin", "zswpout")
	add("6.8", "zswpwb")
	add("5.10", "thp_fault_alloc", "thp_collapse_alloc")
	add("6.8", "thp_swpout", "thp_swpout_fallback")
	return keys
}
