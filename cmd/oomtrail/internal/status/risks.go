// SPDX-License-Identifier: Apache-2.0

package status

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/watch"
)

// nearCommit is from which share of CommitLimit on strict overcommit is near its limit.
const nearCommit = 0.9

// daemons are programs without which a machine cannot be reached or loses what it runs, and the
// adjustment that their own packages or documentation give them. Their names are those of their
// processes, at most 15 bytes.
var daemons = map[string]int{
	"sshd": -1000, "systemd-udevd": -1000, "auditd": -1000,
	"containerd": -999, "crio": -999, "kubelet": -999,
	"dbus-daemon": -900, "dbus-broker-lau": -900,
	"dockerd": -500, "systemd-journal": -250,
}

// risks are the settings that are risky, each with what changes it.
func (c *Collector) risks(l *look) (risks []Risk) {
	add := func(name, text, fix string) { risks = append(risks, Risk{name, text, fix}) }
	if !c.Filter.Asks() {
		c.machineRisks(l, add)
	}
	for i := range l.cgroups {
		g := &l.cgroups[i]
		if !c.asked(g.Path) {
			continue
		}
		p := c.placeOf(g.Path)
		if g.Max.OK && g.Peak.OK && g.Peak.V > g.Max.V {
			add("limit_below_peak", fmt.Sprintf("The limit of %s, %s, is below the most that it has used, %s (page cache among it).", p.where, kill.Size(g.Max.V), kill.Size(g.Peak.V)), p.raise(g.Peak.V, l.hierarchy))
		}
		if g.KillOff {
			add("kill_off", fmt.Sprintf("The kernel kills nobody in %s: at its limit its processes stop for good (oom_kill_disable).", p.where),
				"echo 0 > "+shellWord(l.hierarchy.Dir+g.Path+"/memory.oom_control"))
		}
	}
	return risks
}

// machineRisks are those of the whole machine.
func (c *Collector) machineRisks(l *look, add func(name, text, fix string)) {
	m := &l.memory
	if m.SwapTotal.OK && m.SwapTotal.V == 0 && m.Total.V > 0 {
		quarter := max(1, (m.Total.V/4+(1<<30)-1)>>30)
		add("no_swap", "There is no swap: what nobody uses stays in RAM, and the first shortage kills.",
			fmt.Sprintf("fallocate -l %dG /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile", quarter))
	}
	if l.settings.OvercommitMemory.V == 2 && m.CommitLimit.V > 0 && float64(m.CommittedAS.V) >= nearCommit*float64(m.CommitLimit.V) {
		text := fmt.Sprintf("Allocations are about to fail: %s of %s are promised (vm.overcommit_memory=2), whatever is free.", kill.Size(m.CommittedAS.V), kill.Size(m.CommitLimit.V))
		fix := fmt.Sprintf("sysctl -w vm.overcommit_kbytes=%d", (m.CommitLimit.V-m.SwapTotal.V+m.Total.V/4)/1024)
		if ratio := l.settings.OvercommitRatio; ratio.OK && l.settings.OvercommitKBytes.V == 0 {
			fix = fmt.Sprintf("sysctl -w vm.overcommit_ratio=%d", ratio.V+25)
		}
		add("strict_overcommit", text, fix)
	}
	if n := l.settings.PanicOnOOM; n.V > 0 {
		add("panic_on_oom", fmt.Sprintf("The machine panics where it runs out of memory (vm.panic_on_oom=%d).", n.V), "sysctl -w vm.panic_on_oom=0")
	}
	c.daemonRisks(l, add)
	for i := range l.processes {
		p := &l.processes[i]
		if p.Adjustment.V == -1000 && p.PID != 1 && m.Total.V > 0 && p.RSS.V+p.Swap.V > m.Total.V/4 {
			add("unkillable", fmt.Sprintf("%s (%d) is never killed and holds %s: others die for it, and in the end the machine panics.", printable(p.Name), p.PID, kill.Size(p.RSS.V+p.Swap.V)),
				fmt.Sprintf("choom -p %d -n -500", p.PID))
		}
	}
}

// daemonRisks are critical daemons that the kernel may kill like anything else. A program of that
// name in a container is another one, and so is one that a daemon has started for a user: its
// parent has the same name.
func (c *Collector) daemonRisks(l *look, add func(name, text, fix string)) {
	named := map[int]string{}
	for i := range l.processes {
		named[l.processes[i].PID] = l.processes[i].Name
	}
	for i := range l.processes {
		p := &l.processes[i]
		usual, critical := daemons[p.Name]
		if !critical || !p.Adjustment.OK || p.Adjustment.V < 0 || named[p.Parent] == p.Name {
			continue
		}
		place := c.placeOfProcess(p)
		if place.Container != "" || place.Pod != "" || p.UserID.V != 0 && p.Name != "dbus-daemon" || strings.Contains(p.Cgroup, "/user.slice/") {
			continue
		}
		fix := fmt.Sprintf("choom -p %d -n %d", p.PID, usual)
		if strings.HasSuffix(place.Unit, ".service") {
			dir := shellWord("/etc/systemd/system/" + place.Unit + ".d")
			fix += fmt.Sprintf(" && mkdir -p %s && printf '[Service]\\nOOMScoreAdjust=%d\\n' > %s/oom.conf && systemctl daemon-reload", dir, usual, dir)
		}
		add("unprotected_daemon", fmt.Sprintf("%s (%d) is killed like any other process (oom_score_adj %d), and the machine needs it.", p.Name, p.PID, p.Adjustment.V), fix)
	}
}

// raise is what gives a place more than a peak: a fifth more, in whole MiB.
func (p *Place) raise(peak int64, h watch.Hierarchy) string {
	mib := int64(math.Ceil(float64(peak) * 1.2 / (1 << 20)))
	switch {
	case p.id.PodUID != "":
		name := p.kill.Record.Text("k8s.container.name")
		if name == "" {
			name = "its containers"
		}
		return fmt.Sprintf("In the pod's specification: resources.limits.memory: %dMi of %s", mib, name)
	case p.id.Level == identity.LevelContainer && (p.id.Runtime == identity.Docker || p.id.Runtime == identity.Podman):
		return fmt.Sprintf("%s update --memory %dm %s", p.id.Runtime, mib, shellWord(p.Container))
	case p.id.Level == identity.LevelService && p.id.ContainerID == "" && p.id.User == "":
		return fmt.Sprintf("systemctl set-property %s MemoryMax=%dM", shellWord(p.Unit), mib)
	}
	file := "memory.max"
	if h.Version == 1 {
		file = "memory.limit_in_bytes"
	}
	return fmt.Sprintf("echo %dM > %s", mib, shellWord(h.Dir+p.path+"/"+file))
}

// shellWord is a word as a shell takes it.
func shellWord(word string) string { return plain.ShellWords([]string{word})[1:] }

// count writes a number and what it counts.
func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.FormatInt(n, 10) + " " + what
}
