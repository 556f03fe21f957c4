// SPDX-License-Identifier: Apache-2.0

package render

import "fmt"

// gfp is an allocation mask and the names that %pGg prints for it.
type gfp struct {
	mask  uint64
	names string
}

// gfp returns the mask of the allocation that failed: GFP_KERNEL for a cgroup and for sysrq-f,
// GFP_HIGHUSER_MOVABLE for a host.
func (p *printer) gfp() gfp {
	if p.PageFault {
		return gfp{}
	}
	const kernel, user = "GFP_KERNEL", "GFP_HIGHUSER_MOVABLE"
	var k, u uint64
	switch {
	case p.to("2.6.20") || p.isRHEL("5.7"):
		return gfp{0xd0, kernel}
	case p.to("2.6.28"):
		k, u = 0xd0, 0x1200d2
	case p.to("4.3") || p.isRHEL("6.6", "7.7"):
		k, u = 0xd0, 0x200da
	case p.to("4.9"):
		k, u = 0x24000c0, 0x24200ca
	case p.to("4.17"):
		k, u = 0x14000c0, 0x14200ca
	case p.to("5.0") || p.isRHEL("8.1", "8.3"):
		k, u = 0x6000c0, 0x6200ca
	case p.from("5.15") && p.to("5.17"):
		k, u = 0xcc0, 0x1100cca
	default:
		k, u = 0xcc0, 0x100cca
	}
	if p.Memcg || p.Sysrq {
		return gfp{k, kernel}
	}
	return gfp{u, user}
}

// order returns the order of the allocation as the kernel prints it.
func (p *printer) order() int64 {
	switch {
	case p.Sysrq && (p.from("4.3") || p.isRHEL("8.1", "8.3")):
		return -1
	case p.Sysrq, p.PageFault, p.Memcg && (p.to("3.3") || p.isRHEL("6.6")):
		return 0
	}
	return p.seed % 4
}

