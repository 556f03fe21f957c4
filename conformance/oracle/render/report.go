// SPDX-License-Identifier: Apache-2.0

package render

import "fmt"

// Record is one record of the kernel's log.
type Record struct {
	// Level is the syslog severity.
	Level int
	// Text is the message; newlines may stand in it.
	Text string
	// Gone is set for a record that the log lost: its number and stamp are used up.
	Gone bool
}

// Ending says how a report ends.
type Ending uint8

// The endings.
const (
	EndKill      Ending = iota
	EndSacrifice        // a child of the chosen process is killed (to 5.0)
	EndGroup            // memory.oom.group
	EndNoVictim         // nothing to kill
	EndSkip             // the victim was already exiting (5.9+)
	EndPanic            // panic_on_oom
)

// Scenario says what kind of report it is.
type Scenario struct {
	// Title names it.
	Title string
	// Memcg is true where a cgroup's limit was hit; V2 for cgroup v2.
	Memcg, V2 bool
	// Constraint is the words after CONSTRAINT_ on a host's OOM: NONE, CPUSET, MEMORY_POLICY.
	Constraint string
	Ending     Ending
	// Sysrq is true for sysrq-f, Allocating for vm.oom_kill_allocating_task, NoTasks for
	// vm.oom_dump_tasks=0.
	Sysrq, Allocating, NoTasks bool
	// Suppressed puts the rate limiter's account before the report; Bare is a report that it kept
	// back.
	Suppressed, Bare bool
	// Reaper, Tainted, Slab and Profile are further optional lines.
	Reaper, ReapFailed, Tainted, Slab, Profile bool
	// PageFault is an allocation mask of 0.
	PageFault bool
}

// Scenarios are the kinds of report.
var Scenarios = []Scenario{
	{Title: "host", Constraint: "NONE"},
	{Title: "host, all options", Constraint: "NONE", Suppressed: true, Reaper: true, Tainted: true, Slab: true, Profile: true},
	{Title: "host, page fault, no tasks", Constraint: "NONE", NoTasks: true, PageFault: true},
	{Title: "host, allocating task", Constraint: "NONE", Allocating: true},
	{Title: "cpuset", Constraint: "CPUSET"},
	{Title: "memory policy", Constraint: "MEMORY_POLICY"},
	{Title: "sysrq", Constraint: "NONE", Sysrq: true},
	{Title: "sysrq, no victim", Constraint: "NONE", Sysrq: true, Ending: EndNoVictim},
	{Title: "host, sacrifice", Constraint: "NONE", Ending: EndSacrifice},
	{Title: "host, no victim", Constraint: "NONE", Ending: EndNoVictim},
	{Title: "host, panic", Constraint: "NONE", Ending: EndPanic},
	{Title: "host, group", Constraint: "NONE", Ending: EndGroup},
	{Title: "host, bare", Constraint: "NONE", Bare: true},
	{Title: "memcg v1", Memcg: true},
	{Title: "memcg v2", Memcg: true, V2: true, Suppressed: true, Reaper: true},
	{Title: "memcg v2, group", Memcg: true, V2: true, Ending: EndGroup},
	{Title: "memcg, no tasks, reap failed", Memcg: true, NoTasks: true, ReapFailed: true},
	{Title: "memcg, no victim", Memcg: true, V2: true, Ending: EndNoVictim},
	{Title: "memcg, skip", Memcg: true, V2: true, Ending: EndSkip},
	{Title: "memcg, panic", Memcg: true, Ending: EndPanic},
	{Title: "memcg, bare", Memcg: true, Bare: true},
}

// Possible reports whether the kernel can print a report of that kind.
func (s Scenario) Possible(k Kernel) bool {
	switch {
	case s.Memcg && !k.HasMemcg(),
		s.V2 && !k.HasV2(),
		(s.Reaper || s.ReapFailed) && s.Memcg && !k.HasReaper(),
		s.Constraint == "CPUSET" && !k.from("5.2") && !k.isRHEL("8.3") && !(k.from("2.6.18") && k.to("2.6.20")),
		s.Constraint == "MEMORY_POLICY" && !k.from("5.2") && !k.isRHEL("8.3") && !(k.from("2.6.18") && k.to("2.6.35")),
		s.Allocating && !k.mainline("2.6.24"),
		s.PageFault && !(k.mainline("2.6.31") && !k.from("5.17")),
		s.Bare && !k.mainline("2.6.18"),
		s.NoTasks && !k.HasTasks():
		return false
	}
	switch s.Ending {
	case EndSacrifice:
		return k.HasSelection()
	case EndGroup:
		return k.HasGroupKill()
	case EndSkip:
		return k.from("5.9")
	case EndPanic:
		return k.from("2.6.36") || s.Constraint != "" && k.from("2.6.18") || k.mainline("3.10")
	case EndNoVictim:
		if s.Sysrq {
			return k.from("4.19")
		}
		return !s.Memcg || k.from("4.19") || k.isRHEL("8.1", "8.3")
	}
	return true
}

