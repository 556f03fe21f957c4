// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// sliceMeaning reads what a slice is beyond a slice: a user's, or part of Kubernetes' tree. Slices
// of Kubernetes are named ROOT-kubepods[-QOS][-podUID].slice, ROOT being the node's own cgroup.
func (w *walk) sliceMeaning(name string) {
	if w.kubepods {
		w.kubepodsSlice(name)
		return
	}
	if w.id.User == "" && (name == "kubepods.slice" || strings.HasSuffix(name, "-kubepods.slice")) {
		w.at, w.kubepods = inKubepods, true
		return
	}
	if task, ok := between(name, "ecstasks-", ".slice"); ok && isECSTask(task) {
		w.id.Scheduler, w.id.Task = ECS, task
	}
	if uid, ok := between(name, "user-", ".slice"); ok && isNumber(uid) {
		w.id.User, w.id.Level = uid, LevelUser
	}
}

// kubepodsSlice reads a slice inside Kubernetes' tree, a child of the slice above it.
func (w *walk) kubepodsSlice(name string) {
	last := name[strings.LastIndexByte(name, '-')+1 : len(name)-len(".slice")]
	if (last == Burstable || last == BestEffort) && w.id.QoS == "" {
		w.id.QoS, w.id.Level = last, LevelQoS
		return
	}
	w.at = untrusted
	if uid, ok := strings.CutPrefix(last, "pod"); ok {
		w.pod(uid, '_')
	}
}

// kubepodsChild reads a name in Kubernetes' tree above the pods.
func (w *walk) kubepodsChild(name string) {
	if w.slice != "" {
		if w.at = untrusted; w.enterSlice(name) {
			w.at = inKubepods
			if w.id.Unit == "" {
				w.id.Slice = name
			}
			w.kubepodsSlice(name)
		}
		return
	}
	if (name == Burstable || name == BestEffort) && w.id.QoS == "" {
		w.id.QoS, w.id.Level = name, LevelQoS
		return
	}
	w.at = untrusted
	if uid, ok := strings.CutPrefix(name, "pod"); ok {
		w.pod(uid, '-')
	}
}

// pod records a pod: its uid with sep between the groups, or the 32 hex digits of a static pod.
func (w *walk) pod(uid string, sep byte) {
	switch {
	case ids.IsUUID(uid, sep):
		w.id.PodUID = uid
		if sep != '-' {
			w.id.PodUID = strings.ReplaceAll(uid, string(rune(sep)), "-")
		}
	case ids.IsHexOf(uid, 32):
		w.id.PodUID, w.id.StaticPod = uid, true
	default:
		w.id.QoS = ""
		return
	}
	if w.id.QoS == "" {
		w.id.QoS = Guaranteed
	}
	w.id.Level, w.at = LevelPod, inPod
}

// podChild reads a container of a pod.
func (w *walk) podChild(name string) {
	switch {
	case ids.IsContainerID(name):
		w.container(name, "")
	case w.containerName(name):
		if w.slice != "" && isUnit(name) && w.id.Unit == "" {
			w.id.Unit = unitName(name)
		}
	default:
		w.at = untrusted
	}
}

// misplacedPod reads SLICE:PREFIX:ID, the one directory that a runtime makes when kubelet speaks
// the systemd driver's language to it and it does not:
// "kubepods-burstable-podUID.slice:cri-containerd:ID".
func (w *walk) misplacedPod(name string) bool {
	slice, scope, ok := strings.Cut(name, ":")
	prefix, id, ok2 := strings.Cut(scope, ":")
	if !ok || !ok2 || !ids.IsContainerID(id) {
		return false
	}
	rest, ok := between(slice, "kubepods-", ".slice")
	if !ok {
		return false
	}
	qos := ""
	for _, class := range [...]string{Burstable, BestEffort} {
		if r, ok := strings.CutPrefix(rest, class+"-"); ok {
			qos, rest = class, r
		}
	}
	uid, ok := strings.CutPrefix(rest, "pod")
	if !ok {
		return false
	}
	before := w.id
	w.id.QoS = qos
	if w.pod(uid, '_'); w.id.PodUID == "" {
		w.id = before
		return false
	}
	runtime := ""
	switch prefix {
	case "cri-containerd":
		runtime = Containerd
	case "crio":
		runtime = CRIO
	case "docker":
		runtime = Docker
	}
	w.container(id, runtime)
	return true
}

// nodeService reports whether the unit is one that runs pods below itself.
func (w *walk) nodeService() bool {
	switch w.id.Unit {
	case "containerd.service", "docker.service", "crio.service", "kubelet.service", "k3s.service", "k3s-agent.service",
		"rke2-server.service", "rke2-agent.service", "k0scontroller.service", "k0sworker.service":
		return w.id.User == ""
	}
	return false
}
