// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// addContainerNames adds what the runtime has of the victim's container.
func (b *Builder) addContainerNames(names *report.Names) {
	b.AddText(record.ContainerName, names.ContainerName)
	image, tag := splitImage(names.Image)
	b.AddText(record.ContainerImageName, image)
	b.AddText(record.ContainerImageTag, tag)
	b.AddText(record.ComposeProject, names.ComposeProject)
	b.AddText(record.ComposeService, names.ComposeService)
}

// addJobNames adds the names that a scheduler of jobs has for the victim's.
func (b *Builder) addJobNames(id *identity.Identity, names *report.Names) {
	if names.JobName != "" || names.GroupName != "" || names.TaskName != "" {
		b.AddText(record.JobScheduler, id.Scheduler)
	}
	b.AddText(record.JobName, names.JobName)
	b.AddText(record.JobGroup, names.GroupName)
	b.AddText(record.JobTask, names.TaskName)
}

// splitImage parts the reference of an image, such as "registry:5000/app:1.2@sha256:…", into its
// name and its tag. An id or a digest alone is no name.
func splitImage(image string) (name, tag string) {
	name, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	if name == "sha256" || tag == "" && len(name) == 64 && strings.Trim(name, "0123456789abcdef") == "" {
		return "", ""
	}
	return name, tag
}

// addUserName adds the name of the victim's user, where it is one of this machine.
func (b *Builder) addUserName(uid int64) {
	if b.opt.UserNames && b.isOwnLog() && b.runsOnHost() {
		b.AddText(record.ProcessRealUserName, b.facts.UserName(uid))
	}
}

// isOwnLog reports whether the record's line came from /dev/kmsg or the journal, and names no other
// host or machine than this one.
func (b *Builder) isOwnLog() bool {
	at := &b.e.At
	switch at.Format.Source() {
	case report.SourceKmsg, report.SourceJournald:
	default:
		return false
	}
	return (at.Host == "" || record.SameHost(at.Host, b.opt.HostName)) && (at.MachineID == "" || at.MachineID == b.opt.HostID)
}

// runsOnHost reports whether the victim is known to be a process of the host itself. A container
// and a machine have users of their own.
func (b *Builder) runsOnHost() bool {
	path := b.ownerPath()
	if path == "" {
		return false
	}
	id := b.facts.Who.Of(path)
	if id.ContainerID != "" || id.PodUID != "" || id.QoS != "" || id.Outer != "" || id.Machine != "" {
		return false
	}
	return id.Level == identity.LevelRoot || id.Unit != "" || id.Slice != "" || id.User != ""
}
