// SPDX-License-Identifier: Apache-2.0

package build

import (
	"cmp"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// addWho adds the owner of the victim's cgroup, the host and its kernel.
func (b *Builder) addWho() {
	if path := b.ownerPath(); path != "" {
		b.addWhoOf(b.facts.Who.Of(path), b.facts.NamesOf(path))
	}
	b.addHost()
}

// addWhoOf adds all that names a cgroup's owner.
func (b *Builder) addWhoOf(id *identity.Identity, names *report.Names) {
	b.addOwner(id, names, "")
	b.addJobNames(id, names)
	b.AddText(record.MachineName, names.Machine)
	b.AddText(record.NamesDoubt, names.Doubt)
}

// addHost adds the host, its kernel and its boot.
func (b *Builder) addHost() {
	at := &b.e.At
	b.AddText(record.HostName, cmp.Or(at.Host, b.opt.HostName))
	b.AddText(record.HostID, b.hostID())
	b.AddText(record.KernelRelease, b.r.CPU.Release)
	b.AddText(record.BootID, at.BootID)
}

// addOwner adds the container, the pod and the unit of an owner. node is the node of the pod, ""
// where the log is the node's own.
func (b *Builder) addOwner(id *identity.Identity, names *report.Names, node string) {
	b.AddText(record.ContainerID, id.ContainerID)
	b.AddText(record.ContainerRuntimeName, id.Runtime)
	b.addContainerNames(names)
	b.AddText(record.OuterContainerID, id.Outer)
	b.AddText(record.K8sNamespaceName, names.Namespace)
	b.AddText(record.K8sPodName, names.Pod)
	b.AddText(record.K8sPodUID, id.PodUID)
	b.AddText(record.K8sContainerName, names.Container)
	if names.HasRestartCount {
		b.AddInt64(record.K8sContainerRestartCount, names.RestartCount)
	}
	b.AddText(record.K8sNodeName, node)
	b.AddText(record.K8sQoSClass, id.QoS)
	b.AddText(record.SystemdUnitName, id.Unit)
	b.AddText(record.SystemdSlice, id.Slice)
}

// hostID returns the machine id of the host that the line names. The setting's id is that of the
// setting's host: a line that names another host has none.
func (b *Builder) hostID() string {
	at := &b.e.At
	if at.MachineID == "" && (at.Host == "" || record.SameHost(at.Host, b.opt.HostName)) {
		return b.opt.HostID
	}
	return at.MachineID
}

// ownerPath returns the path that names the victim's owner: its own cgroup. For the rest of a group
// kill it is the cgroup that was killed as a group, in which all of them live.
func (b *Builder) ownerPath() string {
	switch {
	case b.kill == nil:
		return ""
	case b.kill.Group:
		return b.r.GroupPath
	}
	return b.victimCgroup()
}

// addCgroupIdentity adds the level of the cgroup whose limit was hit, and its owner where that is
// not the victim's.
func (b *Builder) addCgroupIdentity(path string) {
	id := b.facts.Who.Of(path)
	b.AddWord(record.CgroupLevel, id.Level.String())
	victim := b.facts.Who.Of(b.ownerPath())
	if id.ContainerID != victim.ContainerID {
		b.AddText(record.CgroupContainerID, id.ContainerID)
	}
	if id.PodUID != victim.PodUID {
		b.AddText(record.CgroupPodUID, id.PodUID)
	}
	if id.Unit != victim.Unit {
		b.AddText(record.CgroupUnit, id.Unit)
	}
}

// addReport adds how much of the report the log has, and where it came from.
func (b *Builder) addReport() {
	r := b.r
	if b.e.Kind != report.EventReapFailed {
		missing := r.Missing()
		b.AddBool(record.ReportComplete, r.Complete())
		start := len(b.Text)
		for s := range report.NumSections {
			if missing.Has(s) {
				if len(b.Text) > start {
					b.Text = append(b.Text, ',')
				}
				b.Text = append(b.Text, s.String()...)
			}
		}
		if len(b.Text) > start {
			b.AddSpan(record.ReportMissing, start)
		}
		if r.AssumedPageSize() && (r.Tasks.Count > 0 || r.Seen.Has(report.SectionMemInfo)) {
			b.AddWord(record.ReportAssumed, "page_size")
		}
		b.AddInt64(record.ReportLines, r.LineCount)
	}
	if r.LostRecords > 0 && r.LostRecords < 1<<62 {
		b.AddInt64(record.ReportLostRecords, int64(r.LostRecords))
	}
	b.addInt(record.ReportSuppressed, r.Suppressed)
	at := &b.e.At
	b.AddWord(record.Source, cmp.Or(b.opt.Source, sourceOf(at.Format)))
	if at.HasSequence && at.Sequence < 1<<62 {
		b.AddInt64(record.KmsgSequence, int64(at.Sequence))
	}
}

// sourceOf returns the source of a format where the frontend sets none.
func sourceOf(f report.Format) string {
	switch s := f.Source(); s {
	case report.SourceKmsg, report.SourceJournald:
		return s.String()
	}
	return "file"
}

// addOriginal adds the report's lines without what their format put around them, to the last that
// fits.
func (b *Builder) addOriginal() {
	if !b.opt.Original || len(b.r.Lines) == 0 {
		return
	}
	start := len(b.Text)
	for i := range b.r.Lines {
		before := len(b.Text)
		if i > 0 {
			b.Text = append(b.Text, '\n')
		}
		b.Text = plain.AppendPrintable(b.Text, b.r.Lines[i].Text)
		if len(b.Text)-start > record.MaxOriginal {
			b.Text = b.Text[:before]
			b.Truncated = append(b.Truncated, record.LogRecordOriginal)
			break
		}
	}
	b.AddString(record.LogRecordOriginal, start, len(b.Text))
}
