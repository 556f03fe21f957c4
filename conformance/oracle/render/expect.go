// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"strings"
)

// Event is what one record must say: attribute names and values. A name of [Checked] that it lacks
// must be absent.
type Event map[string]any

// Checked are the attributes that are compared. The rest is derived (identity, diagnosis, ids) and
// has tests of its own.
var Checked = strings.Fields(`
event.name oom.record.version oom.killer oom.trust oom.constraint oom.scope oom.cgroup.path oom.victim.cgroup
process.pid process.title process.real_user.id oom.victim.tgid
oom.victim.memory.virtual oom.victim.memory.rss oom.victim.memory.anon oom.victim.memory.file oom.victim.memory.shmem
oom.victim.memory.page_tables oom.victim.memory.swap oom.victim.oom_score_adj oom.victim.score oom.victim.group_kill
oom.trigger.name oom.trigger.pid oom.trigger.uid oom.trigger.oom_score_adj oom.trigger.cpu oom.trigger.order oom.trigger.gfp_mask
oom.trigger.gfp_flags oom.trigger.cpuset oom.trigger.mems_allowed oom.trigger.nodemask oom.trigger.manual
oom.cgroup_memory.usage oom.cgroup_memory.limit oom.cgroup_memory.failcnt oom.cgroup_swap.usage oom.cgroup_swap.limit oom.cgroup_swap.failcnt
oom.cgroup_memsw.usage oom.cgroup_memsw.limit oom.cgroup_memsw.failcnt oom.cgroup_kmem.usage oom.cgroup_kmem.limit oom.cgroup_kmem.failcnt
oom.host_memory.total oom.host_memory.free oom.host_memory.reserved oom.host_memory.anon oom.host_memory.file oom.host_memory.shmem
oom.host_memory.unevictable oom.host_memory.dirty oom.host_memory.writeback oom.host_memory.slab_reclaimable
oom.host_memory.slab_unreclaimable oom.host_memory.kernel_stack oom.host_memory.page_tables oom.host_memory.mlocked oom.host_memory.hugetlb
oom.host_swap.total oom.host_swap.free oom.tasks.count oom.tasks.rss oom.kernel.release oom.report.suppressed
oom.report.complete oom.report.missing oom.report.lost_records host.name oom.kmsg.sequence`)

// StatPrefix is what stands before the kernel's own name of a figure of memory.stat.
const StatPrefix = "oom.cgroup_stat."

// Doubtful names a figure of memory.stat that may be absent.
const Doubtful = "doubtful"

// expecter works out what the records of a report must say.
type expecter struct {
	printer
	t Format
	// statsKept is how many figures of memory.stat the format has not lost.
	statsKept int
	// unseen tells that the format lost lines without a trace: a log cannot know of those.
	unseen bool
	// doubtful is a figure right before the cut, which a reader may take for cut too.
	doubtful string
}

// page returns the size of a page in bytes.
func (e *expecter) page() int64 { return e.PageKB * 1024 }

// Expect returns what the records of a report must say, in order.
func Expect(k Kernel, s Scenario, v Values, t Format, records []Record, lost map[int]int) []Event {
	e := &expecter{printer: printer{Kernel: k, Scenario: s, Values: v.fit(k, s)}, t: t}
	e.statsKept, e.unseen = e.keptStats(records, lost), len(lost) > 0
	var events []Event
	switch s.Ending {
	case EndNoVictim, EndSkip:
		name := "oom.no_victim"
		if s.Ending == EndNoVictim && !s.Memcg && !s.Sysrq {
			name = "oom.panic"
		}
		events = append(events, e.report(name))
	case EndPanic:
		events = append(events, e.report("oom.panic"))
	default:
		events = append(events, e.victim(e.Victim, false))
		if s.Ending == EndGroup {
			for _, t := range e.Group {
				events = append(events, e.victim(t, true))
			}
		}
		if s.ReapFailed {
			events = append(events, Event{"event.name": "oom.reap_failed"})
		}
	}
	for _, event := range events {
		e.addSequence(event, records)
	}
	return events
}

// keptStats counts the figures of memory.stat that printk and the format have not lost. Of a record
// so long that printk may have cut it the last figure is not to be believed.
func (e *expecter) keptStats(records []Record, lost map[int]int) int {
	for i, r := range records {
		if lines := strings.Count(r.Text, "\n") + 1; lines > 10 {
			if len(r.Text) >= recordMaxCaller && lost[i] == 0 {
				lines--
			}
			if strings.HasSuffix(r.Text, "\n") {
				e.doubtful = e.statKeys()[lines-1]
			}
			return lines - lost[i]
		}
	}
	return len(e.statKeys())
}

// addSequence puts in the number of the record's own line, where the format carries it.
func (e *expecter) addSequence(event Event, records []Record) {
	pid, isKill := event["process.pid"]
	if !e.t.Sequence || !isKill {
		return
	}
	for i, r := range records {
		if strings.Contains(r.Text, fmt.Sprintf("Killed process %d", pid)) && r.Level == err {
			event["oom.kmsg.sequence"] = int64(firstSequence + i)
			return
		}
	}
}

