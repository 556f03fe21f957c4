// SPDX-License-Identifier: Apache-2.0

// Package workload finds the names of what a cgroup path gives ids of: the pod of a uid, the
// container of an id, the user of a number. It reads the files that the node's own programs keep
// (kubelet, containerd, CRI-O, Docker, Podman, Nomad), without an API and without rights but
// reading.
//
// A name is given only where the file that has it also has the uid or the id, and where it is a
// name by the rules of Kubernetes or of the runtime. What is not found is absent: a uid of another
// machine is found nowhere, and nothing is said about it.
//
// All files are below one root and read through [os.Root]: no symbolic link leads out of it. Only
// regular files are opened, and none stays open. A file, a directory and the memory of answers are
// bounded: see docs/names.md of this repository.
package workload

import (
	"fmt"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Query says of what the names are wanted.
type Query = report.Workload

// Names are the names that were found.
type Names = report.Names

// Options are the settings of a resolver.
type Options struct {
	// Root is the directory that the node's files are below; "" means "/".
	Root string
	// Setting is what the error of [New] calls the root; "" means "root_path".
	Setting string
}

// Resolver looks names up. It is safe for use by several goroutines at once. A nil Resolver finds
// nothing.
type Resolver struct {
	// disk is held while files are read, by [Resolver.read]: one look-up reads at a time.
	disk  sync.Mutex
	files *files // nil where the root cannot be read
	pods  *podLogs
	links *containerLogs
	// stored are what containers/storage lists, users what passwd lists, machines what libvirt
	// runs.
	stored   *stored
	users    *users
	machines *machines

	// The answers of before, by uid and by id.
	podNames       *cache
	containerNames *cache

	now func() time.Time
}

// New returns a resolver of the files below the root. Its error names the setting, its value and
// what to do when the root cannot be read. The resolver is of use nevertheless: it finds nothing.
func New(o Options) (*Resolver, error) {
	if o.Root == "" {
		o.Root = "/"
	}
	if o.Setting == "" {
		o.Setting = "root_path"
	}
	r := &Resolver{
		pods: newPodLogs(), links: newContainerLogs(), stored: &stored{}, users: &users{}, machines: newMachines(),
		podNames: newCache(maxAnswers), containerNames: newCache(maxAnswers), now: time.Now,
	}
	f, err := newFiles(o.Root)
	if err != nil {
		return r, fmt.Errorf("%s: %q: %w: mount the node's files there, readable, or switch names off", o.Setting, o.Root, err)
	}
	r.files = f
	return r, nil
}

// Lookup returns the names that the node's files have now, or had when they were last read.
func (r *Resolver) Lookup(q Query) Names {
	if r == nil || r.files == nil {
		return Names{}
	}
	now := r.now()
	var pod, container claim
	if !ids.IsPodUID(q.PodUID) {
		q.PodUID = ""
	}
	if ids.IsContainerID(q.ContainerID) {
		var known bool
		if container, known = r.containerNames.get(q.ContainerID, now); !known {
			container = r.readContainer(q.ContainerID, q.PodUID, now)
		}
	}
	if q.PodUID != "" {
		var known bool
		if pod, known = r.podNames.get(q.PodUID, now); !known {
			pod = r.readPod(q.PodUID, now)
		}
	}
	n := join(q, pod, container)
	lxcName(q, &n)
	if q.Machine != "" || q.UserID != "" || q.Scheduler == "nomad" {
		defer r.read()()
		n.Machine = r.machines.name(r.files, q.Machine, now)
		n.User = r.users.name(r.files, q.UserID, now)
		nomadTask(r.files, q, &n)
	}
	return n
}

// read waits until nobody else reads files, and returns what ends the reading.
func (r *Resolver) read() (end func()) {
	r.disk.Lock()
	return func() {
		r.files.close()
		r.disk.Unlock()
	}
}

// readPod returns who has a pod's uid, by the directories of the kubelet. The first one who has it
// keeps it; what is not found is asked for again after [retry].
func (r *Resolver) readPod(uid string, now time.Time) claim {
	defer r.read()()
	return r.podOf(uid, now)
}

func (r *Resolver) podOf(uid string, now time.Time) claim {
	pod, known := r.podNames.get(uid, now)
	if !known {
		pod = r.podNames.put(uid, r.pods.pod(r.files, uid, now), now)
	}
	return pod
}

// readContainer returns who has a container's id in the pod of a uid, or in none where that is "".
// Its runtime is asked first: only root writes to the runtime's files, and they are found by the
// id. Where none of them is there, the kubelet's directories say it of a pod: var/log/pods, which
// recent kubelets let only root list, or the links alone. A container outside of pods is in no
// link, whoever made one. A pod whose container was found is known from then on.
func (r *Resolver) readContainer(id, uid string, now time.Time) claim {
	defer r.read()()
	if known, ok := r.containerNames.get(id, now); ok { // another look-up has read it meanwhile
		return known
	}
	c := r.runtime(id, uid, now)
	switch {
	case c.Pod != "":
		if !c.HasRestartCount && c.Container != "" {
			if l := r.links.of(r.files, &c.Names, c.Container, id); l.uid == c.uid {
				c.RestartCount, c.HasRestartCount = l.RestartCount, l.HasRestartCount
			}
		}
	case uid != "":
		if pod := r.podOf(uid, now); pod.Pod != "" {
			c = c.and(r.links.inPod(r.files, &pod, id, now))
		} else {
			c = c.and(r.links.ofUID(r.files, uid, id, now))
		}
	}
	if c.Pod != "" && c.uid == uid && uid != "" {
		if pod, known := r.podNames.get(uid, now); !known || !pod.found {
			r.podNames.put(uid, claim{found: true, uid: uid, Names: Names{Namespace: c.Namespace, Pod: c.Pod}}, now)
		}
	}
	return r.containerNames.put(id, c, now)
}

// runtime returns what a container's runtime has of its id. Names of a pod that are labels of
// Docker count for the pod of this uid alone: an image can bring labels of its own.
func (r *Resolver) runtime(id, uid string, now time.Time) claim {
	for _, source := range [...]func(*files, string) claim{containerd, crio} {
		if c := source(r.files, id); c.found {
			return c
		}
	}
	c := docker(r.files, id)
	if !c.found {
		return r.stored.container(r.files, id, now)
	}
	if uid == "" || c.uid != uid {
		c.unlabel()
	}
	return c
}
