// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/oomtrail/oomtrail/internal/ids"

// place is what stands above the component that is read next: it decides what
// its name may mean.
type place uint8

const (
	atRoot      place = iota // the root of the hierarchy
	inSlice                  // a slice of the system's service manager
	inDirectory              // a directory that root made without systemd
	inKubepods               // Kubernetes' own tree, above the pods
	inPod                    // a pod
	inUser                   // a user's service manager
	inUnit                   // a unit that may hold more, see [walk.unitChild]
	inContainer              // a container, or what a machine runs: handled by its caller
	untrusted                // nothing below can be believed, or means anything
)

// walk reads a path component by component.
type walk struct {
	id Identity
	at place
	// dir is the directory above, where systemd did not make it; depth counts those.
	dir   string
	depth int
	// slice is the slice above, of whichever manager made it; "" right below the manager.
	slice string
	// kubepods is true inside Kubernetes' tree.
	kubepods bool
}

// enter goes one component down.
func (w *walk) enter(name string) {
	w.id.Level = LevelOther
	if name == "." || name == ".." {
		w.at = untrusted
		return
	}
	switch w.at {
	case atRoot, inSlice:
		w.systemChild(name)
	case inDirectory:
		w.directoryChild(name)
	case inKubepods:
		w.kubepodsChild(name)
	case inPod:
		w.podChild(name)
	case inUser:
		w.userChild(name)
	case inUnit:
		w.unitChild(name)
	default:
		w.at = untrusted
	}
}

// systemChild reads a name at the root or in a slice of the system's manager.
func (w *walk) systemChild(name string) {
	switch {
	case w.enterSlice(name):
		w.id.Slice = name
		w.sliceMeaning(name)
	case isUnit(name):
		w.enterUnit(unitName(name))
	case w.nomadPartition(name):
	case w.at == atRoot:
		w.topDirectory(name)
	default:
		w.at = untrusted
	}
}

// topDirectory reads a directory at the root that systemd did not make.
func (w *walk) topDirectory(name string) {
	w.at, w.dir, w.depth = inDirectory, name, 1
	switch {
	case name == "user": // a login manager of before systemd hands these to their users
		w.at = untrusted
	case ids.IsContainerID(name):
		w.container(name, "")
	case w.containerName(name), w.lxcName(name), w.misplacedPod(name):
	case name == "kubepods":
		w.at, w.kubepods = inKubepods, true
	}
}

// directoryChild reads a name in a directory that root made without systemd. A manager of
// containers has one such directory: whose those further down are is unknown, but for a scheduler's
// and a machine's.
func (w *walk) directoryChild(name string) {
	parent := w.dir
	w.dir = name
	w.depth++
	switch {
	case w.schedulerChild(parent, name):
	case w.machineDirectory(parent, name):
	case w.depth > 2:
	case name == "kubepods":
		w.at, w.kubepods = inKubepods, true
	case parent == "lxc" || parent == "lxc.payload" || parent == "lxc.monitor":
		w.container(name, LXC)
		w.id.Monitor = parent == "lxc.monitor"
	case ids.IsContainerID(name):
		w.container(name, directoryRuntime(parent))
	case w.containerName(name), w.misplacedPod(name):
	case parent == "system" && isUnit(name): // systemd before 205
		w.enterUnit(unitName(name))
	}
}

// unitChild reads a name below a unit. Whom the unit's owner lets make directories there is
// unknown, so only the units of container and job managers have children that mean something.
func (w *walk) unitChild(name string) {
	switch {
	case w.id.Scheduler == Slurm && w.slurmChild(name):
	case w.id.Machine != "":
		w.id.Level = LevelMachine
		if w.at = untrusted; name == "payload" {
			w.at = inContainer
		}
	case w.nodeService() && (name == "kubepods" || name == "kubepods.slice"):
		w.at, w.kubepods, w.slice = inKubepods, true, ""
		if name == "kubepods.slice" {
			w.slice = name
		}
	case w.nodeService() && w.misplacedPod(name):
	case w.splitPodman(name):
	default:
		w.at = untrusted
	}
}
