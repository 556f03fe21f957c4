// SPDX-License-Identifier: Apache-2.0

package report

// Workload is what a cgroup path says of where a process ran, to find its [Names] by. What the path
// does not say is "" or false.
type Workload struct {
	// PodUID is the pod's uid as the Kubernetes API writes it, or the hash of a static pod.
	PodUID string
	// StaticPod is true where PodUID is such a hash: 32 hexadecimal digits.
	StaticPod bool
	// ContainerID is the container's id: 64 hexadecimal digits, or the name of an LXC container.
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

// Names are the names of a [Workload]. What is not known is "" or false.
type Names struct {
	// Namespace, Pod and Container are names of the Kubernetes API.
	Namespace, Pod, Container string
	// RestartCount is how often the kubelet has started the container anew, valid iff
	// HasRestartCount.
	RestartCount    int64
	HasRestartCount bool
	// Image is the container's image as its runtime has it.
	Image string
	// ContainerName is the name that a container has in Docker, Podman or LXC.
	ContainerName string
	// ComposeProject and ComposeService are the names of Docker's compose.
	ComposeProject, ComposeService string
	// JobName, GroupName and TaskName are the names of a scheduler's job, of its group and of its
	// task.
	JobName, GroupName, TaskName string
	// Machine is the name that libvirt knows a virtual machine by.
	Machine string
	// User is the name of the user of UserID.
	User string
	// Doubt says why nothing is named although something was found.
	Doubt string
}
