// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"cmp"
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
)

// who lists who the victim was, and whose limit it hit.
func (p *page) who() {
	if p.Record.Text("process.title") == "" && p.Record.Text("oom.cgroup.path") == "" {
		return
	}
	p.heading("Who")
	if _, ok := p.Number64("process.pid"); ok {
		facts := []string{p.process()}
		if uid, ok := p.Number64("process.real_user.id"); ok {
			user := "uid " + number(uid)
			if name := p.Record.Text("process.real_user.name"); name != "" {
				user += " (" + name + ")"
			}
			facts = append(facts, user)
		}
		if adj, ok := p.Number64("oom.victim.oom_score_adj"); ok {
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
	container := ""
	if id.ContainerID != "" && id.Runtime != "" {
		container = " (" + id.Runtime + ")"
	}
	if id.Monitor {
		container += ", its monitor process"
	}
	if n, ok := p.Number64("k8s.container.restart_count"); ok && n > 0 {
		container += ", restarted " + times(n) + " before"
	}
	p.nameAndID("container", "container id", p.ContainerName(), id.ContainerID, container)
	p.row("image", p.image())
	service, project := p.Record.Text("container.label.com.docker.compose.service"), p.Record.Text("container.label.com.docker.compose.project")
	if service != "" && project != "" {
		service += ", Compose project " + project
	}
	p.row("service", service)
	if id.Outer != id.Node && id.Outer != id.ContainerID && id.Outer != id.Machine {
		p.row("inside", "container "+printable(id.Outer))
	}
	p.row("on node", id.Node)
	pod := " (" + id.QoS + ")"
	if id.StaticPod {
		pod += ", a static pod: this is the hash of its file"
		if p.PodName() != "" {
			pod = " (" + id.QoS + "), a static pod"
		}
	}
	p.nameAndID("pod", "pod uid", p.PodName(), id.PodUID, pod)
	p.row("doubt", p.Record.Text("oom.names.doubt"))
	p.row("machine", cmp.Or(p.Record.Text("oom.machine.name"), printable(id.Machine)))
	p.nameAndID(id.Scheduler+" job", "job id", p.Record.Text("oom.job.name"), printable(id.Job), "")
	p.row("task group", p.Record.Text("oom.job.group"))
	p.row(id.Scheduler+" task", cmp.Or(p.Record.Text("oom.job.task"), printable(id.Task)))
	p.row("application", printable(id.App))
	if id.ContainerID == "" || id.Outer != "" && id.Level != identity.LevelContainer {
		p.row("unit", printable(id.Unit))
	}
	p.row("user", id.User)
}

// nameAndID lists what has a name and an id, with what else there is to say of it: the id alone
// where it has no name.
func (p *page) nameAndID(label, idLabel, name, id, more string) {
	switch {
	case name != "" && name != id:
		p.row(label, name+more)
		p.row(idLabel, id)
	case id != "":
		p.row(label, id+more)
	}
}

// where names the workload of the victim, "" where it has no name.
func (p *page) where() string {
	name := p.ContainerName()
	if name != "" {
		name = " in container " + name
	}
	if pod := p.PodName(); pod != "" {
		if name == "" {
			return " in pod " + pod
		}
		name += " of pod " + pod
	}
	return name
}

// image returns the image of the victim's container.
func (p *page) image() string {
	image := p.Record.Text("container.image.name")
	if tag := p.Record.Text("container.image.tag"); tag != "" {
		image += ":" + tag
	}
	return image
}

// limitOwner names whose limit was hit.
func (p *page) limitOwner() string {
	path, ok := p.report.LimitCgroup()
	id := identity.Of(path)
	if p.Diagnosis != nil && p.Diagnosis.Limit != "" {
		limit := p.Diagnosis.Limit
		if kind := map[identity.Level]string{identity.LevelService: "Service ", identity.LevelScope: "Scope "}[id.Level]; kind != "" && strings.HasPrefix(limit, printable(id.Unit)) {
			return kind + limit // a name stays as it is
		}
		return strings.ToUpper(limit[:1]) + limit[1:]
	}
	if !ok {
		return "A cgroup"
	}
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