// printer collects the records of a report.
type printer struct {
	Kernel
	Scenario
	Values
	records []Record
}

// say appends a record.
func (p *printer) say(level int, format string, args ...any) {
	p.records = append(p.records, Record{Level: level, Text: fmt.Sprintf(format, args...)})
}

// The levels of printk.
const (
	emerg   = 0
	err     = 3
	warn    = 4
	notice  = 5
	info    = 6
	noLevel = 4 // printk without a level
)

// Report prints a whole report.
func Report(k Kernel, s Scenario, v Values) []Record {
	p := &printer{Kernel: k, Scenario: s, Values: v}
	p.adjust()
	p.say(info, "e1000: eth0 NIC Link is Up 1000 Mbps Full Duplex")
	if s.Sysrq {
		p.sysrq()
	}
	if s.Suppressed && k.mainline("2.6.18") {
		p.suppressed()
	}
	if !s.Bare && p.hasDump() {
		p.dump()
	}
	p.kill()
	p.say(info, "e1000: eth0 NIC Link is Down")
	return p.records
}

// What printk keeps of a record's text: with CONFIG_PRINTK_CALLER, without, and from 6.4 on.
const (
	recordMaxCaller = 975
	recordMax       = 991
	recordMaxNew    = 1023
)

// Stored returns the records as the kernel's ring holds them: cut where they are too long for it.
func Stored(k Kernel, caller bool, records []Record) []Record {
	limit := recordMax
	switch {
	case k.from("6.4"):
		limit = recordMaxNew
	case caller && k.from("5.1"):
		limit = recordMaxCaller
	}
	stored := make([]Record, len(records))
	for i, r := range records {
		if k.mainline("3.5") && len(r.Text) > limit {
			r.Text = r.Text[:limit]
		}
		stored[i] = r
	}
	return stored
}

// adjust fits the values to the scenario.
func (p *printer) adjust() {
	p.Values = p.Values.fit(p.Kernel, p.Scenario)
}

// fit returns the values as they are in a report of that kind.
func (v Values) fit(k Kernel, s Scenario) Values {
	if s.Sysrq {
		v.Trigger.Comm = "kworker/0:1"
	}
	if k.mainline("3.10") && !k.isX86() {
		v.PageKB = []int64{4, 16, 64, 4, 4}[v.seed%5]
	}
	if s.Ending == EndSacrifice {
		v.Selected = v.Tasks[0]
	}
	if s.Allocating {
		v.Victim = v.Trigger
		v.Selected, v.Score = v.Trigger, 0
	}
	return v
}

// dump prints what dump_header prints.
func (p *printer) dump() {
	p.invocation()
	if p.hasCpusetLine() {
		p.say(info, "%s cpuset=%s mems_allowed=%s", p.Trigger.Comm, p.Cpuset, p.memsAllowed())
	}
	p.stack()
	if p.Memcg {
		p.memcgBlock()
	}
	if !p.Memcg || p.to("3.8") || p.isRHEL("6.6") {
		p.memInfo()
	}
	if p.from("6.19") && (p.V2 || !p.Memcg) {
		p.say(warn, "Memory cgroup min protection %dkB -- low protection %dkB", p.figure("protection", "min"), p.figure("protection", "low"))
	}
	if p.HasTasks() && !p.NoTasks {
		p.tasks()
	}
	if p.HasOOMKillLine() && p.Ending != EndNoVictim && p.Ending != EndPanic {
		p.oomKill()
	}
}

// hasDump reports whether anything stands before the last lines: from 2.6.24 to 2.6.32 the header
// is printed only once a victim is chosen.
func (p *printer) hasDump() bool {
	return p.victimKnown() || !p.mainline("2.6.24") || p.mainline("2.6.33")
}

// memsAllowed returns the list of nodes.
func (v Values) memsAllowed() string {
	if len(v.Nodes) == 1 {
		return "0"
	}
	return "0-1"
}

func (p *printer) suppressed() {
	name := "oom_kill_process"
	switch {
	case p.to("2.6.24") || p.isRHEL("5.7"):
		p.say(warn, "printk: %d messages suppressed.", p.SuppressedCount)
		return
	case p.to("2.6.32") || p.isRHEL("6.6"):
		name = "__ratelimit"
	}
	p.say(warn, "%s: %d callbacks suppressed", name, p.SuppressedCount)
}

func (p *printer) sysrq() {
	prefix := ""
	switch {
	case p.to("3.19") || p.isRHEL("5.7", "6.6", "7.7"):
		prefix = "SysRq : "
	case p.from("5.2"), p.Name == "4.14", p.Name == "4.15", p.Name == "4.19":
		prefix = "sysrq: "
	default:
		prefix = "sysrq: SysRq : "
	}
	p.say(info, "%sManual OOM execution", prefix)
}

// hasCpusetLine reports whether the kernel prints the cpuset in a line of its own.
func (k Kernel) hasCpusetLine() bool {
	return k.from("2.6.31") && k.to("4.20") || k.isRHEL("6.6", "7.7", "8.1")
}
