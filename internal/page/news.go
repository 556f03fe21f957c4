// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// news says in a sentence or two what happened, and when and where.
func (m *maker) news() News { return News{Sentences: m.story(), When: m.When()} }

// story tells what ran out and what the kernel did.
func (m *maker) story() []string {
	victim := m.process()
	switch m.Event.Kind {
	case report.EventReapFailed:
		return []string{"The kernel could not take back the memory of its victim " + victim + ": some of it may stay in use until the process goes."}
	case report.EventPanic:
		return []string{m.ranOut() + ", and the kernel panicked: the machine stopped."}
	case report.EventNoVictim:
		switch {
		case m.report.HasSkipped:
			return []string{m.ranOut() + ". Nobody was killed: the chosen victim was exiting already."}
		case m.report.NoVictimReported:
			return []string{m.ranOut() + ". Nobody was killed: the kernel found no process that it may kill."}
		}
		return []string{m.ranOut() + ". Nobody was killed: the numbers of the kernel's records have no gap, and no kill is among them."}
	case report.EventUnresolved:
		return []string{m.ranOut() + ". How it ended is not in this log: it may have been cut or filtered." + m.selected()}
	}
	story := m.ranOut() + ", and the kernel killed " + victim
	if m.Record.Text("oom.scope") != "cgroup" {
		story += m.where()
	}
	story += m.group()
	if trigger := m.Record.Text("oom.trigger.name"); trigger != "" && trigger != m.Record.Text("process.title") && !m.report.Manual {
		return []string{story + ".", "Triggered by an allocation of " + quoted(trigger) + "."}
	}
	return []string{story + "."}
}

// selected names the process that a report without a known end names.
func (m *maker) selected() string {
	pid, ok := m.Number64("oom.selected.pid")
	if !ok {
		return ""
	}
	name := quoted(m.Record.Text("oom.selected.name")) + " (pid " + number(pid) + ")"
	if m.report.HasReaped && !m.report.HasSelection {
		return " The kernel took back the memory of " + name + ", which was killed or already exiting."
	}
	return " The kernel selected " + name + "."
}

// inGroup reports whether the report kills a whole group, and the log shows others than its first
// victim.
func (m *maker) inGroup() bool {
	return slices.ContainsFunc(m.report.Kills, func(k report.Kill) bool { return k.Group })
}

// Named is how many members of a group the news name.
const Named = 8

// group names who died with the victim, where a whole cgroup was killed.
func (m *maker) group() string {
	var others []string
	victim := m.victim()
	for i := range m.report.Kills {
		if k := &m.report.Kills[i]; k.PID != victim.PID {
			others = append(others, quoted(plain.Printable(k.Comm))+" (pid "+number(k.PID)+")")
		}
	}
	switch {
	case !m.inGroup():
		if v, _ := m.Record.Get("oom.victim.group_kill"); v.Bool() {
			return " with the rest of its group (memory.oom.group)"
		}
		return ""
	case len(others) > Named:
		others = append(others[:Named], number(int64(len(others)-Named))+" more")
	case len(others) == 0:
		return ""
	}
	return " and the rest of its group (memory.oom.group): " + strings.Join(others, ", ")
}

// ranOut says what ran out.
func (m *maker) ranOut() string {
	if m.report.Manual {
		return "Somebody asked the kernel to kill a process (sysrq-f)"
	}
	if m.Diagnosis != nil && m.Diagnosis.Held.Plenty {
		return "An allocation found no memory" + map[string]string{"host": " on the host", "cpuset": " on the memory nodes that its cpuset allows",
			"numa_policy": " on the memory nodes that its memory policy allows"}[m.Record.Text("oom.scope")]
	}
	switch m.Record.Text("oom.scope") {
	case "cgroup":
		limit, kind := m.limit()
		if limit != "" {
			limit = " of " + limit
		}
		return m.limitOwner() + kind + limit + m.slice()
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
func (m *maker) limit() (amount, word string) {
	word = " reached its "
	if m.slice() != "" {
		word = " together reached their "
	}
	hit, known := m.report.LimitHit()
	switch {
	case !known:
		return "", word + "limit"
	case hit == report.CounterMemsw:
		return m.sizeOf("oom.cgroup_memsw.limit"), word + "memory+swap limit"
	}
	return m.sizeOf("oom.cgroup_memory.limit"), word + "memory limit"
}

// sizeOf writes an attribute in bytes for a person, "" where it is absent.
func (m *maker) sizeOf(field string) string {
	f, _ := m.figure("", field)
	return f.Text
}

// slice names the slice of a user whose limit was hit, which is what a setting has to name.
func (m *maker) slice() string {
	path, ok := m.report.LimitCgroup()
	if !ok || identity.Of(path).Level != identity.LevelUser {
		return ""
	}
	return " (" + plain.Printable(path[strings.LastIndexByte(path, '/')+1:]) + ")"
}

// process names the victim.
func (m *maker) process() string {
	name := m.Record.Text("process.title")
	pid, ok := m.Number64("process.pid")
	switch {
	case name == "" && !ok:
		return "a process"
	case name == "":
		return "process " + number(pid)
	}
	return quoted(name) + " (pid " + number(pid) + ")"
}
