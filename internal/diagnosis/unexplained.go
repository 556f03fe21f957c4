// SPDX-License-Identifier: Apache-2.0

package diagnosis

import "github.com/oomtrail/oomtrail/parser/report"

// The causes where the log does not show what held the memory.
var (
	unknown = cause{
		name: "unknown", meaning: "the log does not say what ran out",
		summary: func(c *analysis, w *words, _ *Finding) {
			if c.k == nil {
				w.text("The log shows only part of a report: neither what ran out nor a kill")
			} else {
				w.text("The log reports a kill for lack of memory, but not what ran out")
			}
		},
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Look at earlier lines of the log, or read /dev/kmsg from boot, to get the whole report. ")
		},
	}
	cgroupLimit = cause{
		name: "cgroup_limit", meaning: "a cgroup reached its limit; the log does not say what filled it",
		summary: (*analysis).ranOutUnexplained,
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Read memory.stat of the cgroup while it runs to see what grows (anon: a heap; shmem: tmpfs; slab, sock: the kernel), then decide. ")
		},
	}
	hostExhausted = cause{
		name: "host_exhausted", meaning: "the host ran out of memory; nothing in the log stands out",
		summary: (*analysis).ranOutUnexplained,
		advice: func(c *analysis, w *words, at place) {
			w.text("Watch what grows while it runs (ps -eo rss,comm --sort -rss, slabtop, df -t tmpfs), then cap it. ")
			if c.has(LargestVictim) {
				w.text("Start with the victim, which was likely the largest. ")
				w.bound(at)
				w.text(". ")
			}
		},
	}
)

// findUnexplained finds the little that is known when nothing stands out.
func (c *analysis) findUnexplained() {
	if len(c.found) > 0 {
		return
	}
	cause, confidence := Unknown, Possible
	switch c.scope {
	case report.ScopeCgroup:
		cause, confidence = CgroupLimit, Certain
	case report.ScopeHost:
		cause, confidence = HostExhausted, Likely
	}
	f := c.add(cause, confidence)
	c.figure(f, "total", c.mem.total)
	c.figure(f, "victim", c.victimBytes)
}

// ranOutUnexplained writes what ran out, and that the log does not show why.
func (c *analysis) ranOutUnexplained(w *words, _ *Finding) {
	c.ranOut(w)
	if !c.mem.plenty() {
		w.text("; the log does not show what filled it")
	}
}
