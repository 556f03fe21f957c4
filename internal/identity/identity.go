// SPDX-License-Identifier: Apache-2.0

// Package identity reads who a cgroup path belongs to: the pod, the container,
// the systemd unit, the user, the machine or the batch job.
//
// A path is the kernel's: absolute from the root of the cgroup hierarchy, of
// version 1 or 2. It is believed only as far as root, a service manager or a
// container manager made it. Below a point where somebody else may make
// directories as they like (a user's own service manager, a service) names say
// nothing, and what they pretend is left out. What a manager inside a container
// made is who it is within that container, so that container is named beside it.
package identity

// Identity is what a cgroup path says. Everything but Level may be absent ("" or false).
type Identity struct {
	// Level says what kind of thing the path itself is.
	Level Level
	// ContainerID is the container's id: 64 hex digits, or the name that LXC and Incus know it by.
	ContainerID string
	// Runtime is containerd, cri-o, docker, podman, lxc or systemd-nspawn, where the path tells.
	Runtime string
	// Monitor is true for the cgroup of the container's monitor (conmon, lxc's), not of its
	// processes.
	Monitor bool
	// Outer is the outermost container or nspawn machine, by the name that the host's own tools
	// know it by, where the unit or the container is that of a manager inside it (LXC or Docker
	// with systemd or Docker inside, at any depth).
	Outer string
	// Node is the id of the container that runs the Kubernetes node which runs the pod (kind, k3d,
	// minikube).
	Node string
	// PodUID is the pod's uid as the Kubernetes API writes it: 8-4-4-4-12 hex digits; of a static
	// pod it is the hash of its configuration, 32 hex digits, which the API knows as annotation
	// kubernetes.io/config.hash.
	PodUID string
	// StaticPod is true when PodUID is such a hash.
	StaticPod bool
	// QoS is the pod's QoS class, guaranteed, burstable or besteffort.
	QoS string
	// Unit is the innermost systemd unit, by the name that systemctl and the journal know it by
	// (its \xNN escapes stay, they are part of the name). With User it is a unit of that user's
	// manager.
	Unit string
	// Slice is the innermost slice of the system's service manager; never a slice of a user's own
	// manager.
	Slice string
	// User is the uid, in decimal, of the user whose slice it is.
	User string
	// Session is the login session.
	Session string
	// App is the desktop application's id, of a flatpak, snap or XDG application unit.
	App string
	// Machine is the name of the virtual machine or nspawn container.
	Machine string
	// Scheduler is slurm, nomad or ecs; Job, Step and Task are that scheduler's names: Slurm's job,
	// step and task; Nomad's allocation (Job) and task; the ECS task (Task).
	Scheduler, Job, Step, Task string
}

// The names of runtimes.
const (
	Containerd = "containerd"
	CRIO       = "cri-o"
	Docker     = "docker"
	Podman     = "podman"
	LXC        = "lxc"
	Nspawn     = "systemd-nspawn"
)

// The QoS classes.
const (
	Guaranteed = "guaranteed"
	Burstable  = "burstable"
	BestEffort = "besteffort"
)

// The schedulers.
const (
	Slurm = "slurm"
	Nomad = "nomad"
	ECS   = "ecs"
)

// maxNesting bounds how many containers in containers are looked into.
const maxNesting = 32

// Of reads a cgroup path. It allocates only where an escape is undone.
func Of(path string) Identity {
	if path == "/" {
		return Identity{Level: LevelRoot}
	}
	if path == "" || path[0] != '/' {
		return Identity{}
	}
	return read(path[1:], 0)
}

// read walks the components of path, which has no leading slash.
func read(path string, nesting int) Identity {
	var w walk
	for path != "" {
		name, rest := cut(path)
		w.enter(name)
		switch w.at {
		case inContainer:
			return w.id.nestedIn(rest, nesting)
		case untrusted:
			return w.id
		}
		path = rest
	}
	return w.id
}

// nestedIn looks into a container for what a manager in it made: a unit of its systemd, a container
// of its Docker, a pod of its Kubernetes. The innermost of them is who it is. A pod's container and
// a user's are not looked into: the API, and the user, know those by the container.
func (id Identity) nestedIn(rest string, nesting int) Identity {
	if rest == "" || id.PodUID != "" || id.User != "" || id.Monitor || nesting == maxNesting {
		return id
	}
	switch name, tail := cut(rest); name {
	case "container", "payload", "ns":
		rest = tail
	}
	in := read(rest, nesting+1)
	if in.Unit == "" && in.Slice == "" && in.ContainerID == "" && in.QoS == "" {
		return id
	}
	in.Outer = id.ContainerID
	if in.Outer == "" {
		in.Outer = id.Machine
	}
	if in.QoS != "" && in.Node == "" {
		in.Node = in.Outer
	}
	if in.ContainerID == "" && in.QoS == "" {
		in.ContainerID, in.Runtime = id.ContainerID, id.Runtime
	}
	if in.Unit == "" && in.Slice == "" {
		in.Unit, in.Slice = id.Unit, id.Slice
	}
	if in.Machine == "" {
		in.Machine = id.Machine
	}
	if in.Scheduler == "" {
		in.Scheduler, in.Job, in.Step, in.Task = id.Scheduler, id.Job, id.Step, id.Task
	}
	return in
}
