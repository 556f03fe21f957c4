// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// subject is whom a fact or a kill is about: what it may be joined by. What is not known is "" or
// false.
type subject struct {
	boot              string
	container, prefix string // id, or 12 and more of its characters
	path              string // of a cgroup
	pid, tgid         int64
	hasPID            bool
	comm              string
	unit, userUnit    string
	user              report.Int // whose manager's userUnit is
	invocation        string
	pod               string // uid
	podName           string // "namespace/name"
	podContainer      string // the name of a container in its pod
	job, step         string // of Slurm
}

// subjectOf returns the subject of a fact.
func subjectOf(f *witness.Fact) subject {
	k := &f.Keys
	s := subject{
		boot: f.At.BootID, container: k.ContainerID, prefix: k.ContainerPrefix, path: k.Cgroup,
		pid: k.PID, hasPID: k.HasPID, comm: k.Comm, unit: k.Unit, userUnit: k.UserUnit, user: k.UserID,
		invocation: k.Invocation, pod: k.PodUID, podContainer: k.ContainerName,
	}
	if k.PodName != "" && k.Namespace != "" {
		s.podName = k.Namespace + "/" + k.PodName
	}
	s.job, s.step, _ = strings.Cut(k.SlurmStep, ".")
	switch {
	case s.path != "":
		s.readPath()
	case s.unit != "":
		s.read(identity.Of("/" + s.unit)) // docker-ID.scope, kubepods-pod….slice
	}
	return s
}

// readPath adds whose the cgroup is.
func (s *subject) readPath() { s.read(identity.Of(s.path)) }

// read adds what the line itself does not say.
func (s *subject) read(id identity.Identity) {
	if s.container == "" && s.prefix == "" && !id.Monitor {
		s.container = id.ContainerID
	}
	if s.pod == "" {
		s.pod = id.PodUID
	}
	if s.job == "" && id.Scheduler == identity.Slurm {
		s.job, s.step = id.Job, id.Step
	}
}

// key is what two subjects have in common, the strongest first.
type key uint8

const (
	noKey key = iota
	byContainer
	byCgroup
	byPID
	byUnit
	byParent // one is a slice or a manager that holds the other
	byPod
	byStep
)

// joins returns what says that both subjects are about one death, as far as that can be said
// without the time. What both say and what differs forbids it, whatever else is equal.
// Whatever joins has a mark by which the other one is found: see [subject.wanted].
func (s *subject) joins(o *subject) key {
	if differ(s.boot, o.boot) || differ(s.invocation, o.invocation) && s.unit == o.unit && s.userUnit == o.userUnit {
		return noKey
	}
	if s.hasContainer() && o.hasContainer() {
		if s.sameContainer(o) {
			return byContainer
		}
		return noKey
	}
	if differ(s.pod, o.pod) || differ(s.podName, o.podName) {
		return noKey
	}
	if s.path != "" && o.path != "" {
		if isWithin(s.path, o.path) || isWithin(o.path, s.path) {
			if s.hasPID && o.hasPID && !s.samePID(o) {
				return noKey
			}
			return byCgroup
		}
		return noKey
	}
	if s.hasPID && o.hasPID {
		if s.samePID(o) {
			return byPID
		}
		return noKey
	}
	if k := s.sameUnit(o); k != noKey {
		return k
	}
	switch {
	case s.pod != "" && s.pod == o.pod, s.podName != "" && s.podName == o.podName:
		if differ(s.podContainer, o.podContainer) {
			return noKey
		}
		return byPod
	case s.job != "" && s.job == o.job && !differ(s.step, o.step):
		return byStep
	}
	return noKey
}

// differ reports whether two values are both known, and not equal.
func differ(a, b string) bool { return a != b && a != "" && b != "" }

func (s *subject) hasContainer() bool { return s.container != "" || s.prefix != "" }

// leastPrefix is how many characters of a container's id name it.
const leastPrefix = 12

func (s *subject) sameContainer(o *subject) bool {
	a, b := s.container, o.container
	if a != "" && b != "" {
		return a == b
	}
	if a == "" {
		a = s.prefix
	}
	if b == "" {
		b = o.prefix
	}
	return len(a) >= leastPrefix && len(b) >= leastPrefix && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// isWithin reports whether a path is the other one or below it.
func isWithin(path, above string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(above, "/"))
	return ok && above != "/" && (rest == "" || rest[0] == '/')
}

