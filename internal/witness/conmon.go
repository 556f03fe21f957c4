// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// Conmon is the name of the monitor of Podman's and CRI-O's containers as a writer.
const Conmon = "conmon"

// conmonProgram reads which containers saw an OOM kill. The level of the line is off by default
// (conmon, src/cgroup.c):
//
//	v1  conmon ID <ninfo>: OOM event received
//	v2  conmon ID <ninfo>: OOM received
//
// ID is the first 20 digits. Before 2.1.6 the limit was hit, and perhaps nothing was killed. What
// conmon prints to stderr has no id. CRI-O itself has no line: it takes what conmon found, and the
// kubelet says OOMKilled.
var conmonProgram = program{
	name:        Conmon,
	identifiers: []string{Conmon},
	triggers:    []string{"nfo>: OO"},
	new:         Func(readConmon).New,
}

// conmonAuthor has no units: a user's conmon looks like root's.
var conmonAuthor = daemon{names: []string{Conmon}, comms: []string{Conmon}}

func readConmon(l *Line) Fact {
	if ok, _ := conmonAuthor.wrote(l); !ok {
		return Fact{}
	}
	text := strings.TrimRight(l.Text, " \r\n")
	id, ok := between(text, "conmon ", " <ninfo>: OOM received")
	if !ok {
		id, ok = between(text, "conmon ", " <ninfo>: OOM event received")
	}
	if !ok || len(id) != 20 || !ids.IsHex(id) {
		return Fact{}
	}
	return Fact{
		Kind: Observation, Writer: Conmon, Killer: Kernel, VictimKind: VictimContainer,
		Keys: Keys{ContainerPrefix: id},
	}
}
