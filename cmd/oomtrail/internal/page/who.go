// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
)

// who lists who the victim was, and whose limit it hit.
func (p *page) who() {
	if p.Record.Text("process.title") == "" && p.Record.Text("oom.cgroup.path") == "" {
		return
	}
	p.heading("Who")
	if _, ok := p.int64Of("process.pid"); ok {
		facts := []string{p.process()}
		if uid, ok := p.int64Of("process.real_user.id"); ok {
			facts = append(facts, "uid "+number(uid))
		}
		if adj, ok := p.int64Of("oom.victim.oom_score_adj"); ok {
			facts = append(facts, "oom_score_adj "+number(adj))
		}
		p.row("process", strings.Join(facts, ", "))
	}
	victim := p.cgroup()
	if victim != "" {
		p.owner(identity.Of(victim))
		p.rowAsIs("cgroup", printable(victim))
	}
	if limit, ok := p.report.LimitCgroup(); ok && limit != victim && p.Record.Text("oom.cgroup.path") != "" {
		p.rowAsIs("limit of", printable(limit))
	}
}

// cgroup returns the victim's cgroup; of a victim that died with its group, the group's.
func (p *page) cgroup() string {
	if k := p.victim(); k != nil && k.Group {
		return p.report.GroupPath
	}
	if p.Record.Text("oom.victim.cgroup") == "" {
		return ""
	}
	path, _ := p.report.VictimCgroup()
	return path
}

// owner lists who a cgroup is, from the outermost name in.
func (p *page) owner(id identity.Identity) {
	container := id.ContainerID
	if container != "" && id.Runtime != "" {
		container += " (" + id.Runtime + ")"
	}
	if id.Monitor {
		container += ", its monitor process"
	}
	p.row("container", container)
	if id.Outer != id.Node && id.Outer != id.ContainerID && id.Outer != id.Machine {
		p.row("inside container", printable(id.Outer))
	}
	p.row("on node", id.Node)
	pod := id.PodUID
	if pod != "" {
		pod += " (" + id.QoS + ")"
	}
	if id.StaticPod {
		pod += ", a static pod: this is the hash of its file"
	}
	p.row("pod", pod)
	p.row("machine", printable(id.Machine))
	p.row(id.Scheduler+" job", printable(id.Job))
	p.row(id.Scheduler+" task", printable(id.Task))
	p.row("application", printable(id.App))
	if id.ContainerID == "" || id.Outer != "" && id.Level != identity.LevelContainer {
		p.row("unit", printable(id.Unit))
	}
	p.row("user", id.User)
}

// limitOwner names whose limit was hit.
func (p *page) limitOwner() string {
	path, ok := p.report.LimitCgroup()
	if !ok {
		return "A cgroup"
	}
	id := identity.Of(path)
	switch id.Level {
	case identity.LevelContainer:
		name := id.ContainerID
		if len(name) == 64 {
			name = name[:12]
		}
		return "Container " + printable(name)
	case identity.LevelPod:
		return "Pod " + id.PodUID
	case identity.LevelQoS:
		return "The group of all " + id.QoS + " pods"
	case identity.LevelUser:
		return "User " + id.User + "'s processes"
	case identity.LevelMachine:
		return "Machine " + printable(id.Machine)
	case identity.LevelService:
		return "Service " + printable(id.Unit)
	case identity.LevelScope:
		return "Scope " + printable(id.Unit)
	case identity.LevelSlice:
		return "Slice " + printable(id.Slice)
	}
	if len(path) > 60 {
		path = path[:28] + "…" + path[len(path)-28:]
	}
	return "Cgroup " + printable(path)
}
