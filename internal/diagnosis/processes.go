// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// The causes where processes held most of what ran out.
var (
	processHog = cause{
		name: "process_hog", meaning: "one process held most of the memory, or far more than any other",
		summary: func(c *analysis, w *words, f *Finding) {
			c.dominantHeld(w, f)
			if _, ok := f.Value("rss"); !ok {
				w.text(" when ")
				c.ranOut(w)
				return
			}
			c.ofWhole(w)
		},
		named:  true,
		advice: func(c *analysis, w *words, at place) { c.adviseDominant(w, at) },
		finding: func(f *Finding, p phrase) string {
			switch {
			case p.has("percent_of_processes"):
				return p.process + " held " + p.value("percent_of_processes") + " % of what all processes held"
			case p.has("next"):
				return p.process + " held " + p.value("rss") + ", the next largest process " + p.value("next")
			case p.has("rss"):
				return p.process + " held " + p.value("rss")
			}
			return p.meaning
		},
	}
	manyProcesses = cause{
		name: "many_processes", meaning: "many processes with one name held most of the memory together",
		summary: func(c *analysis, w *words, f *Finding) {
			w.number(value(f, "processes"))
			w.text(" processes named ")
			w.name(f.Label)
			w.text(" held ")
			w.size(value(f, "held"))
			c.ofWhole(w)
		},
		advice: func(_ *analysis, w *words, at place) {
			w.text("Find out what starts so many processes (a pool, a retry loop, a fork storm: the log does not show it); ")
			w.capProcesses(at.platform)
			w.text(". ")
		},
		finding: func(f *Finding, p phrase) string {
			return p.value("processes") + " processes named " + p.quote(p.label) + " held " + p.value("held") + " together"
		},
	}
	limitBelowWorkingSet = cause{
		name: "limit_below_working_set", meaning: "several processes together need more than the limit; none stands out",
		summary: func(c *analysis, w *words, f *Finding) {
			w.number(value(f, "processes"))
			w.text(" processes together needed more than ")
			c.whole(w)
			w.text(", and none stands out")
		},
		advice: func(c *analysis, w *words, at place) {
			w.text("The limit is possibly below what this load needs: run fewer workers, or ")
			c.raise(w, at)
			w.text(", unless use grows without end. ")
		},
	}
	limitBelowStart = cause{
		name: "limit_below_start", meaning: "the limit is too low to start the container: its runtime was killed",
		summary: func(c *analysis, w *words, f *Finding) {
			w.process(f.Process)
			w.text(" was killed while it started the container: ")
			c.whole(w)
			w.text(" is too low for that")
		},
		named: true,
		advice: func(c *analysis, w *words, at place) {
			w.text("Leave room for the start: ")
			c.raise(w, at)
			w.text(". ")
		},
	}
)

// findProcesses finds the process, or the processes of one name, that held most.
func (c *analysis) findProcesses() {
	t := &c.tasks
	f := c.dominantProcess()
	if c.starting(f) {
		return
	}
	if f != nil {
		return
	}
	if t.count >= 10 {
		if crowd := biggestCrowd(c.r, c.page, c.use()/100*crowded); crowd.count >= 10 && c.shareOfUse(crowd.bytes) >= crowded {
			f := c.add(ManyProcesses, Likely)
			f.Label = crowd.name
			f.number("processes", crowd.count)
			f.bytes("held", crowd.bytes)
			c.figure(f, "total", c.mem.total)
			return
		}
	}
	if c.scope != report.ScopeCgroup || !c.mem.total.OK || t.count < 2 || !t.whole {
		return
	}
	if refaulted := c.mem.refaults; refaulted.V/2 > c.mem.total.V || t.rss.OK && c.atLeast(t.rss.V, crowded) {
		f := c.add(LimitBelowWorkingSet, Possible)
		f.bytes("total", c.mem.total.V)
		c.figure(f, "held", t.rss)
		f.number("processes", t.count)
		if refaulted.V/2 > c.mem.total.V {
			f.Confidence = Likely
			f.bytes("refaulted", refaulted.V)
		}
	}
}

