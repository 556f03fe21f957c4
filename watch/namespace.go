// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The first namespaces of a machine have these names on every kernel (include/linux/proc_ns.h, 3.8;
// of cgroups 4.6).
const (
	firstPIDs    = "pid:[4026531836]"
	firstCgroups = "cgroup:[4026531835]"
)

// Narrowed reports whether only the processes, and only the cgroups, of a container are here. A
// container that has the machine's own directories mounted sees all of them, whatever its
// namespaces. Where the kernel does not say, neither is reported.
func (s System) Narrowed() (processes, cgroups bool) {
	return s.isApart("pid", firstPIDs) && !s.hasThreads(), s.isApart("cgroup", firstCgroups) && !s.hasRoot()
}

// isApart reports whether this process is in another namespace than the machine's first.
func (s System) isApart(kind, first string) bool {
	name, err := os.Readlink(filepath.Join(s.Proc, "self/ns", kind))
	return err == nil && name != first
}

// hasThreads reports whether proc shows the machine's second process, the parent of the kernel's
// threads.
func (s System) hasThreads() bool {
	name, err := read(filepath.Join(s.Proc, "2/comm"))
	return err == nil && string(bytes.TrimSpace(name)) == "kthreadd"
}

// hasRoot reports whether the hierarchy is mounted from its very root, which has other files than
// the cgroups below it: of version 1 release_agent, of version 2 no cgroup.events (4.5).
func (s System) hasRoot() bool {
	h, err := s.Hierarchy()
	if err != nil {
		return false
	}
	if h.Version == 1 {
		_, err := os.Stat(filepath.Join(h.Dir, "release_agent"))
		return err == nil
	}
	_, err = os.Stat(filepath.Join(h.Dir, "cgroup.events"))
	return os.IsNotExist(err)
}

// origins keeps what [System.findOrigin] found, by machine: it holds for as long as this process
// runs.
var origins sync.Map

// located returns the path of a process's cgroup in the hierarchy that is mounted. Proc has it from
// where this process's own namespace begins: /../a is beside that. It stays so where the hierarchy
// does not reach that far, or where its beginning is not found.
func (s System) located(cgroup string) string {
	found, ok := origins.Load(s)
	if !ok {
		found, _ = origins.LoadOrStore(s, s.findOrigin())
	}
	origin := found.(string)
	if origin == "" || cgroup == "" || leadsUp(cgroup) > strings.Count(origin, "/") {
		return cgroup
	}
	return path.Join(origin, cgroup)
}

// leadsUp is how many steps a path of a namespace begins with that lead up.
func leadsUp(cgroup string) (steps int) {
	for {
		rest, ok := strings.CutPrefix(cgroup, "/..")
		if !ok || rest != "" && rest[0] != '/' {
			return steps
		}
		steps++
		cgroup = rest
	}
}

// findOrigin finds where this process's namespace of cgroups begins, in the hierarchy that is
// mounted: "" where that is its root, or where it is not found. The cgroup that this process is in
// lists it, whatever it is called there.
func (s System) findOrigin() (origin string) {
	if !s.isApart("cgroup", firstCgroups) {
		return ""
	}
	h, err := s.Hierarchy()
	b, unread := read(filepath.Join(s.Proc, "self/cgroup"))
	if err != nil || unread != nil {
		return ""
	}
	own, self := strings.TrimSuffix(parseProcessCgroup(b), "/"), []byte(strconv.Itoa(os.Getpid()))
	if leadsUp(own) > 0 { // it has left where the namespace begins
		return ""
	}
	found := false
	h.Walk("/", func(cgroup string) {
		if found || !strings.HasSuffix(cgroup, own) {
			return
		}
		if b, err := read(filepath.Join(h.dir(cgroup), "cgroup.procs")); err == nil && slices.ContainsFunc(bytes.Fields(b), func(pid []byte) bool { return bytes.Equal(pid, self) }) {
			found, origin = true, strings.TrimSuffix(cgroup, own)
		}
	})
	return origin
}
