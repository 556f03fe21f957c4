// SPDX-License-Identifier: Apache-2.0

// Package workload finds the names of what a cgroup path gives ids of: the pod of a uid, the
// container of an id, the user of a number. It reads the files that the node's own programs keep
// (kubelet, containerd, CRI-O, Docker, Podman, Nomad), without an API and without rights but reading.
//
// A name is given only where the file that has it also has the uid or the id. What is not found is
// absent: a uid of another machine is found nowhere, and nothing is said about it.
package workload

// Query says of what the names are wanted: what the cgroup path of a process says, as
// [github.com/oomtrail/oomtrail/parser/record] has it. Absent values are "" or false.
type Query struct {
	// PodUID is the pod's uid as the Kubernetes API writes it, or the hash of a static pod.
	PodUID string
	// StaticPod is true when PodUID is such a hash: 32 hex digits.
	StaticPod bool
	// ContainerID is the container's id: 64 hex digits, or the name that LXC and Incus know it by.
	ContainerID string
	// Runtime is containerd, cri-o, docker, podman, lxc or systemd-nspawn.
	Runtime string
	// Scheduler is slurm, nomad or ecs; Job, Step and Task are that scheduler's own ids.
	Scheduler, Job, Step, Task string
	// Machine is the name of a virtual machine as its cgroup has it.
	Machine string
	// UserID is the user id of a process of this machine, in decimal. It is set only for a record
	// of this machine's own log: every machine has a user 1000.
	UserID string
}

// Names are the names that were found. What was not found is absent: "", or false.
type Names struct {
	// Namespace, Pod and Container are names of Kubernetes' API.
	Namespace, Pod, Container string
	// RestartCount is how often the kubelet has started the container anew. It is known where
	// HasRestartCount is true.
	RestartCount    int64
	HasRestartCount bool
	// Image is the container's image as its runtime has it.
	Image string
	// ContainerName is the name that a container has in Docker, Podman or LXC.
	ContainerName string
	// ComposeProject and ComposeService are the names of Docker's compose.
	ComposeProject, ComposeService string
	// JobName, GroupName and TaskName are the names of Nomad's job, its group and its task.
	JobName, GroupName, TaskName string
	// Machine is the name that libvirt knows a virtual machine by.
	Machine string
	// User is the name of the user of UserID.
	User string
	// Doubt says why nothing is named although something was found.
	Doubt string
}

// Options are the settings of a resolver.
type Options struct {
	// Root is the directory that the node's files are below; "" means "/".
	Root string
}

// Resolver looks names up. It is safe for use by several goroutines at once. A nil Resolver finds
// nothing.
type Resolver struct{}

// New returns a resolver of the files below the root. Its error names the setting, its value and
// what to do when the root cannot be read. The resolver is of use nevertheless: it finds nothing.
func New(Options) (*Resolver, error) { return &Resolver{}, nil }

// Lookup returns the names that the node's files have now, or had when they were last read.
func (r *Resolver) Lookup(Query) Names { return Names{} }