// dominantProcess records the process that held most, from the table or, without one, from the kill
// line.
func (c *analysis) dominantProcess() *Finding {
	t := &c.tasks
	p, bytes, next := report.Process{}, int64(0), int64(0)
	switch {
	case t.largest != nil:
		p = report.Process{PID: t.largest.PID, Comm: t.largest.Name}
		if c.k != nil && t.largest == c.facts.Row && c.k.Comm != "" {
			p = report.Process{PID: c.k.PID, Comm: c.k.Comm} // the row may bear another thread's pid and name
		}
		bytes, next = t.bytes(t.largest), t.bytes(t.second)
	case c.k != nil && c.victimBytes.OK:
		p, bytes = report.Process{PID: c.k.PID, Comm: c.k.Comm}, c.victimBytes.V
	default:
		return nil
	}
	if c.page == 0 && t.largest != nil {
		return c.dominantByPages(p)
	}
	share := c.shareOfUse(bytes)
	if share < dominant && (share < prominent || t.largest == nil || bytes/3 < next) {
		return nil
	}
	confidence := Certain
	if !c.mem.total.OK || share < crowded {
		confidence = Likely
	}
	if victim := c.k != nil && c.k.PID == p.PID; !c.mem.total.OK && !t.whole && !victim {
		confidence = Possible // the largest of those that the log shows
	}
	f := c.add(ProcessHog, confidence)
	f.Process = p
	f.bytes("rss", bytes)
	c.figure(f, "total", c.mem.total)
	if t.second != nil {
		f.bytes("next", next)
	}
	return f
}

// dominantByPages is dominantProcess for a report that does not show the page size: a share of what
// all processes hold is all it tells.
func (c *analysis) dominantByPages(p report.Process) *Finding {
	largest := c.tasks.largest.Values[report.ColRSS]
	alone := c.tasks.count < 2 && !c.atLeast(c.mem.anon.V, dominant)
	if alone || c.tasks.pages < 100 || largest/(c.tasks.pages/100) < crowded {
		return nil
	}
	percent := min(100, largest/(c.tasks.pages/100))
	if !c.tasks.whole {
		f := c.add(ProcessHog, Possible)
		f.Process = p
		f.number("percent_of_shown", percent)
		return f
	}
	f := c.add(ProcessHog, Likely)
	f.Process = p
	f.number("percent_of_processes", percent)
	return f
}

// starting records that a cgroup's limit was hit while the runtime put the container together, and
// nothing but the runtime is large there: largest is the finding about the largest process, or nil.
func (c *analysis) starting(largest *Finding) bool {
	if c.scope != report.ScopeCgroup || c.k == nil || !strings.HasPrefix(c.k.Comm, "runc:[") {
		return false
	}
	if largest != nil && !strings.HasPrefix(largest.Process.Comm, "runc") {
		return false
	}
	c.found = c.found[:0]
	f := c.add(LimitBelowStart, Likely)
	f.Process = report.Process{PID: c.k.PID, Comm: c.k.Comm}
	c.figure(f, "total", c.mem.total)
	return true
}

// dominantHeld says how much the one process held.
func (c *analysis) dominantHeld(w *words, f *Finding) {
	w.process(f.Process)
	if _, ok := f.Value("percent_of_shown"); ok {
		w.text(" held the most of the processes that the log shows")
		return
	}
	w.text(" held ")
	if percent, ok := f.Value("percent_of_processes"); ok {
		w.number(percent)
		w.text(" % of what all processes held")
		return
	}
	w.size(value(f, "rss"))
}

// adviseDominant speaks of one process that holds most.
func (c *analysis) adviseDominant(w *words, at place) {
	if c.scope != report.ScopeCgroup {
		if c.k != nil && c.found[0].Process.PID != c.k.PID {
			w.text("Cap the memory of ")
			w.process(c.found[0].Process)
			w.text(" where it is started: the log does not name its unit or container (/proc/")
			w.number(c.found[0].Process.PID)
			w.text("/cgroup does while it runs)")
		} else {
			w.bound(at)
		}
		w.text(". Profile its heap if it keeps growing")
		if ceiling := heapCeiling(c.found[0].Process.Comm); ceiling != "" {
			w.text(", lower ")
			w.text(ceiling)
		}
		if c.has(NoSwap) && at.platform == onHost {
			w.text("; swap or zram helps only with short peaks")
		}
		w.text(". ")
		return
	}
	if c.kills >= manyKills {
		w.text("Repeated kills point to a leak (likely, not proven): profile the heap of the process. A larger limit would only delay the next kill. ")
		return
	}
	w.text("Find out why it grows: ")
	if ceiling := heapCeiling(c.found[0].Process.Comm); ceiling != "" {
		w.text("profile its heap, and keep ")
		w.text(ceiling)
		w.text(" below the limit. ")
	} else {
		w.text("profile its heap, and keep its caches and its runtime's heap below the limit. ")
	}
	w.text("If the load really needs this much (test it), ")
	c.raise(w, at)
	w.text(". ")
}

// heapCeiling names the setting that bounds the heap of a language runtime, told by its process
// name; "" for others.
func heapCeiling(comm string) string {
	switch {
	case strings.HasPrefix(comm, "java"):
		return "-XX:MaxRAMPercentage or -Xmx"
	case strings.HasPrefix(comm, "node"):
		return "--max-old-space-size"
	}
	return ""
}
