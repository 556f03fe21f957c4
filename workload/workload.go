// SPDX-License-Identifier: Apache-2.0

// Package workload finds the names of what a cgroup path gives ids of: the pod of a uid, the
// container of an id, the user of a number. It reads the files that the node's own programs keep
// (kubelet, containerd, CRI-O, Docker, Podman, Nomad), without an API and without rights but reading.
//
// A name is given only where the file that has it also has the uid or the id, and where it is a
// name by the rules of Kubernetes or of the runtime. What is not found is absent: a uid of another
// machine is found nowhere, and nothing is said about it.
//
// All files are below one root and read through [os.Root]: no symbolic link leads out of it. Only
// regular files are opened, and a file, a directory and the memory of answers are bounded: see
// docs/names.md of this repository.
package workload

import (
	"fmt"
	"sync"
	"time"

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
	// disk is held while files are read: one look-up reads at a time.
	disk  sync.Mutex
	files *files // nil where the root cannot be read
	pods  *podLogs
	links *containerLogs
	// stored are what containers/storage lists, users what passwd lists, machines what libvirt runs.
	stored   *stored
	users    *users
	machines *machines

	// The answers of before, by uid and by id.
	podNames       *cache[claim]
	containerNames *cache[claim]

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
		podNames: newCache[claim](maxAnswers), containerNames: newCache[claim](maxAnswers), now: time.Now,
	}
	f, err := openRoot(o.Root)
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
	if isUID(q.PodUID) {
		pod = r.remembered(r.podNames, q.PodUID, now, r.readPod)
	}
	if isContainerID(q.ContainerID) {
		container = r.remembered(r.containerNames, q.ContainerID, now, r.readContainer)
	}
	n := join(q, pod, container)
	lxcName(q, &n)
	if q.Machine != "" || q.UserID != "" || q.Scheduler == "nomad" {
		r.disk.Lock()
		defer r.disk.Unlock()
		n.Machine = r.machines.name(r.files, q.Machine, now)
		n.User = r.users.name(r.files, q.UserID, now)
		nomadTask(r.files, q, &n)
	}
	return n
}

// remembered returns what is known of a key, and reads it where nothing is. What was found is kept:
// the first one who claims a uid has it. What was not found is asked for again after [retry].
func (r *Resolver) remembered(c *cache[claim], key string, now time.Time, read func(string, time.Time) claim) claim {
	if known, ok := c.get(key, now); ok {
		return known
	}
	r.disk.Lock()
	defer r.disk.Unlock()
	if known, ok := c.get(key, now); ok { // another look-up read it meanwhile
		return known
	}
	found := read(key, now)
	var until time.Time
	if !found.whole() {
		until = now.Add(retry)
	}
	return c.put(key, found, until)
}

// readPod reads who has a uid.
func (r *Resolver) readPod(uid string, now time.Time) claim { return r.pods.pod(r.files, uid, now) }

// readContainer reads who has a container's id: its runtime, and the kubelet.
func (r *Resolver) readContainer(id string, now time.Time) claim {
	c := r.links.container(r.files, id, now)
	for _, source := range [...]func(*files, string) claim{containerd, crio, docker} {
		c = c.and(source(r.files, id))
	}
	if !c.found {
		c = c.and(r.stored.container(r.files, id, now))
	}
	return c
}
