// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// container records a container, the end of what can be believed.
func (w *walk) container(id, runtime string) {
	w.id.ContainerID, w.id.Runtime = id, runtime
	w.id.Level, w.at = LevelContainer, inContainer
}

// directoryRuntime names the runtime that keeps its containers in a directory of that name.
func directoryRuntime(dir string) string {
	switch dir {
	case "docker", "actions_job":
		return Docker
	case "k8s.io", "default":
		return Containerd
	}
	return ""
}

// containerName reads the names that runtimes give a container's cgroup: PREFIX-ID, with
// ".scope" where systemd made it.
func (w *walk) containerName(name string) bool {
	name = strings.TrimSuffix(name, ".scope")
	i := len(name) - 64
	if i < 2 || name[i-1] != '-' || !ids.IsContainerID(name[i:]) {
		return false
	}
	runtime, monitor := "", false
	switch name[:i-1] {
	case "docker":
		runtime = Docker
	case "cri-containerd", "nerdctl":
		runtime = Containerd
	case "crio":
		runtime = CRIO
	case "crio-conmon":
		runtime, monitor = CRIO, true
	case "libpod", "libpod-payload":
		runtime = Podman
	case "libpod-conmon":
		runtime, monitor = Podman, true
	default:
		return false
	}
	w.container(name[i:], runtime)
	w.id.Monitor = monitor
	return true
}

// lxcName reads "lxc.payload.NAME" and "lxc.monitor.NAME".
func (w *walk) lxcName(name string) bool {
	container, payload := between(name, "lxc.payload.", "")
	if !payload {
		var monitor bool
		if container, monitor = between(name, "lxc.monitor.", ""); !monitor {
			return false
		}
	}
	w.container(container, LXC)
	w.id.Monitor = !payload
	return true
}

// splitPodman reads the cgroups that podman makes inside a service that it was told to share.
func (w *walk) splitPodman(name string) bool {
	return strings.HasSuffix(w.id.Unit, ".service") && strings.HasPrefix(name, "libpod-payload-") && w.containerName(name)
}
