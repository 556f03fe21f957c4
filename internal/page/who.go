// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
)

// who lists who the victim was, and whose limit it hit.
func (m *maker) who() (who facts) {
	if m.Record.Text("process.title") == "" && m.Record.Text("oom.cgroup.path") == "" {
		return nil
	}
	if _, ok := m.Number64("process.pid"); ok {
		words := []string{m.process()}
		if uid, ok := m.Number64("process.real_user.id"); ok {
			user := "uid " + number(uid)
			if name := m.Record.Text("process.real_user.name"); name != "" {
				user += " (" + name + ")"
			}
			words = append(words, user)
		}
		process := Fact{Name: "process"}
		if adj, ok := m.Number64("oom.victim.oom_score_adj"); ok {
			words = append(words, "oom_score_adj "+number(adj))
			process.Means = "oom_score_adj: " + meaning("oom.victim.oom_score_adj")
		}
		process.Text = strings.Join(words, ", ")
		who = append(who, process)
	}
	victim := m.cgroup()
	if victim != "" {
		m.owner(&who, identity.Of(victim))
		who.addAsIs("cgroup", plain.Printable(victim))
	}
	if limit, ok := m.report.LimitCgroup(); ok && limit != victim && m.Record.Text("oom.cgroup.path") != "" {
		who.addAsIs("limit of", plain.Printable(limit))
	}
	return who
}

// cgroup returns the victim's cgroup; of a victim that died with its group, the group's.
func (m *maker) cgroup() string {
	if k := m.victim(); k != nil && k.Group {
		return m.report.GroupPath
	}
	if m.Record.Text("oom.victim.cgroup") == "" {
		return ""
	}
	path, _ := m.report.VictimCgroup()
	return path
}

// owner lists who a cgroup is, from the outermost name in.
func (m *maker) owner(who *facts, id identity.Identity) {
	container := ""
	if id.ContainerID != "" && id.Runtime != "" {
		container = " (" + id.Runtime + ")"
	}
	if id.Monitor {
		container += ", its monitor process"
	}
	if n, ok := m.Number64("k8s.container.restart_count"); ok && n > 0 {
		container += ", restarted " + times(n) + " before"
	}
	who.addNameAndID("container", "container id", m.ContainerName(), id.ContainerID, container)
	who.add("image", m.Image())
	service, project := m.Record.Text("container.label.com.docker.compose.service"), m.Record.Text("container.label.com.docker.compose.project")
	if service != "" && project != "" {
		service += ", Compose project " + project
	}
	who.add("service", service)
	if id.Outer != id.Node && id.Outer != id.ContainerID && id.Outer != id.Machine {
		who.add("inside", "container "+plain.Printable(id.Outer))
	}
	who.add("on node", id.Node)
	pod := " (" + id.QoS + ")"
	if id.StaticPod {
		pod += ", a static pod: this is the hash of its file"
		if m.PodName() != "" {
			pod = " (" + id.QoS + "), a static pod"
		}
	}
	who.addNameAndID("pod", "pod uid", m.PodName(), id.PodUID, pod)
	who.add("doubt", m.Record.Text("oom.names.doubt"))
	who.add("machine", cmp.Or(m.Record.Text("oom.machine.name"), plain.Printable(id.Machine)))
	who.addNameAndID(id.Scheduler+" job", "job id", m.Record.Text("oom.job.name"), plain.Printable(id.Job), "")
	who.add("task group", m.Record.Text("oom.job.group"))
	who.add(id.Scheduler+" task", cmp.Or(m.Record.Text("oom.job.task"), plain.Printable(id.Task)))
	who.add("application", plain.Printable(id.App))
	if id.ContainerID == "" || id.Outer != "" && id.Level != identity.LevelContainer {
		who.add("unit", plain.Printable(id.Unit))
	}
	who.add("user", id.User)
}

// addNameAndID lists what has a name and an id, with what else there is to say of it: the id alone
// where it has no name.
func (f *facts) addNameAndID(label, idLabel, name, id, more string) {
	switch {
	case name != "" && name != id:
		f.add(label, name+more)
		f.add(idLabel, id)
	case id != "":
		f.add(label, id+more)
	}
}

// where names the workload of the victim, "" where it has no name.
func (m *maker) where() string {
	name := m.ContainerName()
	if name != "" {
		name = " in container " + name
	}
	if pod := m.PodName(); pod != "" {
		if name == "" {
			return " in pod " + pod
		}
		name += " of pod " + pod
	}
	return name
}

// limitOwner names whose limit was hit.
func (m *maker) limitOwner() string {
	path, ok := m.report.LimitCgroup()
	id := identity.Of(path)
	if m.Diagnosis != nil && m.Diagnosis.Limit != "" {
		limit := m.Diagnosis.Limit
		if kind := map[identity.Level]string{identity.LevelService: "Service ", identity.LevelScope: "Scope "}[id.Level]; kind != "" && strings.HasPrefix(limit, plain.Printable(id.Unit)) {
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
		return "Container " + plain.Printable(name)
	case identity.LevelPod:
		return "Pod " + id.PodUID
	case identity.LevelQoS:
		return "The group of all " + id.QoS + " pods"
	case identity.LevelUser:
		return "User " + id.User + "'s processes"
	case identity.LevelMachine:
		return "Machine " + plain.Printable(id.Machine)
	case identity.LevelService:
		return "Service " + plain.Printable(id.Unit)
	case identity.LevelScope:
		return "Scope " + plain.Printable(id.Unit)
	case identity.LevelSlice:
		return "Slice " + plain.Printable(id.Slice)
	}
	if len(path) > 60 {
		path = path[:28] + "…" + path[len(path)-28:]
	}
	return "Cgroup " + plain.Printable(path)
}
