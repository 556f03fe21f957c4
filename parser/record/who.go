package record

import (
	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/identity"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// addWho adds who the victim's cgroup is, and which host and kernel that was.
func (b *Builder) addWho() {
	if path := b.ownerPath(); path != "" {
		id := identity.Of(path)
		b.addText("container.id", id.ContainerID)
		b.addText("container.runtime.name", id.Runtime)
		b.addText("k8s.pod.uid", id.PodUID)
		b.addText("oom.k8s.qos_class", id.QoS)
		b.addText("systemd.unit.name", id.Unit)
		b.addText("oom.systemd.slice", id.Slice)
	}
	at := &b.e.At
	b.addText("host.name", orElse(at.Host, b.opt.HostName))
	b.addText("host.id", orElse(at.MachineID, b.opt.HostID))
	b.addText("oom.kernel.release", b.r.CPU.Release)
	b.addText("oom.boot.id", at.BootID)
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
	id := identity.Of(path)
	b.addConst("oom.cgroup.level", id.Level.String())
	victim := identity.Of(b.ownerPath())
	if id.ContainerID != victim.ContainerID {
		b.addText("oom.cgroup.container_id", id.ContainerID)
	}
	if id.PodUID != victim.PodUID {
		b.addText("oom.cgroup.pod_uid", id.PodUID)
	}
	if id.Unit != victim.Unit {
		b.addText("oom.cgroup.unit", id.Unit)
	}
}

// addReport adds how much of the report the log showed, and where it came from.
func (b *Builder) addReport() {
	r := b.r
	missing := r.Missing()
	if b.e.Kind != assembly.EventReapFailed {
		b.add("oom.report.complete", Bool(r.Complete()))
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
			b.addSpan("oom.report.missing", start)
		}
		b.add("oom.report.lines", Int(r.LineCount))
	}
	if r.LostRecords > 0 && r.LostRecords < 1<<62 {
		b.add("oom.report.lost_records", Int(int64(r.LostRecords)))
	}
	b.addInt("oom.report.suppressed", r.Suppressed)
	at := &b.e.At
	b.addConst("oom.source", orElse(b.opt.Source, sourceOf(at.Format)))
	if at.HasSequence && at.Sequence < 1<<62 {
		b.add("oom.kmsg.sequence", Int(int64(at.Sequence)))
	}
}

// sourceOf names the source that a carrier stands for where the packaging does not say.
func sourceOf(f transport.Format) string {
	switch f {
	case transport.Kmsg:
		return "kmsg"
	case transport.JournalJSON, transport.JournalExport:
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
		if len(b.text)-start > maxOriginal {
			b.text = b.text[:before]
			b.truncated = append(b.truncated, "log.record.original")
			break
		}
	}
	b.addLongSpan("log.record.original", start)
}