// kernelName returns the name of a process as the kernel has it: 15 bytes at most.
func kernelName(comm string) string { return comm[:min(len(comm), 15)] }

// samePID reports whether both name one process: its pid, and its name where both have it.
func (s *subject) samePID(o *subject) bool {
	if s.pid != o.pid && (s.tgid == 0 || s.tgid != o.pid) && (o.tgid == 0 || o.tgid != s.pid) {
		return false
	}
	return !differ(kernelName(s.comm), kernelName(o.comm))
}

// sameUnit compares units with each other and with cgroup paths.
func (s *subject) sameUnit(o *subject) key {
	switch {
	case s.unit == "" && s.userUnit == "" || o.unit == "" && o.userUnit == "":
		if s.inUnit(o) || o.inUnit(s) {
			return byUnit
		}
		return noKey
	case s.userUnit != "" && s.userUnit == o.userUnit && s.sameUser(o):
		return byUnit
	case s.unit != "" && s.unit == o.unit:
		return byUnit
	case s.holds(o), o.holds(s):
		return byParent
	}
	return noKey
}

// inUnit reports whether the path of s is in the unit of o.
func (s *subject) inUnit(o *subject) bool {
	if s.path == "" {
		return false
	}
	if o.userUnit != "" {
		uid, isUsers := managerIn(s.path)
		return isUsers && (!o.user.OK || uid == itoa(o.user.V)) && hasPart(s.path, o.userUnit)
	}
	return o.unit != "" && hasPart(s.path, o.unit)
}

// sameUser reports whether two units may be of one user's manager. The tag of a syslog line does
// not say whose the manager is.
func (s *subject) sameUser(o *subject) bool { return s.user == o.user || !s.user.OK || !o.user.OK }

// managerIn returns the uid of the user whose manager a path is below.
func managerIn(path string) (uid string, ok bool) {
	_, rest, _ := strings.Cut(path, "/user@")
	uid, _, ok = strings.Cut(rest, ".service/")
	return uid, ok && !strings.Contains(uid, "/")
}

// hasPart reports whether a path has a component of that name.
func hasPart(path, name string) bool {
	for {
		_, rest, ok := strings.Cut(path, "/"+name)
		if !ok {
			return false
		}
		if rest == "" || rest[0] == '/' {
			return true
		}
		path = rest
	}
}

// mayHold reports whether a subject may hold any other one's unit: see [subject.holds].
func (s *subject) mayHold() bool {
	const slice = ".slice"
	return strings.HasSuffix(s.userUnit, slice) || strings.HasSuffix(s.unit, slice) || strings.HasPrefix(s.unit, "user-") || strings.HasPrefix(s.unit, "user@")
}

// holds reports whether the unit of s may hold that of o, by their names: a slice holds units, and
// slices whose names begin with its own; the slice and the manager of a user hold the user's units.
func (s *subject) holds(o *subject) bool {
	const slice = ".slice"
	if s.userUnit != "" {
		return strings.HasSuffix(s.userUnit, slice) && o.userUnit != "" && s.sameUser(o) && !isSliceOther(s.userUnit, o.userUnit)
	}
	name, isSlice := strings.CutSuffix(s.unit, slice)
	ofUsers := s.unit == "user"+slice || strings.HasPrefix(s.unit, "user-") || strings.HasPrefix(s.unit, "user@")
	if o.userUnit != "" {
		uid := itoa(o.user.V)
		return ofUsers && (!o.user.OK || s.unit == "user"+slice || s.unit == "user-"+uid+slice || s.unit == "user@"+uid+".service")
	}
	if !isSlice {
		return false
	}
	if ofUsers {
		if uid, ok := strings.CutPrefix(name, "user-"); ok {
			return o.unit == "user@"+uid+".service" || strings.HasPrefix(o.unit, "session-")
		}
		return strings.HasPrefix(o.unit, "user-") || strings.HasPrefix(o.unit, "user@") || strings.HasPrefix(o.unit, "session-")
	}
	return !isSliceOther(s.unit, o.unit) && !strings.HasPrefix(o.unit, "user@") && !strings.HasPrefix(o.unit, "session-")
}

// isSliceOther reports whether the unit is a slice that the slice does not hold.
func isSliceOther(slice, unit string) bool {
	name := strings.TrimSuffix(slice, ".slice")
	return strings.HasSuffix(unit, ".slice") && (name == "-" || !strings.HasPrefix(unit, name+"-"))
}
