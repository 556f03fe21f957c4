// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
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
		return strings.IndexByte(name, '_') > 0 && len(name) <= maxName
	}}}
}

// pod returns who has a uid. Two directories that claim it and differ name nothing.
func (p *podLogs) pod(f *files, uid string, now time.Time) claim {
	var c claim
	for _, name := range p.ending(f, "_"+uid, now) {
		if d, ok := podLogDir(name); ok {
			c = c.and(d)
		}
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
	if !isLabel(namespace) || !isSubdomain(pod) || !ids.IsPodUID(uid) {
		return c, false
	}
	c.found, c.uid, c.Namespace, c.Pod = true, uid, namespace, pod
	return c, true
}

// containerLogs reads var/log/containers, whose links are POD_NAMESPACE_CONTAINER-ID.log. The
// kubelet cuts a name at 255 bytes: the id is then not whole and the link is nobody's. No link is
// followed: its target is elsewhere in an agent's pod. What it says has the pod's uid and how often
// the container was started before.
type containerLogs struct {
	listing
	nextPod time.Time // when the directory of one pod may be read again
}

func newContainerLogs() *containerLogs {
	return &containerLogs{listing: listing{dir: containerLogsDir, keep: func(name string) bool {
		return strings.HasSuffix(name, ".log") && len(name) <= maxName
	}}}
}

// of returns what the link of a container of a known pod says, if there is one.
func (l *containerLogs) of(f *files, pod *Names, container, id string) claim {
	name := pod.Pod + "_" + pod.Namespace + "_" + container + "-" + id + ".log"
	c, ok := containerLog(name)
	if !ok {
		return claim{}
	}
	target, ok := f.target(l.dir, name)
	if !ok {
		return claim{}
	}
	if t, ok := logFile(target); ok {
		c = c.and(t)
	}
	return c
}

// inPod returns who has a container's id among the containers of a pod. Each of those has a
// directory in the pod's. That is one small directory, but another one for each pod: when many pods
// are asked for in a second, all links are read at once instead. A link that names another pod is
// nobody's: the directory has the uid, the link has not.
func (l *containerLogs) inPod(f *files, pod *claim, id string, now time.Time) claim {
	var c claim
	if now.Before(l.next) || now.Before(l.nextPod) {
		for _, d := range l.all(f, id, now) {
			if d.Namespace == pod.Namespace && d.Pod == pod.Pod {
				c = c.and(d)
			}
		}
		return c
	}
	l.nextPod = now.Add(retry)
	var containers []string
	f.list(podLogsDir+"/"+pod.Namespace+"_"+pod.Pod+"_"+pod.uid, func(name string) bool {
		if isLabel(name) {
			containers = append(containers, name)
		}
		return true
	})
	for _, name := range containers {
		c = c.and(l.of(f, &pod.Names, name, id))
	}
	return c
}

// ofUID returns who has a container's id in the pod of a uid, by what the links say.
func (l *containerLogs) ofUID(f *files, uid, id string, now time.Time) claim {
	var c claim
	for _, d := range l.all(f, id, now) {
		if d.uid == uid || d.Doubt != "" {
			c = c.and(d)
		}
	}
	return c
}

// all returns what each link of a container's id says.
func (l *containerLogs) all(f *files, id string, now time.Time) (all []claim) {
	for _, name := range l.ending(f, "-"+id+".log", now) {
		if n, ok := containerLog(name); ok {
			if c := l.of(f, &n.Names, n.Container, id); c.found {
				all = append(all, c)
			}
		}
	}
	return all
}

// containerLog reads POD_NAMESPACE_CONTAINER-ID.log.
func containerLog(name string) (c claim, ok bool) {
	const tail = 1 + 64 + len(".log")
	if len(name) > maxName || len(name) <= tail || !strings.HasSuffix(name, ".log") {
		return c, false
	}
	names, id := name[:len(name)-tail], name[len(name)-tail+1:len(name)-len(".log")]
	pod, rest, _ := strings.Cut(names, "_")
	namespace, container, _ := strings.Cut(rest, "_")
	if name[len(names)] != '-' || !ids.IsContainerID(id) || !isSubdomain(pod) || !isLabel(namespace) || !isLabel(container) {
		return c, false
	}
	c.found, c.Namespace, c.Pod, c.Container = true, namespace, pod, container
	return c, true
}

// logFile reads what a link in var/log/containers says, whatever directory that is in:
// NAMESPACE_POD_UID/CONTAINER/N.log, and of before 1.14 UID/CONTAINER/N.log and
// UID/CONTAINER_N.log.
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
		if !ids.IsPodUID(dir) {
			return c, false
		}
		c.found, c.uid = true, dir
	}
	c.Container = container
	c.RestartCount, _ = strconv.ParseInt(number, 10, 64)
	c.HasRestartCount = true
	return c, true
}
