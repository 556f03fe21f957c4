// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// The findings about the victim: why it was this process, and what its death was good for.
var (
	groupKill          = cause{name: "group_kill", meaning: "the whole cgroup was killed (memory.oom.group)"}
	victimByAdjustment = cause{
		name: "victim_by_adjustment", meaning: "the victim was chosen for its oom_score_adj; a larger process lives on",
		finding: func(f *Finding, p phrase) string {
			return "a larger process lives on: " + p.process + " held " + p.value("larger") + " (oom_score_adj " + p.value("larger_oom_score_adj") +
				"), the victim " + p.value("victim") + " (oom_score_adj " + p.value("oom_score_adj") + ")"
		},
	}
	largestVictim        = cause{name: "largest_victim", meaning: "without an adjustment the victim was likely the largest process that the kernel may kill"}
	allocatingTaskKilled = cause{name: "allocating_task_killed", meaning: "the process that asked for memory was killed, not the one that held most (vm.oom_kill_allocating_task)"}
	protectedTasks       = cause{
		name: "protected_tasks", meaning: "processes that the kernel may not kill held a large part",
		finding: func(f *Finding, p phrase) string {
			return "processes that the kernel may not kill (oom_score_adj -1000) held " + p.value("protected")
		},
	}
	triggerElsewhere = cause{
		name: "trigger_elsewhere", meaning: "the process that asked for memory runs in another cgroup than the victim",
		finding: func(f *Finding, p phrase) string { return p.meaning + ": " + p.process + " in " + p.quote(p.label) },
	}
	freedLittle = cause{
		name: "freed_little", meaning: "the kill freed only little of what had run out",
		finding: func(f *Finding, p phrase) string {
			return "the kill freed perhaps " + p.value("private") + " of " + p.value("total")
		},
	}
	sharedAddressSpace = cause{
		name: "shared_address_space", meaning: "other processes share the victim's memory, and die with it or keep it",
		finding: func(f *Finding, p phrase) string { return p.meaning + ": " + p.process },
	}
)

// findVictim finds why it was this process that died, and what its death was good for.
func (c *analysis) findVictim() {
	if c.tasks.protected > 0 && c.atLeast(c.tasks.protected, 25) && !c.has(NoKillableProcess) {
		f := c.add(ProtectedTasks, Certain)
		f.bytes("protected", c.tasks.protected)
	}
	if c.k == nil {
		return
	}
	if c.k.Group || c.r.HasGroup {
		c.add(GroupKill, Certain)
	}
	if c.k.Message == report.MessageAllocating {
		c.add(AllocatingTaskKilled, Certain)
	} else if !c.k.Group {
		c.findAdjustment()
	}
	c.findLargest()
	c.findElsewhere()
	c.findLittle()
	if len(c.r.Sharing) > 0 {
		f := c.add(SharedAddressSpace, Certain)
		f.Process = c.r.Sharing[0]
	}
}

// findAdjustment compares the victim with the largest process as the kernel does: resident memory,
// swap and page tables. A larger process that was adjusted less lives because of the adjustment.
// What is larger by a trifle does not count, least of all where the victim was not adjusted itself
// and any guarded little process would do.
func (c *analysis) findAdjustment() {
	table := &c.r.Tasks.Table
	victim := c.facts.Row
	if victim == nil || !table.Has(report.ColOOMScoreAdj) || c.page == 0 {
		return
	}
	adj := victim.Values[report.ColOOMScoreAdj]
	own, most := c.points(victim), int64(0)
	var larger *report.Task
	for i := range c.r.Tasks.Rows.Len() {
		row := c.r.Tasks.Rows.At(i)
		if row.Values[report.ColOOMScoreAdj] >= adj {
			continue
		}
		if points := c.points(row); points > own && points > most {
			larger, most = row, points
		}
	}
	if larger == nil || most-own < own/4 || adj <= 0 && !c.atLeast(most, prominent) {
		return
	}
	f := c.add(VictimByAdjustment, Certain)
	f.Process = report.Process{PID: larger.PID, Comm: larger.Name}
	f.number("oom_score_adj", adj)
	f.bytes("victim", own)
	f.bytes("larger", most)
	f.number("larger_oom_score_adj", larger.Values[report.ColOOMScoreAdj])
}

// findLargest finds that the victim was likely the largest process in reach: without an adjustment
// the kernel takes the largest of those that have none, or are guarded. Where the log shows the
// table, that tells; with an adjustment nothing follows.
func (c *analysis) findLargest() {
	k := c.k
	if c.tasks.count > 0 || c.scope != report.ScopeHost && c.scope != report.ScopeCgroup || c.has(Sysrq) {
		return
	}
	if k.Group || c.r.MayBeOfGroup || k.OOMScoreAdj != report.Some(0) || k.Message == report.MessageAllocating || !c.victimBytes.OK {
		return
	}
	f := c.add(LargestVictim, Likely)
	f.Process = report.Process{PID: k.PID, Comm: k.Comm}
	f.bytes("rss", c.victimBytes.V)
}

// points is what the killer weighs a process by before its adjustment, in bytes.
func (c *analysis) points(row *report.Task) int64 {
	v := &row.Values
	tables := scale(v[report.ColPgtablesBytes], 1)
	if tables == 0 {
		tables = scale(v[report.ColNrPtes], c.page) + scale(v[report.ColNrPmds], c.page)
	}
	return scale(v[report.ColRSS], c.page) + scale(v[report.ColSwapents], c.page) + tables
}

// findElsewhere finds that the process which asked for memory runs in another cgroup than the
// victim. The report names the asker's cpuset by its last component only, on version 2 the cgroup's
// own; "/" says nothing.
func (c *analysis) findElsewhere() {
	o := &c.r.OOMKill
	leaf := o.Cpuset
	if !o.HasCpuset || leaf == "" || leaf == "/" || !o.HasTaskMemcg || !c.r.CPU.PID.OK || c.r.CPU.PID.V == c.k.PID {
		return
	}
	for path := o.TaskMemcg; path != ""; {
		i := strings.LastIndexByte(path, '/')
		if path[i+1:] == leaf {
			return
		}
		path = path[:max(i, 0)]
	}
	f := c.add(TriggerElsewhere, Likely)
	f.Process = report.Process{PID: c.r.CPU.PID.V, Comm: c.r.Invocation.Comm}
	f.Label = leaf
}

// findLittle finds a kill that could free but little of what had run out.
func (c *analysis) findLittle() {
	if !c.victimPrivate.OK || !c.mem.total.OK || c.k.Group || c.found[0].Cause == Sysrq {
		return
	}
	private := c.victimPrivate.V
	if swap := c.facts.Row; swap != nil {
		private += scale(swap.Values[report.ColSwapents], c.page)
	}
	if c.atLeast(private, noticeable) {
		return
	}
	// Shared memory that nobody else maps, and what the kernel holds for its open files, goes with
	// it all the same.
	confidence := Likely
	if c.found[0].Cause == KernelMemory || c.k.ShmemRSSKB.OK && c.atLeast(kib(c.k.ShmemRSSKB.V), noticeable) {
		confidence = Possible
	}
	f := c.add(FreedLittle, confidence)
	f.bytes("private", private)
	f.bytes("total", c.mem.total.V)
}
