// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// The causes where an allocation was held to some of the memory nodes.
var (
	cpuset = cause{
		name: "cpuset", meaning: "the allocation could use only the memory nodes that a cpuset allows",
		summary: (*analysis).nodesRanOut,
		advice: func(c *analysis, w *words, _ place) {
			w.text("Widen cpuset.mems (AllowedMemoryNodes= in systemd, the memory manager's policy in Kubernetes), or move load to other nodes. ")
			if c.mem.plenty() && c.movableOnly() {
				w.text("At least one of them needs memory outside zone Movable. ")
			}
		},
	}
	memoryPolicy = cause{
		name: "memory_policy", meaning: "the allocation could use only the memory nodes that a memory policy (mbind, set_mempolicy, numactl) allows",
		summary: (*analysis).nodesRanOut,
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Use a policy that may fall back (numactl --preferred or --interleave instead of --membind), or bind to more nodes. ")
		},
	}
)

// findNodes finds that the nodes which a cpuset or a policy allows ran out.
func (c *analysis) findNodes() {
	switch {
	case len(c.found) > 0:
	case c.scope == report.ScopeCpuset:
		c.nodes(Cpuset)
	case c.scope == report.ScopeNUMAPolicy:
		c.nodes(MemoryPolicy)
	}
}

// nodes records that the memory nodes which were allowed ran out.
func (c *analysis) nodes(cause Cause) {
	f := c.add(cause, Certain)
	f.Label = allowedNodes(c.r, c.scope)
	c.figure(f, "total", c.mem.total)
	c.figure(f, "outside", c.mem.outside)
}

// nodesRanOut writes that the allowed nodes ran out, and what was free on the others.
func (c *analysis) nodesRanOut(w *words, f *Finding) {
	c.ranOut(w)
	if outside, ok := f.Value("outside"); ok {
		w.text(" while ")
		w.size(outside)
		w.text(" was free on other nodes")
	}
	c.holder(w, ": ")
}

// allowedNodes returns the list of memory nodes that the allocation was held to, as printed; ""
// when it is not told.
func allowedNodes(r *report.Report, scope report.Scope) string {
	if scope == report.ScopeNUMAPolicy {
		for _, mask := range [...]string{r.OOMKill.Nodemask, r.Invocation.Nodemask} {
			if mask != "" && mask != "(null)" {
				return mask
			}
		}
	}
	if r.OOMKill.MemsAllowed != "" {
		return r.OOMKill.MemsAllowed
	}
	return r.Cpuset.MemsAllowed
}

// inList reports whether a list of nodes such as "0-3,7" holds n. An empty list holds all.
func inList(list string, n int64) bool {
	if list == "" {
		return true
	}
	for list != "" {
		var part string
		part, list, _ = strings.Cut(list, ",")
		from, to, isRange := strings.Cut(part, "-")
		first, ok := small(from)
		last := first
		if isRange {
			var ok2 bool
			last, ok2 = small(to)
			ok = ok && ok2
		}
		if ok && first <= n && n <= last {
			return true
		}
	}
	return false
}

// small reads a decimal number of up to six digits.
func small(s string) (n int64, ok bool) {
	if s == "" || len(s) > 6 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

// managed returns the memory that the page allocator had on the listed nodes ("" for all).
func managed(info *report.MemInfo, nodes string, page int64) (sum report.Int) {
	ram, reserved := info.Totals[report.TotalRAM], info.Totals[report.TotalReserved]
	if nodes == "" && ram.OK && reserved.OK && page > 0 {
		return report.Some(scale(max(0, ram.V-reserved.V), page))
	}
	for i := range info.Zones {
		z := &info.Zones[i]
		if kb, ok := z.Value("managed"); ok && inList(nodes, z.Node.V) {
			sum = plus(sum, report.Some(kib(kb)))
		}
	}
	return sum
}

// nodesMemory reads the memory of the listed nodes, and what is free on the others.
func nodesMemory(info *report.MemInfo, nodes string) (mem memory) {
	mem.total = managed(info, nodes, 0)
	mem.readFree(info, nodes)
	mem.shmem, mem.locked = nodesKB(info, "shmem", nodes), nodesKB(info, "unevictable", nodes)
	mem.anon = minus(plus(nodesKB(info, "active_anon", nodes), nodesKB(info, "inactive_anon", nodes)), mem.shmem)
	mem.file = plus(nodesKB(info, "active_file", nodes), nodesKB(info, "inactive_file", nodes))
	for i := range info.Zones {
		z := &info.Zones[i]
		if free, ok := z.Value("free"); ok && z.Node.OK && !inList(nodes, z.Node.V) {
			mem.outside = plus(mem.outside, report.Some(kib(free)))
		}
	}
	return mem
}

// nodesKB sums a figure over the per-node lines of the listed nodes; before 4.8 over the zone
// lines.
func nodesKB(info *report.MemInfo, name, nodes string) (sum report.Int) {
	for i := range info.Nodes {
		n := &info.Nodes[i]
		if kb, ok := n.Value(name); ok && inList(nodes, n.ID) {
			sum = plus(sum, report.Some(kib(kb)))
		}
	}
	if sum.OK {
		return sum
	}
	for i := range info.Zones {
		z := &info.Zones[i]
		if kb, ok := z.Value(name); ok && inList(nodes, z.Node.V) {
			sum = plus(sum, report.Some(kib(kb)))
		}
	}
	return sum
}
