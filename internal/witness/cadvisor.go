// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strconv"
	"strings"
)

// Cadvisor is the writer of what cadvisor says, by itself or as a part of the kubelet.
const Cadvisor = "cadvisor"

var cadvisorProgram = program{
	name: Cadvisor, triggers: []string{"an OOM e"},
	new: Func(readCadvisor).New, inContainers: true,
}

var cadvisorAuthor = daemon{names: []string{Cadvisor}, comms: []string{Cadvisor}}

// readCadvisor reads `Created an OOM event in container "/kubepods/…" at …`, one for each report of
// the kernel (manager/manager.go of cadvisor, at verbosity 3). The path is the victim's; "/" stands
// for any process of the node and says nothing.
func readCadvisor(l *Line) (f Fact) {
	if !cadvisorAuthor.may(l) && !kubeletAuthor.may(l) {
		return f
	}
	k, ok := readKlog(l.Text)
	text, found := strings.CutPrefix(k.msg, "Created an OOM event in container ")
	quoted, err := strconv.QuotedPrefix(text)
	if !ok || !found || err != nil {
		return f
	}
	path, _ := strconv.Unquote(quoted)
	stamp, found := strings.CutPrefix(text[len(quoted):], " at ")
	at, ok := timeOf(stamp)
	if !ok || !found || len(path) < 2 || path[0] != '/' || strings.ContainsAny(path, "\n\x00") {
		return f
	}
	f = Fact{Kind: Observation, Writer: Cadvisor, Killer: Kernel, InnerTime: at}
	f.Keys.Cgroup = path
	return f
}
