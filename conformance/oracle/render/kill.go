// SPDX-License-Identifier: Apache-2.0

package render

import "fmt"

// constraint returns the constraint as the kernel prints it: 5.0 prints NONE for all.
func (p *printer) constraint() string {
	switch {
	case p.Name == "5.0":
		return "NONE"
	case p.Memcg:
		return "MEMCG"
	}
	return p.Constraint
}

// oomKill prints the line that names the chosen task (5.0+).
func (p *printer) oomKill() {
	scope := ",global_oom"
	if p.Memcg {
		scope = ",oom_memcg=" + p.CgroupLimit
	}
	t := p.Selected
	p.say(info, "oom-kill:constraint=CONSTRAINT_%s,nodemask=%s,cpuset=%s,mems_allowed=%s%s,task_memcg=%s,task=%s,pid=%d,uid=%d",
		p.constraint(), p.nodemask(), p.Cpuset, p.memsAllowed(), scope, p.CgroupTask, t.Comm, t.PID, int32(t.UID))
}

// message returns the words before "Kill process" and "Killed process".
func (p *printer) message() string {
	switch {
	case p.Memcg:
		return "Memory cgroup out of memory"
	case p.Allocating:
		return "Out of memory (oom_kill_allocating_task)"
	case p.Constraint == "MEMORY_POLICY" && !p.from("2.6.36") && p.rhel == 0:
		return "No available memory (MPOL_BIND)"
	case p.Constraint == "CPUSET" && p.to("2.6.20"):
		return "No available memory in cpuset"
	}
	return "Out of memory"
}

// kill prints how the report ends.
func (p *printer) kill() {
	switch p.Ending {
	case EndNoVictim:
		p.noVictim()
		return
	case EndPanic:
		p.panic()
		return
	case EndSkip:
		p.say(info, "%s: OOM victim %d (%s) is already exiting. Skip killing the task", p.message(), p.Victim.PID, p.Victim.Comm)
		return
	}
	p.selection()
	p.killed(p.Victim)
	if p.Ending == EndGroup {
		p.say(info, "Tasks in %s are going to be killed due to memory.oom.group set", p.groupPath())
		p.killed(p.Victim)
		for _, t := range p.Group {
			p.killed(t)
		}
	}
	if p.HasReaper() && p.Reaper {
		p.say(info, "oom_reaper: reaped process %d (%s), now anon-rss:0kB, file-rss:0kB, shmem-rss:%dkB", p.Victim.PID, p.Victim.Comm, p.kb(p.Victim.Shmem))
	}
	if p.HasReaper() && p.ReapFailed {
		p.say(info, "oom_reaper: unable to reap pid:%d (%s)", p.Victim.PID, p.Victim.Comm)
	}
}

// groupPath returns the cgroup whose members die together.
func (p *printer) groupPath() string {
	if p.Memcg {
		return p.CgroupLimit
	}
	return p.CgroupTask
}

// selection prints the process first chosen (to 5.0).
func (p *printer) selection() {
	if !p.HasSelection() {
		return
	}
	t := p.Selected
	switch {
	case p.to("2.6.18"):
		p.say(err, "Out of Memory: Kill process %d (%s) score %d and children.", t.PID, t.Comm, p.Score)
	case p.to("2.6.35"):
		p.say(err, "%s: kill process %d (%s) score %d or a child", p.message(), t.PID, t.Comm, p.Score)
	default:
		p.say(err, "%s: Kill process %d (%s) score %d or sacrifice child", p.message(), t.PID, t.Comm, p.Score)
	}
}

// killed prints the kill line.
func (p *printer) killed(t Task) {
	rss := fmt.Sprintf("total-vm:%dkB, anon-rss:%dkB, file-rss:%dkB", p.kb(t.TotalVM), p.kb(t.Anon), p.kb(t.File))
	shmem := fmt.Sprintf("%s, shmem-rss:%dkB", rss, p.kb(t.Shmem))
	pgtables := p.kb(t.PTEPages)
	if p.Name == "5.4" {
		pgtables *= 1024
	}
	switch {
	case p.to("2.6.9"):
		p.say(err, "Out of Memory: Killed process %d (%s).", t.PID, t.Comm)
	case p.to("2.6.18"):
		p.say(err, "%s: Killed process %d (%s).", p.message(), t.PID, t.Comm)
	case p.isRHEL("5.7"):
		p.say(err, "%s: Killed process %d, UID %d, (%s).", p.message(), t.PID, int32(t.UID), t.Comm)
	case p.to("2.6.32"):
		p.say(err, "Killed process %d (%s)", t.PID, t.Comm)
	case p.to("2.6.35"):
		p.say(err, "Killed process %d (%s) vsz:%dkB, anon-rss:%dkB, file-rss:%dkB", t.PID, t.Comm, p.kb(t.TotalVM), p.kb(t.Anon), p.kb(t.File))
	case p.isRHEL("6.6"):
		p.say(err, "Killed process %d, UID %d, (%s) %s", t.PID, int32(t.UID), t.Comm, rss)
	case p.to("4.4"):
		p.say(err, "Killed process %d (%s) %s", t.PID, t.Comm, rss)
	case p.isRHEL("7.7"):
		p.say(err, "Killed process %d (%s), UID %d, %s", t.PID, t.Comm, int32(t.UID), shmem)
	case p.to("5.0"):
		p.say(err, "Killed process %d (%s) %s", t.PID, t.Comm, shmem)
	case p.to("5.3") || p.isRHEL("8.1"):
		p.say(err, "%s: Killed process %d (%s) %s", p.message(), t.PID, t.Comm, shmem)
	case p.isRHEL("8.3"):
		p.say(err, "%s: Killed process %d (%s) %s, UID:%d", p.message(), t.PID, t.Comm, shmem, t.UID)
	default:
		p.say(err, "%s: Killed process %d (%s) %s, UID:%d pgtables:%dkB oom_score_adj:%d", p.message(), t.PID, t.Comm, shmem, t.UID, pgtables, t.OOMScoreAdj)
	}
}

// noVictim prints that there is nothing to kill.
func (p *printer) noVictim() {
	const words = "Out of memory and no killable processes..."
	if !p.mainline("4.19") && !p.isRHEL("8.1", "8.3") {
		p.say(emerg, "Kernel panic - not syncing: %s", words)
		return
	}
	p.say(warn, words)
	switch {
	case p.Sysrq:
		p.say(info, "sysrq: OOM request ignored. No task eligible")
	case !p.Memcg:
		p.panicked("System is deadlocked on memory")
	}
}

// panic prints the end of a kernel that is set to panic.
func (p *printer) panic() {
	switch {
	case p.Memcg:
		p.panicked("Out of memory: compulsory panic_on_oom is enabled")
	case p.from("2.6.36") || p.mainline("3.10") || p.isRHEL("6.6"):
		p.panicked("Out of memory: system-wide panic_on_oom is enabled")
	default:
		p.panicked("out of memory. panic_on_oom is selected")
	}
}

// panicked prints a panic and its trailer.
func (p *printer) panicked(reason string) {
	p.say(emerg, "Kernel panic - not syncing: %s", reason)
	switch {
	case p.mainline("4.18"):
		p.say(emerg, "---[ end Kernel panic - not syncing: %s ]---", reason)
	case p.from("3.16"):
		p.say(emerg, "---[ end Kernel panic - not syncing: %s", reason)
	}
}
