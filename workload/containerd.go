// SPDX-License-Identifier: Apache-2.0

package workload

import "github.com/oomtrail/oomtrail/internal/ids"

// The directories of containerd's tasks, of which each has its config.json while it runs:
// containerd 1.3 to 2.3, core/runtime/v2/bundle.go. The annotations of its CRI plugin are in
// internal/cri/annotations/annotations.go; 1.3 to 1.5 know the container by its name alone. nerdctl
// gives its labels as annotations: nerdctl 1 and 2, pkg/labels/labels.go.
var containerdTasks = [...]struct {
	dir string
	// kubernetes is true where only the CRI plugin makes tasks.
	kubernetes bool
}{
	{"run/containerd/io.containerd.runtime.v2.task/k8s.io/", true},
	{"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/", true}, // k3s and RKE2
	{"run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io/", true},
	{"run/containerd/io.containerd.runtime.v2.task/default/", false},
}

// containerd returns what containerd has of a container.
func containerd(f *files, id string) claim {
	for _, task := range containerdTasks {
		if a, ok := readAnnotations(f, task.dir+id+"/config.json"); ok {
			return containerdClaim(a, task.kubernetes)
		}
	}
	return claim{}
}

// containerdClaim reads the annotations of a task.
func containerdClaim(a map[string]string, kubernetes bool) claim {
	c := claim{found: true}
	if !kubernetes {
		c.ContainerName = only(a["nerdctl/name"], isName)
		c.ComposeProject, c.ComposeService = compose(a)
		return c
	}
	c.Image = only(a["io.kubernetes.cri.image-name"], isImage)
	namespace, pod := a["io.kubernetes.cri.sandbox-namespace"], a["io.kubernetes.cri.sandbox-name"]
	if isLabel(namespace) && isSubdomain(pod) {
		c.Namespace, c.Pod = namespace, pod
		c.Container = only(a["io.kubernetes.cri.container-name"], isLabel)
		c.uid = only(a["io.kubernetes.cri.sandbox-uid"], ids.IsPodUID)
	}
	return c
}
