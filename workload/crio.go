// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"strconv"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// The directories in which CRI-O keeps a container's config.json: while it runs, and until it is
// removed. CRI-O 1.20 to 1.35, internal/factory/container/container.go (SpecAddAnnotations). The
// annotations of the pod itself come first there and the kubelet's labels last, so that a pod
// cannot say whose it is.
var crioContainers = [...]string{
	"run/containers/storage/overlay-containers/",
	"var/lib/containers/storage/overlay-containers/",
}

// crio returns what CRI-O has of a container. Podman keeps files of the same name there.
func crio(f *files, id string) claim {
	for _, dir := range crioContainers {
		if a, ok := readAnnotations(f, dir+id+"/userdata/config.json"); ok && a["io.container.manager"] == "cri-o" {
			return crioClaim(a)
		}
	}
	return claim{}
}

// crioClaim reads the annotations of a container.
func crioClaim(a map[string]string) claim {
	c := kubernetesLabels(a)
	c.Image = only(a["io.kubernetes.cri-o.ImageName"], isImage)
	c.restarts(a["io.kubernetes.container.restartCount"])
	return c
}

// kubernetesLabels reads the labels that the kubelet gives to each container: Kubernetes 1.2 to
// 1.34, pkg/kubelet/types/labels.go. The one that holds the pod's namespaces has the container name
// POD, which is no name in Kubernetes.
func kubernetesLabels(l map[string]string) claim {
	c := claim{found: true}
	namespace, pod := l["io.kubernetes.pod.namespace"], l["io.kubernetes.pod.name"]
	if isLabel(namespace) && isSubdomain(pod) {
		c.Namespace, c.Pod = namespace, pod
		c.Container = only(l["io.kubernetes.container.name"], isLabel)
		c.uid = only(l["io.kubernetes.pod.uid"], ids.IsPodUID)
	}
	return c
}

// restarts takes how often the kubelet has started a container of a pod anew.
func (c *claim) restarts(number string) {
	if c.Container != "" && isNumber(number) {
		c.RestartCount, _ = strconv.ParseInt(number, 10, 64)
		c.HasRestartCount = true
	}
}
