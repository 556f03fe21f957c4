// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"strconv"
	"strings"
	"time"
)

// The kubelet's directories of logs: Kubernetes 1.14 to 1.34, pkg/kubelet/kuberuntime/helpers.go
// (BuildPodLogsDirectory) and legacy.go (legacyLogSymlink).
const (
	podLogsDir       = "var/log/pods"
	containerLogsDir = "var/log/containers"
)

// podLogs reads var/log/pods, whose directories are NAMESPACE_POD_UID. A static pod's uid is the
// hash of its configuration. Before 1.14 they were UID alone and name nothing.
type podLogs struct{ listing }

func newPodLogs() *podLogs {
	return &podLogs{listing{dir: podLogsDir, keep: func(name string) bool {
		_, ok := podLogDir(name)
		return ok
	}}}
}

// pod returns who has a uid. Two directories that claim it and differ name nothing.
func (p *podLogs) pod(f *files, uid string, now time.Time) claim {
	var c claim
	for _, name := range p.ending(f, "_"+uid, now) {
		d, _ := podLogDir(name)
		c = c.and(d)
	}
	return c
}

// podLogDir reads NAMESPACE_POD_UID.
func podLogDir(name string) (c claim, ok bool) {
	if len(name) > maxName {
		return c, false
	}
	namespace, rest, _ := strings.Cut(name, "_")
	pod, uid, _ := strings.Cut(rest, "_")
	if !isLabel(namespace) || !isSubdomain(pod) || !isUID(uid) {
		return c, false
	}
	c.found, c.uid, c.Namespace, c.Pod = true, uid, namespace, pod
	return c, true
}

// containerLogs reads var/log/containers, whose links are POD_NAMESPACE_CONTAINER-ID.log. The kubelet
// cuts a name at 255 bytes: the id is then not whole and the link is nobody's.
type containerLogs struct{ listing }

func newContainerLogs() *containerLogs {
	return &containerLogs{listing{dir: containerLogsDir, keep: func(name string) bool {
		_, _, ok := containerLog(name)
		return ok
	}}}
}

// container returns who has a container's id. The link is not followed: its target is elsewhere in
// an agent's pod. What it says has the pod's uid and how often the container was started before.
func (l *containerLogs) container(f *files, id string, now time.Time) claim {
	var c claim
	for _, name := range l.ending(f, "-"+id+".log", now) {
		d, _, _ := containerLog(name)
		if t, ok := logFile(f.target(l.dir, name)); ok {
			d = d.and(t)
		}
		c = c.and(d)
	}
	return c
}

// containerLog reads POD_NAMESPACE_CONTAINER-ID.log.
func containerLog(name string) (c claim, id string, ok bool) {
	const tail = 1 + 64 + len(".log")
	if len(name) > maxName || len(name) <= tail || !strings.HasSuffix(name, ".log") {
		return c, "", false
	}
	names, id := name[:len(name)-tail], name[len(name)-tail+1:len(name)-len(".log")]
	pod, rest, _ := strings.Cut(names, "_")
	namespace, container, _ := strings.Cut(rest, "_")
	if name[len(names)] != '-' || !isContainerID(id) || !isSubdomain(pod) || !isLabel(namespace) || !isLabel(container) {
		return c, "", false
	}
	c.found, c.Namespace, c.Pod, c.Container = true, namespace, pod, container
	return c, id, true
}

// logFile reads what a link in var/log/containers says, whatever directory that is in:
// NAMESPACE_POD_UID/CONTAINER/N.log, and of before 1.14 UID/CONTAINER/N.log and UID/CONTAINER_N.log.
func logFile(target string) (c claim, ok bool) {
	if len(target) > 4096 {
		return c, false
	}
	_, file, _ := strings.Cut(target, "/log/pods/")
	dir, file, _ := strings.Cut(file, "/")
	container, number, ok := strings.Cut(file, "/")
	if !ok {
		container, number, _ = strings.Cut(file, "_")
	}
	number, ok = strings.CutSuffix(number, ".log")
	if !ok || !isNumber(number) || !isLabel(container) {
		return c, false
	}
	if c, ok = podLogDir(dir); !ok {
		if !isUID(dir) {
			return c, false
		}
		c.found, c.uid = true, dir
	}
	c.Container = container
	c.RestartCount, _ = strconv.ParseInt(number, 10, 64)
	c.HasRestartCount = true
	return c, true
}