// report is what every record of the report says.
func (e *expecter) report(name string) Event {
	v := Event{"event.name": name, "oom.record.version": "2", "oom.killer": "kernel", "oom.trust": "unverified"}
	if e.t.Facility {
		v["oom.trust"] = "verified"
	}
	if e.t.Host {
		v["host.name"] = HostName
	}
	if e.Sysrq {
		v["oom.trigger.manual"] = true
	}
	if e.Suppressed && e.mainline("2.6.33") { // before, the words do not tell whose messages were suppressed
		v["oom.report.suppressed"] = e.SuppressedCount
	}
	e.addScope(v)
	if e.Bare {
		v["oom.report.complete"] = true
		if !e.t.Sequence { // nothing proves that the kernel held its report back
			v["oom.report.complete"], v["oom.report.missing"] = false, "invocation"
		}
		return v
	}
	if !e.hasDump() {
		// No kernel that prints so little says which one it is.
		v["oom.report.complete"], v["oom.report.missing"] = false, "invocation,meminfo"
		return v
	}
	v["oom.report.complete"] = true
	if e.Memcg && !e.unseen && e.statsKept < len(e.statKeys()) && e.hasMemcgBlock(e.Scenario) {
		v["oom.report.complete"], v["oom.report.missing"] = false, "memcg-stats"
	}
	e.addTrigger(v)
	e.addPaths(v)
	e.addCounters(v)
	if !e.Memcg || e.to("3.8") || e.isRHEL("6.6") {
		e.addHost(v)
	}
	if e.HasTasks() && !e.NoTasks {
		e.addTasks(v)
	}
	return v
}

// addScope says what ran out.
func (e *expecter) addScope(v Event) {
	constrained := map[string][2]string{"CPUSET": {"cpuset", "cpuset"}, "MEMORY_POLICY": {"memory_policy", "numa_policy"}}
	switch c, special := constrained[e.Constraint]; {
	case e.Memcg && !e.hasMemcgBlock(e.Scenario) && !e.Bare:
		// "compulsory panic_on_oom" is said of any constraint.
	case e.Memcg:
		v["oom.constraint"], v["oom.scope"] = "memcg", "cgroup"
	case special:
		v["oom.constraint"], v["oom.scope"] = c[0], c[1]
	default:
		v["oom.scope"] = "host"
		if e.HasOOMKillLine() && e.victimKnown() && !e.Bare {
			v["oom.constraint"] = "none"
		}
	}
}

// addPaths gives the cgroups.
func (e *expecter) addPaths(v Event) {
	taskIn := e.hasMemcgBlock(e.Scenario) && e.hasTaskIn()
	if taskIn || e.Memcg && (e.HasOOMKillLine() && e.victimKnown() || e.hasMemcgBlock(e.Scenario)) {
		v["oom.cgroup.path"] = e.CgroupLimit
	}
	if e.victimKnown() && e.Ending != EndSkip && e.Ending != EndSacrifice && (taskIn || e.HasOOMKillLine()) {
		v["oom.victim.cgroup"] = e.CgroupTask
	}
	if e.HasOOMKillLine() && e.victimKnown() || e.hasCpusetLine() {
		v["oom.trigger.cpuset"], v["oom.trigger.mems_allowed"] = e.Cpuset, e.memsAllowed()
	}
}

// addTrigger gives what the report says of the task whose allocation failed.
func (e *expecter) addTrigger(v Event) {
	t, g := e.Trigger, e.gfp()
	v["oom.trigger.gfp_mask"] = hex(g.mask)
	if g.names != "" {
		v["oom.trigger.gfp_flags"] = g.names
	}
	if !e.to("2.6.9") {
		v["oom.trigger.order"] = e.order()
	}
	if !e.to("2.6.18") {
		v["oom.trigger.name"] = t.Comm
	}
	if e.from("2.6.36") || e.isRHEL("6.6", "7.7", "8.1", "8.3") {
		v["oom.trigger.oom_score_adj"] = t.OOMScoreAdj
	}
	if e.hasCPULine() {
		v["oom.trigger.pid"], v["oom.kernel.release"] = t.PID, e.Release
	}
	if e.mainline("3.10") {
		v["oom.trigger.cpu"] = e.CPU
	}
	if e.from("6.11") {
		v["oom.trigger.uid"] = t.UID
	}
	switch {
	case e.from("4.9") && e.to("4.10"):
		v["oom.trigger.nodemask"] = e.memsAllowed()
	case e.nodemask() != "(null)" && (e.HasOOMKillLine() && e.victimKnown() || e.from("4.11") && e.to("4.20") || e.isRHEL("8.1")):
		v["oom.trigger.nodemask"] = e.nodemask()
	}
}
