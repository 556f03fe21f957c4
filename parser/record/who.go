// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
)

// addWho adds who the victim's cgroup is, and which host and kernel that was.
func (b *Builder) addWho() {
	if path := b.ownerPath(); path != "" {
		id := b.facts.Who.Of(path)
		b.addText(fContainerID, id.ContainerID)
		b.addText(fContainerRuntimeName, id.Runtime)
		b.addText(fOuterContainerID, id.Outer)
		b.addText(fK8sPodUID, id.PodUID)
		b.addText(fK8sQoSClass, id.QoS)
		b.addText(fSystemdUnitName, id.Unit)
		b.addText(fSystemdSlice, id.Slice)
	}
	at := &b.e.At
	b.addText(fHostName, orElse(at.Host, b.opt.HostName))
	b.addText(fHostID, b.hostID())
	b.addText(fKernelRelease, b.r.CPU.Release)
	b.addText(fBootID, at.BootID)
}

// hostID returns the machine id of the host that the line names. The setting's belongs to the
// setting's host: a line that names another one, in the file of a log server, has none.
func (b *Builder) hostID() string {
	at := &b.e.At
	if at.MachineID == "" && (at.Host == "" || SameHost(at.Host, b.opt.HostName)) {
		return b.opt.HostID
	}
	return at.MachineID
}

// SameHost reports whether two names are one host's: they are equal, or one of them leaves the
// domain out.
func SameHost(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.EqualFold(a, b[:len(a)]) && (len(a) == len(b) || b[len(a)] == '.')
}

func orElse(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}

// ownerPath returns the path that says who the victim is: its own cgroup; for the rest of a group kill, the cgroup that
// is killed as a group, since all its members live in it.
func (b *Builder) ownerPath() string {
	switch {
	case b.kill == nil:
		return ""
	case b.kill.Group:
		return b.r.GroupPath
	}
	return b.victimCgroup()
}

// addCgroupIdentity adds what the cgroup is whose limit was hit, and who, where that is somebody else than the victim.
func (b *Builder) addCgroupIdentity(path string) {
	id := b.facts.Who.Of(path)
	b.addWord(fCgroupLevel, id.Level.String())
	victim := b.facts.Who.Of(b.ownerPath())
	if id.ContainerID != victim.ContainerID {
		b.addText(fCgroupContainerID, id.ContainerID)
	}
	if id.PodUID != victim.PodUID {
		b.addText(fCgroupPodUID, id.PodUID)
	}
	if id.Unit != victim.Unit {
		b.addText(fCgroupUnit, id.Unit)
	}
}

// addReport adds how much of the report the log showed, and where it came from.
func (b *Builder) addReport() {
	r := b.r
	if b.e.Kind != assembly.EventReapFailed {
		missing := r.Missing()
		b.addBool(fReportComplete, r.Complete())
		start := len(b.text)
		for s := range assembly.NumSections {
			if missing.Has(s) {
				if len(b.text) > start {
					b.text = append(b.text, ',')
				}
				b.text = append(b.text, s.String()...)
			}
		}
		if len(b.text) > start {
			b.addSpan(fReportMissing, start)
		}
		if r.AssumedPageSize() && (r.Tasks.Count > 0 || r.Seen.Has(assembly.SectionMemInfo)) {
			b.addWord(fReportAssumed, "page_size")
		}
		b.addNumber(fReportLines, r.LineCount)
	}
	if r.LostRecords > 0 && r.LostRecords < 1<<62 {
		b.addNumber(fReportLostRecords, int64(r.LostRecords))
	}
	b.addInt(fReportSuppressed, r.Suppressed)
	at := &b.e.At
	b.addWord(fSource, orElse(b.opt.Source, sourceOf(at.Format)))
	if at.HasSequence && at.Sequence < 1<<62 {
		b.addNumber(fKmsgSequence, int64(at.Sequence))
	}
}

// sourceOf names the source that a carrier stands for where the packaging does not say.
func sourceOf(f format.Format) string {
	switch f {
	case format.Kmsg:
		return "kmsg"
	case format.JournalJSON, format.JournalExport:
		return "journald"
	}
	return "file"
}

// addOriginal adds the report's lines as they came, transport taken off, cut at the last line that fits.
func (b *Builder) addOriginal() {
	if !b.opt.Original || len(b.r.Lines) == 0 {
		return
	}
	start := len(b.text)
	for i := range b.r.Lines {
		before := len(b.text)
		if i > 0 {
			b.text = append(b.text, '\n')
		}
		b.text = AppendPrintable(b.text, b.r.Lines[i].Text)
		if len(b.text)-start > MaxOriginal {
			b.text = b.text[:before]
			b.truncated = append(b.truncated, fLogRecordOriginal)
			break
		}
	}
	b.addString(fLogRecordOriginal, start, len(b.text))
}