// invocation prints the first line of the report.
func (p *printer) invocation() {
	t, g, order := p.Trigger, p.gfp(), p.order()
	named := fmt.Sprintf("%s(%s)", hex(g.mask), g.names)
	switch {
	case p.to("2.6.9"):
		p.say(noLevel, "oom-killer: gfp_mask=0x%x", g.mask)
	case p.to("2.6.18"):
		p.say(noLevel, "oom-killer: gfp_mask=0x%x, order=%d", g.mask, order)
	case p.to("2.6.31") || p.isRHEL("5.7"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oomkilladj=%d", t.Comm, g.mask, order, p.oomAdj(t))
	case p.to("2.6.35"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_adj=%d", t.Comm, g.mask, order, p.oomAdj(t))
	case p.to("3.6") || p.isRHEL("6.6"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_adj=%d, oom_score_adj=%d", t.Comm, g.mask, order, p.oomAdj(t), t.OOMScoreAdj)
	case p.to("4.5") || p.isRHEL("7.7"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_score_adj=%d", t.Comm, g.mask, order, t.OOMScoreAdj)
	case p.to("4.8"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=%s, order=%d, oom_score_adj=%d", t.Comm, named, order, t.OOMScoreAdj)
	case p.to("4.10"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=%s, nodemask=%s, order=%d, oom_score_adj=%d", t.Comm, named, p.memsAllowed(), order, t.OOMScoreAdj)
	case p.to("4.14"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=%s, nodemask=%s,  order=%d, oom_score_adj=%d", t.Comm, named, p.nodemask(), order, t.OOMScoreAdj)
	case p.to("4.20") || p.isRHEL("8.1"):
		p.say(warn, "%s invoked oom-killer: gfp_mask=%s, nodemask=%s, order=%d, oom_score_adj=%d", t.Comm, named, p.nodemask(), order, t.OOMScoreAdj)
	default:
		p.say(warn, "%s invoked oom-killer: gfp_mask=%s, order=%d, oom_score_adj=%d", t.Comm, named, order, t.OOMScoreAdj)
	}
	if order != 0 && p.seed%3 == 0 && p.from("4.9") {
		p.say(warn, "COMPACTION is disabled!!!")
	}
}

// hex prints %#x: 0 without the zero that printf would leave alone.
func hex(mask uint64) string { return fmt.Sprintf("0x%x", mask) }

// oomAdj returns the old adjustment that goes with a new one.
func (p *printer) oomAdj(t Task) int64 { return t.OOMScoreAdj * 15 / 1000 }

// nodemask returns the nodes of the memory policy.
func (p *printer) nodemask() string {
	if p.Constraint == "MEMORY_POLICY" {
		return p.memsAllowed()
	}
	return "(null)"
}

// stack prints what dump_stack prints.
func (p *printer) stack() {
	p.cpuLine()
	if p.Tainted && p.from("6.11") {
		p.say(noLevel, "Tainted: [W]=WARN, [O]=OOT_MODULE")
	}
	if p.mainline("3.10") {
		p.say(noLevel, "Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014")
	}
	if p.Sysrq && p.mainline("3.10") {
		p.say(noLevel, "Workqueue: events moom_callback")
	}
	p.say(noLevel, "Call Trace:")
	functions := []string{"dump_stack", "dump_header", "oom_kill_process", "out_of_memory"}
	if p.from("5.15") {
		p.say(noLevel, " <TASK>")
	}
	for i, f := range functions {
		switch {
		case p.from("4.10"):
			p.say(noLevel, " %s+0x%x/0x%x", f, 0x10+i, 0x120+i)
		case i == 3:
			p.say(noLevel, " [<ffffffff9e3792%02x>] ? %s+0x%x/0x%x", i, f, 0x10+i, 0x120+i)
		default:
			p.say(noLevel, " [<ffffffff9e3792%02x>] %s+0x%x/0x%x", i, f, 0x10+i, 0x120+i)
		}
	}
	if p.from("5.15") {
		p.say(noLevel, "RIP: 0033:0x40180f")
		p.say(noLevel, "RSP: 002b:00007ffe9b480c58 EFLAGS: 00000202")
		p.say(noLevel, " </TASK>")
	}
}

// hasCPULine reports whether the kernel prints the trigger's pid.
func (k Kernel) hasCPULine() bool { return k.mainline("2.6.24") }

func (p *printer) cpuLine() {
	t, taint := p.Trigger, "Not tainted"
	if p.Tainted {
		taint = "Tainted: G        W  OE     "
	}
	kdump := ""
	if p.seed%2 == 0 {
		kdump = "Kdump: loaded "
	}
	switch {
	case !p.hasCPULine():
	case !p.mainline("3.10"):
		p.say(noLevel, "Pid: %d, comm: %.20s %s %s %s", t.PID, t.Comm, taint, p.Release, p.Build)
	case p.to("4.15"):
		p.say(noLevel, "CPU: %d PID: %d Comm: %s %s %s %s", p.CPU, t.PID, t.Comm, taint, p.Release, p.Build)
	case p.to("5.11") || p.rhel != 0:
		p.say(noLevel, "CPU: %d PID: %d Comm: %s %s%s %s %s", p.CPU, t.PID, t.Comm, kdump, taint, p.Release, p.Build)
	case p.to("6.10"):
		p.say(noLevel, "CPU: %d PID: %d Comm: %s %s%s %s %s%s", p.CPU, t.PID, t.Comm, kdump, taint, p.Release, p.Build, p.buildID())
	case p.to("6.14"):
		p.say(noLevel, "CPU: %d UID: %d PID: %d Comm: %s %s%s %s %s%s", p.CPU, t.UID, t.PID, t.Comm, kdump, taint, p.Release, p.Build, p.buildID())
	default:
		p.say(noLevel, "CPU: %d UID: %d PID: %d Comm: %s %s%s %s %s PREEMPT(voluntary) %s", p.CPU, t.UID, t.PID, t.Comm, kdump, taint, p.Release, p.Build, p.buildID())
	}
}

// buildID returns the kernel's build id, which some configurations print, or Debian's word for the
// package.
func (p *printer) buildID() string {
	switch p.seed % 3 {
	case 0:
		return " 0123456789abcdef0123456789abcdef01234567"
	case 1:
		return "  Debian " + p.Name + ".107-1"
	}
	return ""
}
