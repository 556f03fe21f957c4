// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// platform is the tool that manages a cgroup: the advice uses its words. The zero value is the host
// itself.
type platform uint8

const (
	onHost platform = iota
	inKubernetes
	inDocker
	inPodman
	inLXC
	inMachine
	inSlurm
	inNomad
	inECS
	inUserUnit
	inSystemd
	inCgroup // a cgroup that nobody known manages
)

// platformOf tells it from who the cgroup is.
func platformOf(id *identity.Identity) platform {
	switch {
	case id.PodUID != "" || id.QoS != "" || id.Slice == "kubepods.slice":
		return inKubernetes
	case id.Scheduler == identity.Slurm:
		return inSlurm
	case id.Scheduler == identity.Nomad:
		return inNomad
	case id.Scheduler == identity.ECS:
		return inECS
	case id.User != "" && id.Unit != "" && id.Session == "" && id.Level != identity.LevelContainer:
		return inUserUnit
	case id.Outer != "" && id.Level != identity.LevelContainer:
		return inSystemd // a unit's, of the service manager in a container or machine
	case id.Runtime == identity.LXC:
		return inLXC
	case id.Runtime == identity.Podman:
		return inPodman
	case id.ContainerID != "":
		return inDocker
	case id.Machine != "":
		return inMachine
	case id.Unit != "" || id.Slice != "":
		return inSystemd
	}
	return inCgroup
}

// place is where something is to be done: the platform, and who the cgroup is there.
type place struct {
	platform platform
	id       *identity.Identity
	names    *report.Names
}

// place returns where something is to be done about f: by the cgroup whose limit was hit; else by
// the victim's, where the victim is who held the memory. The log names nobody else's.
func (c *analysis) place(f *Finding) place {
	if c.scope == report.ScopeCgroup {
		if c.limitPath == "" {
			return place{inCgroup, c.limit, c.limitNames}
		}
		return place{platformOf(c.limit), c.limit, c.limitNames}
	}
	if c.k == nil || c.victimPath == "" || c.victimPath == "/" || !c.isVictims(f) {
		return place{onHost, &nobody, c.facts.NamesOf("")}
	}
	if p := platformOf(c.victim); p != inCgroup {
		return place{p, c.victim, c.victimNames}
	}
	return place{onHost, c.victim, c.victimNames}
}

// isVictims reports whether the victim held what f found.
func (c *analysis) isVictims(f *Finding) bool {
	switch f.Cause {
	case ProcessHog, SharedMemory:
		return f.Process.PID == c.k.PID && f.Process.Comm != ""
	case ManyProcesses:
		return f.Label == c.k.Comm
	}
	return c.has(LargestVictim)
}

// transient reports whether the unit is gone when what runs in it ends, and with it what was set: a
// scope always is, so is what systemd-run names.
func transient(id *identity.Identity) bool {
	return strings.HasSuffix(id.Unit, ".scope") || strings.HasPrefix(id.Unit, "run-")
}

// unitOf names what systemctl can set a property of that lasts: the unit, or the slice whose limit
// it is. Of a unit that does not last it is the slice.
func unitOf(id *identity.Identity) string {
	if transient(id) && id.Slice != "" {
		return id.Slice
	}
	if (id.Level == identity.LevelSlice || id.Level == identity.LevelUser || id.Unit == "") && id.Slice != "" {
		return id.Slice
	}
	return id.Unit
}

// AppendRaise says how the limit of a cgroup is raised, in the words of the tool that set it:
// "raise MemoryMax= of …".
func AppendRaise(dst []byte, id *identity.Identity, names *report.Names) []byte {
	w := words(dst)
	w.raise(place{platformOf(id), id, names})
	return w
}

