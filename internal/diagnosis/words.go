// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strconv"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// words is a sentence being written.
type words []byte

// maxName bounds what is written of a name that comes from outside, in bytes.
const maxName = 64 + len("…")

func (w *words) text(s string)  { *w = append(*w, s...) }
func (w *words) size(n int64)   { *w = plain.AppendSize(*w, n) }
func (w *words) number(n int64) { *w = strconv.AppendInt(*w, n, 10) }

// name writes a name that comes from outside, a long one without its middle.
func (w *words) name(s string) { *w = plain.AppendShort(*w, s, maxName) }

// process writes a process as a person would name it.
func (w *words) process(p report.Process) {
	w.name(p.Comm)
	w.text(" (pid ")
	w.number(p.PID)
	w.text(")")
}

// short is a container's id as its own tools print it.
func short(id string) string {
	if len(id) == 64 {
		return id[:12]
	}
	return id
}

// who writes whose cgroup it is.
func (w *words) who(id *identity.Identity, path string) {
	switch id.Level {
	case identity.LevelContainer:
		w.text("container ")
		w.name(short(id.ContainerID))
	case identity.LevelPod:
		w.text("pod ")
		w.text(id.PodUID)
	case identity.LevelQoS:
		w.text("all ")
		w.text(id.QoS)
		w.text(" pods")
	case identity.LevelSlice, identity.LevelUser:
		w.text("slice ")
		w.name(lastOf(path))
	case identity.LevelService, identity.LevelScope:
		w.name(id.Unit)
	case identity.LevelMachine:
		w.text("machine ")
		w.name(id.Machine)
	default:
		w.text("cgroup ")
		w.name(path)
		return
	}
	w.inside(id)
}

// lastOf returns the last component of a path.
func lastOf(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' && i < len(path)-1 {
			return path[i+1:]
		}
	}
	return path
}
