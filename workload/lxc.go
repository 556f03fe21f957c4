// SPDX-License-Identifier: Apache-2.0

package workload

// lxcName takes the name of a container of LXC, LXD or Incus, which is its id in the cgroup path:
// LXC 4 to 6, lxc.container.conf(5), lxc.cgroup.dir. No file is read.
func lxcName(q Query, n *Names) {
	if q.Runtime == "lxc" && q.PodUID == "" {
		n.ContainerName = only(q.ContainerID, isName)
	}
}