// raise says how the limit that was hit is raised.
func (w *words) raise(at place) {
	id := at.id
	switch at.platform {
	case inKubernetes:
		switch id.Level {
		case identity.LevelPod:
			w.text("raise resources.limits.memory of ")
			if at.names.Pod == "" {
				w.text("the pod's containers")
			} else {
				w.text("the containers of ")
				w.pod(id, at.names)
			}
			w.text(" (the pod's limit is their sum), and their requests")
		case identity.LevelContainer:
			w.text("raise ")
			if !hasContainer(at.names) {
				w.text("the container's resources.limits.memory")
			} else {
				w.text("resources.limits.memory of ")
				w.container(id, at.names)
			}
			w.text(", and its request with it")
		default:
			w.text("give the node more memory or fewer pods: this limit is what the node may give to pods (allocatable)")
		}
	case inDocker:
		if at.names.ComposeService != "" && at.names.ComposeProject != "" {
			w.text("raise mem_limit of service ")
			w.name(at.names.ComposeService)
			w.text(" in Compose project ")
			w.name(at.names.ComposeProject)
			break
		}
		w.text("raise --memory")
		w.ofContainer(id, at.names)
		w.text(" (docker update, mem_limit in Compose)")
	case inPodman:
		w.text("raise --memory")
		w.ofContainer(id, at.names)
		w.text(" (podman update, or PodmanArgs=--memory= in a quadlet)")
	case inLXC:
		w.text("raise the container's memory (limits.memory in Incus, pct set -memory in Proxmox)")
	case inMachine:
		w.text("raise the machine's memory or MemoryMax= of its unit")
	case inSlurm:
		w.text("ask for more with sbatch --mem or --mem-per-cpu")
	case inNomad:
		w.text("raise memory or memory_max in ")
		if at.names.TaskName == "" {
			w.text("the task's resources")
			break
		}
		w.text("the resources of ")
		w.job(id, at.names)
	case inECS:
		w.text("raise memory in the task definition")
	case inUserUnit:
		if transient(id) {
			w.text("start it with a larger MemoryMax= (systemd-run --user -p MemoryMax=)")
			break
		}
		w.text("raise MemoryMax= of ")
		w.name(unitOf(id))
		w.text(" (systemctl --user)")
	case inSystemd:
		if transient(id) && id.Session == "" {
			w.text("start it with a larger MemoryMax= (systemd-run -p MemoryMax=)")
			break
		}
		w.text("raise MemoryMax= of ")
		w.name(unitOf(id))
		w.text(" (systemctl set-property)")
	default:
		w.text("raise the cgroup's memory.max (v1: memory.limit_in_bytes)")
	}
	w.inside(id)
}

// inside names the container whose own manager has the unit or container at hand.
func (w *words) inside(id *identity.Identity) {
	if id.Outer != "" && id.QoS == "" {
		if id.Outer == id.Machine {
			w.text(" inside machine ")
		} else {
			w.text(" inside container ")
		}
		w.name(short(id.Outer))
	}
}

// bound says how a process that fills the host is held to less.
func (w *words) bound(at place) {
	id := at.id
	switch at.platform {
	case inKubernetes:
		w.text("Give ")
		w.itsContainer(id, at.names)
		w.text(" a memory request near what it really uses, so that the scheduler counts it, and a limit; check kube-reserved and eviction thresholds")
	case inDocker, inPodman:
		w.text("Cap the memory of ")
		w.itsContainer(id, at.names)
		w.text(" with --memory")
		w.inside(id)
	case inLXC, inMachine:
		w.text("Give it a memory limit of its own")
	case inSlurm, inNomad, inECS:
		w.text("Have its job request the memory that it needs, with a limit there")
	case inUserUnit, inSystemd:
		w.text("Cap the memory of ")
		w.name(unitOf(id))
		w.inside(id)
		w.text(" with MemoryHigh= and MemoryMax=")
		switch {
		case transient(id) && id.User != "":
			w.text(", or start it with a limit of its own (systemd-run --user --scope -p MemoryMax=)")
		case transient(id):
			w.text(", or start it with a limit of its own (systemd-run --scope -p MemoryMax=)")
		default:
			w.text(", and protect what must live with OOMScoreAdjust=")
		}
	default:
		w.text("Cap its memory (systemd-run -p MemoryMax=, ulimit -v), or make allocations fail early (vm.overcommit_memory=2)")
	}
}

// capShared says how tmpfs and shared memory are held to less.
func (w *words) capShared(p platform) {
	switch p {
	case inKubernetes:
		w.text("set sizeLimit on emptyDir volumes with medium: Memory, which count against the container's limit")
	case inDocker, inPodman:
		w.text("cap it with --shm-size and size= of --tmpfs")
	case inUserUnit, inSystemd:
		w.text("cap it with size= of the mount, or give the unit a tmpfs of its own (TemporaryFileSystem=/tmp:size=...)")
	default:
		w.text("cap it (mount -o remount,size=..., kernel.shmall)")
	}
}

// capProcesses says how the number of processes is held down.
func (w *words) capProcesses(p platform) {
	switch p {
	case inKubernetes:
		w.text("podPidsLimit of the kubelet caps their number")
	case inDocker, inPodman:
		w.text("--pids-limit caps their number")
	case inUserUnit, inSystemd:
		w.text("TasksMax= caps their number")
	default:
		w.text("pids.max or ulimit -u caps their number")
	}
}
