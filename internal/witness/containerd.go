// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Containerd is the name of containerd as a writer.
const Containerd = "containerd"

// containerdProgram reads what the CRI plugin says of containers: which saw an OOM kill, which
// exited, which it killed after the grace period (containerd, internal/cri/server; before 2.0
// pkg/cri/server):
//
//	1.2-1.6  TaskOOM event &TaskOOM{ContainerID:ID,XXX_unrecognized:[],}
//	1.7+     TaskOOM event container_id:"ID"
//	1.2-1.6  TaskExit event &TaskExit{ContainerID:ID,ID:ID,Pid:N,ExitStatus:137,ExitedAt:…,XXX_…}
//	1.6.37+  received exit event container_id:"ID" id:"ID" pid:N exit_status:137 exited_at:{…}
//	2.1.5+   received container exit event …
//	1.2+     Kill container "ID"
//
// Two fields have one or two blanks between them: the build decides (google.golang.org/protobuf,
// internal/detrand). Before 2.0 the sandbox (the pause container) has the same exit line. Each
// stop of a pod kills it with 137, and "StopPodSandbox for" says so before.
//
// Before 1.5.18 and 1.6.10, and on cgroup v1, TaskOOM says that a limit was hit: perhaps nothing
// was killed. The id may be that of the sandbox.
var containerdProgram = program{
	name:     Containerd,
	author:   &containerdAuthor,
	units:    k3sUnits,
	triggers: []string{"TaskOOM "},
	deaths: []string{
		"atus:137", // exit_status:137, ExitStatus:137
		"Kill con", // Kill container
		"StopPodS", // StopPodSandbox for
		"Stop con", // Stop container … with signal
	},
	new: func() Reader { return new(containerdLog) },
}

// containerdAuthor has the programs that start containerd as their child too. k3s and RKE2 are no
// services that prove it.
var containerdAuthor = daemon{
	names: []string{
		Containerd, Dockerd, "k3s", "k3s-agent", "rke2", "rke2-server", "rke2-agent",
	},
	comms:      []string{Containerd, Dockerd, "k3s", "k3s-server", "k3s-agent", "rke2"},
	units:      []string{"containerd.service"},
	transports: []string{"stdout"},
}

// k3sUnits are k3s and RKE2, which run containerd and the kubelet.
var k3sUnits = []string{"k3s.service", "k3s-agent.service", "rke2-server.service", "rke2-agent.service"}

// containerdLog reads containerd's lines. It remembers the last sandboxes and containers that were
// told to stop.
type containerdLog struct {
	sandboxes, stopped recentIDs
	one                [1]Fact
}

// recentIDs are the last ids that were added.
type recentIDs struct {
	ids  [64]string
	next uint8
}

func (r *recentIDs) add(id string) {
	if !r.has(id) {
		r.ids[r.next] = strings.Clone(id)
		r.next = (r.next + 1) % uint8(len(r.ids))
	}
}

func (r *recentIDs) has(id string) bool {
	for _, known := range &r.ids {
		if known == id {
			return true
		}
	}
	return false
}

// containerdStopHold is how long the end of what was told to stop is waited for over a restart. A
// pod's grace period may be longer.
const containerdStopHold = time.Minute

// Clone returns an independent copy.
func (c *containerdLog) Clone() Reader {
	return &containerdLog{sandboxes: c.sandboxes, stopped: c.stopped}
}

// Read returns what a line says.
func (c *containerdLog) Read(l *Line) []Fact {
	ok, verified := containerdAuthor.wrote(l)
	if !ok {
		return nil
	}
	entry := readLogrus(l.Text)
	f := c.event(entry.Msg, l)
	if f.Kind == None {
		return nil
	}
	f.Writer, f.VictimKind = Containerd, VictimContainer
	f.InnerTime, f.Verified = entry.at(), verified
	c.one[0] = f
	return c.one[:]
}

// event reads the message of a line.
func (c *containerdLog) event(msg string, l *Line) Fact {
	for _, event := range [...]string{
		"TaskExit event ", "received exit event ", "received container exit event ",
	} {
		if text, ok := strings.CutPrefix(msg, event); ok {
			return c.exit(text)
		}
	}
	if text, ok := strings.CutPrefix(msg, "TaskOOM event "); ok {
		id := oomContainer(text)
		if !ids.IsContainerID(id) {
			return Fact{}
		}
		return Fact{Kind: Observation, Killer: Kernel, Keys: Keys{ContainerID: id}}
	}
	if text, ok := strings.CutPrefix(msg, `StopPodSandbox for "`); ok {
		if id, _, _ := strings.Cut(text, `"`); ids.IsContainerID(id) {
			c.sandboxes.add(id)
			l.keep(containerdStopHold)
		}
		return Fact{}
	}
	if text, ok := strings.CutPrefix(msg, `Stop container "`); ok {
		if id, _, _ := strings.Cut(text, `"`); ids.IsContainerID(id) {
			c.stopped.add(id)
			l.keep(containerdStopHold)
		}
		return Fact{}
	}
	if id, ok := between(msg, `Kill container "`, `"`); ok && ids.IsContainerID(id) {
		f := Fact{
			Kind: Sent, Signal: sigkill, Keys: Keys{ContainerID: id}, Sender: requester(&l.Author, Containerd),
		}
		if c.stopped.has(id) {
			f.Reason = reasonStop
		}
		return f
	}
	return Fact{}
}

// oomContainer returns the container of a TaskOOM event, "" where the event has another form.
func oomContainer(s string) string {
	if id, ok := between(s, `container_id:"`, `"`); ok {
		return id
	}
	id, rest, _ := strings.Cut(strings.TrimPrefix(s, "&TaskOOM{ContainerID:"), ",")
	if !strings.HasSuffix(rest, "}") {
		return ""
	}
	return id
}

// exit returns the death of a container's first process by SIGKILL. What was run in it beside
// (exec) has an id of its own.
func (c *containerdLog) exit(s string) Fact {
	e, ok := readExit(s)
	if !ok || e.status != 137 || e.container != e.id || !ids.IsContainerID(e.id) ||
		c.sandboxes.has(e.id) {
		return Fact{}
	}
	return Fact{
		Kind: Death, Signal: sigkill, ExitCode: report.Some(e.status),
		Keys: Keys{ContainerID: e.id, PID: e.pid, HasPID: e.pid > 0},
	}
}

type taskExit struct {
	container, id string
	pid, status   int64
}

// readExit reads a TaskExit event with a status, in both of its forms.
func readExit(s string) (e taskExit, ok bool) {
	names := [...]string{`container_id:"`, `id:"`, "pid:", "exit_status:"}
	quote, gap := `"`, " "
	if text, gogo := strings.CutPrefix(s, "&TaskExit{"); gogo { // 1.6 and before
		names = [...]string{"ContainerID:", "ID:", "Pid:", "ExitStatus:"}
		s, quote, gap = text, "", ","
	}
	cut := func(name, end string) (value string) {
		s = strings.TrimLeft(s, " ")
		rest, has := strings.CutPrefix(s, name)
		value, after, ends := strings.Cut(rest, end)
		ok = ok && has && (ends || end == " ")
		s = after
		return value
	}
	number := func(name string) (n int64) {
		n, whole := wholeNumber(cut(name, gap))
		ok = ok && whole
		return n
	}
	ok = true
	e.container = cut(names[0], quote+gap)
	e.id = cut(names[1], quote+gap)
	e.pid = number(names[2])
	e.status = number(names[3])
	return e, ok
}
