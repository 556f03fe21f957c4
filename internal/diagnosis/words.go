// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"cmp"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/facts"
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

// who writes whose cgroup it is, by names where they are known.
func (w *words) who(id *identity.Identity, names *report.Names, path string) {
	switch id.Level {
	case identity.LevelContainer:
		w.container(id, names)
	case identity.LevelPod:
		w.pod(id, names)
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
		w.name(cmp.Or(names.Machine, id.Machine))
	default:
		if hasJob(names) {
			w.job(id, names)
			return
		}
		w.text("cgroup ")
		w.name(path)
		return
	}
	w.inside(id)
}

// limitName returns the cgroup whose limit was hit, "" where nothing names it but its path.
func limitName(f *facts.Facts) string {
	names := f.NamesOf(f.LimitPath)
	if f.Scope != report.ScopeCgroup || names.Pod == "" && !hasContainer(names) && !hasJob(names) && names.Machine == "" {
		return ""
	}
	var w words
	w.who(f.Who.Of(f.LimitPath), names, f.LimitPath)
	return string(w)
}

// hasContainer reports whether a container has a name.
func hasContainer(names *report.Names) bool {
	return names.Container != "" || names.ContainerName != ""
}

// hasJob reports whether a job or its task has a name.
func hasJob(names *report.Names) bool { return names.JobName != "" || names.TaskName != "" }

// container writes a container, and its pod where that has a name.
func (w *words) container(id *identity.Identity, names *report.Names) {
	w.text("container ")
	w.name(cmp.Or(names.Container, names.ContainerName, short(id.ContainerID)))
	if names.Pod != "" {
		w.text(" of ")
		w.pod(id, names)
	}
}

// itsContainer writes the container of a process that the sentence before speaks of.
func (w *words) itsContainer(id *identity.Identity, names *report.Names) {
	if hasContainer(names) {
		w.container(id, names)
		return
	}
	w.text("its container")
}

// ofContainer adds " of" and the container, where that has a name.
func (w *words) ofContainer(id *identity.Identity, names *report.Names) {
	if hasContainer(names) {
		w.text(" of ")
		w.container(id, names)
	}
}

// pod writes a pod as kubectl does, by its uid where it has no name.
func (w *words) pod(id *identity.Identity, names *report.Names) {
	w.text("pod ")
	if names.Pod == "" {
		w.text(id.PodUID)
		return
	}
	if names.Namespace != "" {
		w.name(names.Namespace)
		w.text("/")
	}
	w.name(names.Pod)
}

// job writes the job of a scheduler, and the task of it that has a name.
func (w *words) job(id *identity.Identity, names *report.Names) {
	if names.TaskName != "" {
		w.text("task ")
		w.name(names.TaskName)
		w.text(" of ")
	}
	w.text(id.Scheduler)
	w.text(" job ")
	w.name(cmp.Or(names.JobName, id.Job))
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
