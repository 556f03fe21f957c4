package page

import (
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/assembly"
)

// what says in a sentence or two what happened, and when.
func (p *page) what() {
	r := p.Record
	title := map[assembly.EventKind]string{
		assembly.EventKill: "OOM kill", assembly.EventNoVictim: "Out of memory, nobody killed",
		assembly.EventPanic: "Out of memory, kernel panic", assembly.EventReapFailed: "OOM victim that would not go",
	}[p.Event.Kind]
	p.paint(red, title)
	var when []string
	if host := r.Text("host.name"); host != "" {
		when = append(when, "on "+host)
	}
	if !r.Time.IsZero() {
		when = append(when, "at "+r.Time.UTC().Format(time.RFC3339))
	}
	if r.HasUptime {
		when = append(when, strconv.FormatFloat(float64(r.Uptime)/1e6, 'f', 1, 64)+" s after boot")
	}
	p.line(strings.TrimRight("  "+strings.Join(when, ", "), " "))
	p.line("")
	p.paragraph("", "", p.story())
}

// story tells what ran out and what the kernel did.
func (p *page) story() string {
	victim := p.process()
	switch p.Event.Kind {
	case assembly.EventReapFailed:
		return "The kernel could not take back the memory of its victim " + victim + ": some of it may stay in use until the process goes."
	case assembly.EventPanic:
		return p.ranOut() + ", and the kernel panicked: the machine stopped."
	case assembly.EventNoVictim:
		switch {
		case p.report.HasSkipped:
			return p.ranOut() + ". The victim it chose was exiting already, so nobody was killed."
		case p.report.Told:
			return p.ranOut() + ", and the kernel found no process that it may kill."
		}
		return p.ranOut() + ". The log shows no kill for it: it may have been cut, or the memory came free in time."
	}
	story := p.ranOut() + ", and the kernel killed " + victim
	if v, _ := p.Record.Get("oom.victim.group_kill"); v.IsTrue() {
		story += " with the rest of its group (memory.oom.group)"
	}
	if trigger := p.Record.Text("oom.trigger.name"); trigger != "" && trigger != p.Record.Text("process.title") && !p.report.Manual {
		story += ". It was " + trigger + " that asked for memory"
	}
	return story + "."
}

// ranOut says what ran out.
func (p *page) ranOut() string {
	if p.report.Manual {
		return "Somebody asked the kernel to kill a process (sysrq-f)"
	}
	switch p.Record.Text("oom.scope") {
	case "cgroup":
		limit := p.sizeOf("oom.cgroup_memory.limit")
		if limit != "" {
			limit = " of " + limit
		}
		return p.limitOwner() + " reached its memory limit" + limit
	case "host":
		return "The host ran out of memory"
	case "cpuset":
		return "The memory nodes that a cpuset allows ran out"
	case "numa_policy":
		return "The memory nodes that a memory policy allows ran out"
	}
	return "Memory ran out"
}

// process names the victim.
func (p *page) process() string {
	name := p.Record.Text("process.title")
	pid, ok := p.int64Of("process.pid")
	switch {
	case name == "" && !ok:
		return "a process"
	case name == "":
		return "process " + number(pid)
	case strings.TrimSpace(name) != name:
		name = `"` + name + `"`
	}
	return name + " (pid " + number(pid) + ")"
}
