// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// what says in a sentence or two what happened, and below it when and where.
func (p *page) what() {
	for line := range strings.Lines(p.story()) {
		p.redParagraph(line)
	}
	p.paragraph("", "", p.When())
}

// redParagraph writes a paragraph in red.
func (p *page) redParagraph(text string) {
	start := len(p.text)
	p.paragraph("", "", text)
	wrapped := strings.TrimSuffix(string(p.text[start:]), "\n")
	p.text = p.text[:start]
	p.line(p.colored(red, wrapped))
}

// story tells what ran out and what the kernel did.
func (p *page) story() string {
	victim := p.process()
	switch p.Event.Kind {
	case report.EventReapFailed:
		return "The kernel could not take back the memory of its victim " + victim + ": some of it may stay in use until the process goes."
	case report.EventPanic:
		return p.ranOut() + ", and the kernel panicked: the machine stopped."
	case report.EventNoVictim:
		switch {
		case p.report.HasSkipped:
			return p.ranOut() + ". Nobody was killed: the chosen victim was exiting already."
		case p.report.NoVictimReported:
			return p.ranOut() + ". Nobody was killed: the kernel found no process that it may kill."
		}
		return p.ranOut() + ". Nobody was killed: the numbers of the kernel's records have no gap, and no kill is among them."
	case report.EventUnresolved:
		return p.ranOut() + ". How it ended is not in this log: it may have been cut or filtered." + p.selected()
	}
	story := p.ranOut() + ", and the kernel killed " + victim
	if p.Record.Text("oom.scope") != "cgroup" {
		story += p.where()
	}
	story += p.group()
	if trigger := p.Record.Text("oom.trigger.name"); trigger != "" && trigger != p.Record.Text("process.title") && !p.report.Manual {
		story += ".\nTriggered by an allocation of " + quoted(trigger)
	}
	return story + "."
}

// selected names the process that a report without a known end names.
func (p *page) selected() string {
	pid, ok := p.Number64("oom.selected.pid")
	if !ok {
		return ""
	}
	name := quoted(p.Record.Text("oom.selected.name")) + " (pid " + number(pid) + ")"
	if p.report.HasReaped && !p.report.HasSelection {
		return " The kernel took back the memory of " + name + ", which was killed or already exiting."
	}
	return " The kernel selected " + name + "."
}

// inGroup reports whether the report kills a whole group, and the log shows others than its first
// victim.
func (p *page) inGroup() bool {
	return slices.ContainsFunc(p.report.Kills, func(k report.Kill) bool { return k.Group })
}

// named is how many members of a group a sentence names.
const named = 8

// group names who died with the victim, where a whole cgroup was killed.
func (p *page) group() string {
	var others []string
	victim := p.victim()
	for i := range p.report.Kills {
		if k := &p.report.Kills[i]; k.PID != victim.PID {
			others = append(others, quoted(printable(k.Comm))+" (pid "+number(k.PID)+")")
		}
	}
	switch {
	case !p.inGroup():
		if v, _ := p.Record.Get("oom.victim.group_kill"); v.Bool() {
			return " with the rest of its group (memory.oom.group)"
		}
		return ""
	case len(others) > named:
		others = append(others[:named], number(int64(len(others)-named))+" more")
	case len(others) == 0:
		return ""
	}
	return " and the rest of its group (memory.oom.group): " + strings.Join(others, ", ")
}

// ranOut says what ran out.
func (p *page) ranOut() string {
	if p.report.Manual {
		return "Somebody asked the kernel to kill a process (sysrq-f)"
	}
	if p.Diagnosis != nil && p.Diagnosis.Held.Plenty {
		return "An allocation found no memory" + map[string]string{"host": " on the host", "cpuset": " on the memory nodes that its cpuset allows",
			"numa_policy": " on the memory nodes that its memory policy allows"}[p.Record.Text("oom.scope")]
	}
	switch p.Record.Text("oom.scope") {
	case "cgroup":
		limit, kind := p.limit()
		if limit != "" {
			limit = " of " + limit
		}
		return p.limitOwner() + kind + limit + p.slice()
	case "host":
		return "The host ran out of memory"
	case "cpuset":
		return "The memory nodes that a cpuset allows ran out"
	case "numa_policy":
		return "The memory nodes that a memory policy allows ran out"
	}
	return "Memory ran out"
}

// limit returns how much the limit is that was hit, "" where that is not known, and the word for
// it.
func (p *page) limit() (amount, word string) {
	word = " reached its "
	if p.slice() != "" {
		word = " together reached their "
	}
	hit, known := p.report.LimitHit()
	switch {
	case !known:
		return "", word + "limit"
	case hit == report.CounterMemsw:
		return p.sizeOf("oom.cgroup_memsw.limit"), word + "memory+swap limit"
	}
	return p.sizeOf("oom.cgroup_memory.limit"), word + "memory limit"
}

// slice names the slice of a user whose limit was hit, which is what a setting has to name.
func (p *page) slice() string {
	path, ok := p.report.LimitCgroup()
	if !ok || identity.Of(path).Level != identity.LevelUser {
		return ""
	}
	return " (" + printable(path[strings.LastIndexByte(path, '/')+1:]) + ")"
}

// process names the victim.
func (p *page) process() string {
	name := p.Record.Text("process.title")
	pid, ok := p.Number64("process.pid")
	switch {
	case name == "" && !ok:
		return "a process"
	case name == "":
		return "process " + number(pid)
	}
	return quoted(name) + " (pid " + number(pid) + ")"
}

// untied is a text in which a line may end at each blank again.
func untied(s string) string { return strings.ReplaceAll(s, string(tie), " ") }

// quoted puts a name that has blanks in quotes, so that nobody takes its words for the sentence's.
func quoted(name string) string {
	if strings.ContainsRune(name, ' ') {
		return `"` + strings.ReplaceAll(name, " ", string(tie)) + `"`
	}
	return name
}
