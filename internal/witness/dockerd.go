// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// Dockerd is the name of Docker's daemon as a writer.
const Dockerd = "dockerd"

// dockerdProgram reads which containers did not stop by the signal that they were sent, so that
// SIGKILL follows (moby, daemon/stop.go, daemon/kill.go). dockerd has no line about OOM.
//
//	-1.10      Container ID failed to exit within 10 seconds of SIGTERM - using the force
//	-20.10.26  Container ID failed to exit within 10 seconds of signal 15 - using the force
//	-20.10.26  Container ID failed to exit within 10 seconds of kill - trying direct SIGKILL
//	20.10.27+  Container failed to exit within 10s of signal 15 - using the force  container=ID
//	20.10.27+  Container failed to exit within 10s of kill - trying direct SIGKILL  container=ID
//
// Debian's 20.10.24 writes as 20.10.27.
//
// A process that was run beside the container's own (exec) has a line with "process": it is no
// death of the container.
var dockerdProgram = program{
	name:   Dockerd,
	author: &dockerdAuthor,
	deaths: []string{
		"he force", // using the force
		"t SIGKIL", // trying direct SIGKILL
	},
	new: Func(readDockerd).New,
}

var dockerdAuthor = daemon{
	names:      []string{Dockerd, "dockerd-current", "docker.dockerd", "docker"}, // RHEL 7, snap, before 1.12
	comms:      []string{Dockerd, "dockerd-current", "docker"},
	units:      []string{"docker.service"},
	transports: []string{"stdout"},
}

func readDockerd(l *Line) Fact {
	ok, verified := dockerdAuthor.wrote(l)
	if !ok {
		return Fact{}
	}
	entry := readLogrus(l.Text)
	who, how, ok := strings.Cut(entry.Msg, " failed to exit within ")
	if !ok {
		return Fact{}
	}
	if who == "Container" {
		who = "Container " + entry.Container
	}
	id := strings.TrimPrefix(who, "Container ")
	f := Fact{
		Kind: Sent, Writer: Dockerd, VictimKind: VictimContainer, Signal: sigkill,
		Sender: requester(&l.Author, Dockerd), InnerTime: entry.at(), Verified: verified,
	}
	switch {
	case ids.IsContainerID(id):
		f.Keys.ContainerID = id
	case ids.IsHexOf(id, 12):
		f.Keys.ContainerPrefix = id
	default:
		return Fact{}
	}
	_, how, _ = strings.Cut(how, " of ")
	switch signal, force := strings.CutSuffix(how, " - using the force"); {
	case how == "kill - trying direct SIGKILL": // docker kill, or the end of docker stop
	case force && (strings.HasPrefix(signal, "signal ") || strings.HasPrefix(signal, "SIG")):
		f.Reason = reasonStop
	default:
		return Fact{}
	}
	return f
}
