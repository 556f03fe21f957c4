// SPDX-License-Identifier: Apache-2.0

package workload

import "strings"

// claim is what one source says of a uid or an id. The zero claim is that of a source which has
// neither.
type claim struct {
	Names
	// found is true where the source has the uid or the id, whatever it says of it.
	found bool
	// uid is the pod's uid as the source has it, or "".
	uid string
	// alloc is Nomad's allocation as the source has it, or "".
	alloc string
}

// whole reports whether a later reading can add nothing: a pod, a container of one, or a container
// without a pod. Two that disagree stay in doubt.
func (c *claim) whole() bool {
	return c.Doubt != "" || c.found && (c.Pod != "" || c.ContainerName != "")
}

// and adds what another source says of the same id. Where the two disagree on the pod, nothing is
// named.
func (c claim) and(d claim) claim {
	switch {
	case !d.found:
		return c
	case !c.found:
		return d
	case c.Doubt != "":
		return c
	case d.Doubt != "":
		return d
	}
	if doubt := disagreement(&c, &d); doubt != "" {
		return claim{found: true, Names: Names{Doubt: doubt}}
	}
	set(&c.uid, d.uid)
	set(&c.alloc, d.alloc)
	c.Names = merged(c.Names, d.Names)
	return c
}

// disagreement says how two sources contradict each other, or "".
func disagreement(c, d *claim) string {
	switch {
	case differ(c.uid, d.uid):
		return "this node's files give the container two pod uids: " + c.uid + " and " + d.uid
	case differ(c.Namespace, d.Namespace), differ(c.Pod, d.Pod), differ(c.Container, d.Container):
		return "this node's files give two names: " + full(&c.Names) + " and " + full(&d.Names)
	}
	return ""
}

// join makes the answer to a query of what is known of its pod and of its container.
func join(q Query, pod, container claim) Names {
	if differ(container.uid, q.PodUID) {
		return Names{Doubt: "this node's files give the container the pod uid " + container.uid}
	}
	if q.Scheduler == "nomad" && container.alloc != q.Job {
		container.JobName, container.GroupName, container.TaskName = "", "", ""
	}
	switch {
	case pod.Doubt != "":
		return Names{Doubt: pod.Doubt}
	case container.Doubt != "":
		return Names{Doubt: container.Doubt}
	}
	if doubt := disagreement(&pod, &container); doubt != "" {
		return Names{Doubt: doubt}
	}
	n := merged(pod.Names, container.Names)
	if n.Pod != "" {
		n.ContainerName = "" // what the runtime calls a pod's container is made of the same names
	}
	return n
}

// merged returns n with what it lacks taken from m.
func merged(n, m Names) Names {
	set(&n.Namespace, m.Namespace)
	set(&n.Pod, m.Pod)
	set(&n.Container, m.Container)
	set(&n.Image, m.Image)
	set(&n.ContainerName, m.ContainerName)
	set(&n.ComposeProject, m.ComposeProject)
	set(&n.ComposeService, m.ComposeService)
	set(&n.JobName, m.JobName)
	set(&n.GroupName, m.GroupName)
	set(&n.TaskName, m.TaskName)
	if !n.HasRestartCount {
		n.RestartCount, n.HasRestartCount = m.RestartCount, m.HasRestartCount
	}
	return n
}

// unlabel takes away what labels say about a pod.
func (c *claim) unlabel() {
	c.Namespace, c.Pod, c.Container, c.uid = "", "", "", ""
	c.RestartCount, c.HasRestartCount = 0, false
}

// full returns NAMESPACE/POD/CONTAINER, without what is absent.
func full(n *Names) string {
	return strings.Trim(n.Namespace+"/"+n.Pod+"/"+n.Container, "/")
}

// set gives s its value where it has none.
func set(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// differ reports whether two values are both there and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }
