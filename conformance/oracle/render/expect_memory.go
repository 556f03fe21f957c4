// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
)

// addCounters gives the counters and figures of the cgroup.
func (e *expecter) addCounters(v Event) {
	if !e.hasMemcgBlock(e.Scenario) {
		return
	}
	names := map[string]string{"memory": "oom.cgroup_memory", "memory+swap": "oom.cgroup_memsw", "kmem": "oom.cgroup_kmem", "swap": "oom.cgroup_swap"}
	for _, name := range e.counterNames() {
		v[names[name]+".usage"] = e.usageKB(name) * 1024
		v[names[name]+".failcnt"] = e.figure(name, "failcnt")
		if kb := e.limitKB(name); kb != e.unlimitedKB() {
			v[names[name]+".limit"] = kb * 1024
		}
	}
	if !e.mainline("3.9") {
		return
	}
	if e.statsAreLocal() && e.hasLowerStats() && e.statsKept < len(e.statKeys()) {
		return // of a sum no part may be lost
	}
	for _, key := range e.statKeys()[:e.statsKept] {
		if key == e.doubtful {
			v[Doubtful] = key
		}
		if e.from("5.3") || e.isRHEL("8.3") {
			v[StatPrefix+key] = e.figure("stat", key)
		} else if kb := e.statsKB(key); kb >= 0 { // below zero it says nothing
			v[StatPrefix+key] = kb * 1024
		}
	}
}

// addHost gives the sums over the machine.
func (e *expecter) addHost(v Event) {
	printed := map[string]bool{}
	for _, line := range e.counterLines() {
		for _, name := range strings.Fields(line) {
			printed[strings.ToLower(name)] = true
		}
	}
	sum := func(attribute string, names ...string) {
		pages, any := int64(0), false
		for _, name := range names {
			if printed[name] {
				pages, any = pages+e.figure("global", name), true
			}
		}
		if any {
			v["oom.host_memory."+attribute] = pages * e.page()
		}
	}
	sum("free", "free")
	sum("anon", "active_anon", "inactive_anon", "isolated_anon")
	sum("file", "active_file", "inactive_file", "isolated_file")
	sum("shmem", "shmem")
	sum("unevictable", "unevictable")
	sum("dirty", "dirty")
	sum("writeback", "writeback")
	sum("slab_reclaimable", "slab_reclaimable")
	sum("slab_unreclaimable", "slab_unreclaimable")
	sum("page_tables", "pagetables")
	v["oom.host_memory.total"] = e.ramPages() * e.page()
	v["oom.host_memory.reserved"] = e.total("reserved") * e.page()
	v["oom.host_swap.free"] = e.total("free swap") * 1024
	if !e.to("2.6.9") {
		v["oom.host_swap.total"] = e.total("swap") * 1024
	}
	e.addParts(v)
}

// addParts gives the sums over nodes and zones.
func (e *expecter) addParts(v Event) {
	stack, mlocked, huge := int64(0), int64(0), int64(0)
	for _, node := range e.Nodes {
		huge += e.hugepages(node) * 2048
		if e.from("5.9") {
			stack += e.figure(fmt.Sprint("node", node), "kernel_stack")
		}
		for _, zone := range e.zones() {
			mlocked += e.figure(zonePart(node, zone), "mlocked")
			if !e.from("5.9") {
				stack += e.figure(zonePart(node, zone), "kernel_stack")
			}
		}
	}
	// The zones that a cpuset does not allow are not printed, so their sum is not the host's.
	if e.mainline("2.6.32") && e.Constraint != "CPUSET" {
		v["oom.host_memory.kernel_stack"], v["oom.host_memory.mlocked"] = stack*1024, mlocked*1024
	}
	if e.mainline("3.10") && e.Constraint != "CPUSET" {
		v["oom.host_memory.hugetlb"] = huge * 1024
	}
}

// addTasks gives the sums over the task table.
func (e *expecter) addTasks(v Event) {
	v["oom.tasks.count"] = int64(len(e.Tasks))
	rss := int64(0)
	for _, t := range e.Tasks {
		rss += t.RSS()
	}
	// The page size is known by the kill line's figures, or by a buddy list, or by the architecture
	// that the release names.
	if e.isX86() || e.victimKnown() && e.Ending != EndSkip && e.mainline("2.6.33") || !e.Memcg || e.to("3.8") || e.isRHEL("6.6") {
		v["oom.tasks.rss"] = rss * e.page()
	}
}
