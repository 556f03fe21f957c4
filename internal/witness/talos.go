// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// talosProgram reads the OOM controller of Talos Linux, which kills a pod's or container's cgroup
// by cgroup.kill. It writes into the kernel's log through /dev/kmsg, with facility 1 (machined's
// OOMController of 1.12 and 1.13).
//
//	[talos] Sending SIGKILL to cgroup {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/…", …}
//	[talos] victim processes: {"controller": "runtime.OOMController", "processes": […], …}
//	[talos] failed to send SIGKILL {"controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/…", …}
//
// The first line is written before the deed. A list of processes that is empty says that there was
// nobody to kill.
var talosProgram = program{
	name: "talos",
	triggers: []string{
		"ng SIGKI", // Sending SIGKILL to cgroup
		"victim p", // victim processes:
		"end SIGK", // failed to send SIGKILL
	},
	new: Func(readTalos).New,
}

func readTalos(l *Line) Fact {
	switch l.Author.Program {
	case "", "kernel", "talos":
	default:
		return Fact{}
	}
	if l.At.Origin == report.OriginKernel || l.Author.Comm != "" || l.Author.Unit != "" { // Talos has no journal
		return Fact{}
	}
	text := l.Text
	if strings.HasPrefix(text, "user: ") { // talosctl dmesg: "user: warning: [TIME]: [talos] …"
		_, text, _ = strings.Cut(text, "]: ")
	}
	v := values{rest: text}
	v.word("[talos] ")
	said := v.until(" {")
	var about struct {
		Controller string
		Cgroup     string
		Processes  *[]json.RawMessage
	}
	if v.bad || json.Unmarshal([]byte("{"+v.rest), &about) != nil || about.Controller != "runtime.OOMController" {
		return Fact{}
	}
	f := Fact{Writer: "talos"}
	f.Keys.Cgroup = cgroupPath(about.Cgroup)
	switch {
	case said == "Sending SIGKILL to cgroup" && f.Keys.Cgroup != "":
		f.Kind, f.Outcome, f.Hold = Decision, OutcomeAnnounced, 5*time.Second
		f.Signal, f.VictimKind = sigkill, victimOf(f.Keys.Cgroup)
	case said == "victim processes:" && about.Processes != nil && len(*about.Processes) == 0,
		said == "failed to send SIGKILL":
		f.Kind, f.Outcome = Outcome, OutcomeFailed
	default:
		return Fact{}
	}
	return f
}

// victimOf returns what a cgroup is: that of a pod, of a container below it, or of something else.
func victimOf(cgroup string) string {
	switch id := identity.Of(cgroup); {
	case id.ContainerID != "":
		return VictimContainer
	case id.PodUID != "":
		return VictimPod
	}
	return VictimCgroup
}
