// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strconv"
	"strings"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// maxName bounds a name, in bytes. A longer one is absent: no image or user has such a name.
const maxName = 512

// named are the names of a workload.
type named struct {
	of    report.Workload
	names report.Names
}

// noNames are those of a workload of which nothing is known.
var noNames report.Names

// NamesOf returns the names of the workload that a cgroup path belongs to, never nil. It asks once
// for each workload of a record.
func (f *Facts) NamesOf(path string) *report.Names {
	if f.Ask == nil || path == "" {
		return &noNames
	}
	return f.NamesOfWorkload(Workload(f.Who.Of(path)))
}

// NamesOfWorkload returns the names of a workload, never nil.
func (f *Facts) NamesOfWorkload(w report.Workload) *report.Names {
	if f.Ask == nil || w == (report.Workload{}) {
		return &noNames
	}
	for i := range f.named {
		if f.named[i].of == w {
			return &f.named[i].names
		}
	}
	w = owned(w)
	f.named = append(f.named, named{w, bounded(f.Ask(w))})
	return &f.named[len(f.named)-1].names
}

// Memory returns how many bytes the facts hold beside themselves.
func (f *Facts) Memory() int {
	return cap(f.named)*int(unsafe.Sizeof(named{})) + cap(f.Stat)*int(unsafe.Sizeof(report.Stat{}))
}

// forgetNames forgets the names of a record.
func (f *Facts) forgetNames() {
	clear(f.named)
	f.named = f.named[:0]
}

// UserName returns the name of a user of this machine, "" where it is not known.
func (f *Facts) UserName(uid int64) string {
	if f.Ask == nil {
		return ""
	}
	return bounded(f.Ask(report.Workload{UserID: strconv.FormatInt(uid, 10)})).User
}

// Workload returns what of an identity names are found by.
func Workload(id *identity.Identity) report.Workload {
	return report.Workload{
		PodUID: id.PodUID, StaticPod: id.StaticPod, ContainerID: id.ContainerID, Runtime: id.Runtime,
		Scheduler: id.Scheduler, Job: id.Job, Step: id.Step, Task: id.Task, Machine: id.Machine,
	}
}

// owned returns a copy whose texts outlive the report: the text of a path is good until then, and
// who is asked may remember what it was asked.
func owned(w report.Workload) report.Workload {
	for _, text := range [...]*string{&w.PodUID, &w.ContainerID, &w.Runtime, &w.Scheduler, &w.Job, &w.Step, &w.Task, &w.Machine} {
		*text = strings.Clone(*text)
	}
	return w
}

// bounded leaves out each name that is too long.
func bounded(n report.Names) report.Names {
	for _, name := range [...]*string{
		&n.Namespace, &n.Pod, &n.Container, &n.Image, &n.ContainerName, &n.ComposeProject, &n.ComposeService,
		&n.JobName, &n.GroupName, &n.TaskName, &n.Machine, &n.User, &n.Doubt,
	} {
		if len(*name) > maxName {
			*name = ""
		}
	}
	return n
}
