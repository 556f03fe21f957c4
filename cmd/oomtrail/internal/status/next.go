// SPDX-License-Identifier: Apache-2.0

package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/watch"
)

// killers are programs that kill before the kernel does, by the names of their processes.
var killers = []string{"systemd-oomd", "earlyoom", "nohang", "oomd", "lmkd"}

// next ranks the processes that the kernel may kill.
func (c *Collector) next(l *look) Next {
	n := Next{Scope: "host", Processes: []Process{}}
	of := l.processes
	var ranked []watch.Process
	domain := "/"
	if !c.Filter.Asks() {
		ranked = c.System.Rank(of, l.memory)
	} else {
		of = slices.DeleteFunc(slices.Clone(of), func(p watch.Process) bool { return !c.asksFor(&p) })
		if g := c.limitOf(l, of); g != nil {
			n.Scope, n.Cgroup, n.Limit, domain = "cgroup", printable(g.Path), pointer(g.Max), g.Path
			n.where = c.placeOf(g.Path).where
			ranked = c.System.RankUnder(l.processes, l.hierarchy, g, l.memory, l.settings)
		} else {
			ranked = c.System.Rank(of, l.memory)
		}
	}
	for i := range ranked {
		if c.Limit > 0 && i == c.Limit {
			n.More = len(ranked) - i
			break
		}
		n.Processes = append(n.Processes, c.process(&ranked[i]))
	}
	n.Notes = c.notes(l, ranked, domain)
	return n
}

// limitOf returns the nearest cgroup with a limit in or below which all of some processes are, nil
// where there is none.
func (c *Collector) limitOf(l *look, of []watch.Process) (found *watch.Cgroup) {
	if len(of) == 0 {
		return nil
	}
	for i := range l.cgroups {
		g := &l.cgroups[i]
		if !g.Max.OK || g.Max.V == 0 || found != nil && len(g.Path) < len(found.Path) {
			continue
		}
		if !slices.ContainsFunc(of, func(p watch.Process) bool { return !watch.IsUnder(p.Cgroup, g.Path) }) {
			found = g
		}
	}
	return found
}

// notes say what makes the choice another one.
func (c *Collector) notes(l *look, ranked []watch.Process, domain string) (notes []string) {
	if l.hidden {
		notes = append(notes, "Only processes that are seen here are in this list: the kernel may choose another one.")
	}
	if l.settings.KillAllocatingTask.V != 0 {
		notes = append(notes, "vm.oom_kill_allocating_task is set: if the machine runs out, the kernel kills the process that asks for memory, whatever this list says.")
	}
	if l.settings.PanicOnOOM.V == 2 || l.settings.PanicOnOOM.V == 1 && domain == "/" {
		notes = append(notes, fmt.Sprintf("vm.panic_on_oom=%d: the kernel panics instead of killing.", l.settings.PanicOnOOM.V))
	}
	if domain != "/" && !slices.IsSortedFunc(ranked, func(a, b watch.Process) int { return cmp.Compare(b.Score.V, a.Score.V) }) {
		notes = append(notes, "SCORE is the kernel's for the whole machine. At this limit it weighs adjustments by the limit, which gives this order.")
	}
	if len(ranked) > 0 {
		if group := groupOf(l, ranked[0].Cgroup, domain); group != "" {
			notes = append(notes, fmt.Sprintf("memory.oom.group is set in %s: all its processes (%d) are killed together with the first.", c.placeOf(group).where, len(within(l.processes, group))))
		}
	}
	var running []string
	for i := range l.processes {
		// The name has 15 bytes at most.
		if name := l.processes[i].Name; slices.Contains(killers, name) && !slices.Contains(running, name) && c.placeOfProcess(&l.processes[i]).Container == "" {
			running = append(running, name)
		}
	}
	if len(running) > 0 {
		notes = append(notes, strings.Join(running, " and ")+" runs here: it may kill earlier than the kernel, and chooses by its own rules.")
	}
	return notes
}

// groupOf returns the cgroup whose processes are all killed with one of them: the highest that asks
// for it, not above the one that ran out (mem_cgroup_get_oom_group).
func groupOf(l *look, path, domain string) (group string) {
	if l.hierarchy.Version != 2 {
		return ""
	}
	for p := path; len(p) > 1 && watch.IsUnder(p, domain); p = p[:strings.LastIndexByte(p, '/')] {
		// A group need not have a limit, and is then not among those that were read.
		if g, err := l.hierarchy.Read(p); err == nil && g.Group {
			group = p
		}
	}
	return group
}

// size writes a size, and nothing for none.
func size(n *int64) string {
	if n == nil {
		return ""
	}
	if *n < 0 {
		return "-" + kill.Size(-*n)
	}
	return kill.Size(*n)
}
