// SPDX-License-Identifier: Apache-2.0

package build

import (
	"math"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

const kib = 1024

// addScope adds what ran out, and whose limit that was.
func (b *Builder) addScope() {
	b.AddWord(record.Constraint, b.facts.Constraint.String())
	b.AddWord(record.Scope, b.facts.Scope.String())
	if b.facts.HasLimit && b.facts.Scope == report.ScopeCgroup {
		b.AddText(record.CgroupPath, b.facts.LimitPath)
		b.addCgroupIdentity(b.facts.LimitPath)
	}
}

// addVictim adds the killed process and its memory.
func (b *Builder) addVictim() {
	if b.e.Kind == report.EventReapFailed {
		b.AddInt64(record.ProcessPID, b.e.Reaper.PID)
		b.AddText(record.ProcessTitle, b.e.Reaper.Comm)
		return
	}
	k := b.kill
	if k == nil {
		b.addSelected()
		return
	}
	b.AddText(record.VictimCgroup, b.victimCgroup())
	b.AddInt64(record.ProcessPID, k.PID)
	if k.HasComm {
		b.AddText(record.ProcessTitle, k.Comm)
	}
	// With vm.oom_kill_allocating_task it is the other way round: the oom-kill: line names a
	// thread.
	if pid := b.r.OOMKill.PID; pid.OK && pid.V != k.PID && b.isChosen() && k.Message != report.MessageAllocating {
		b.AddInt64(record.VictimTGID, pid.V)
	}
	if uid := b.victimUID(); uid.OK && uid.V >= math.MinInt32 && uid.V <= math.MaxUint32 {
		b.AddInt64(record.ProcessRealUserID, int64(uint32(uid.V)))
		b.addUserName(int64(uint32(uid.V)))
	}
	b.addVictimMemory()
	if k.OOMScoreAdj.OK {
		b.addAdjustment(record.VictimOOMScoreAdj, k.OOMScoreAdj.V)
	} else if adj, ok := b.facts.Column(report.ColOOMScoreAdj); ok {
		b.addAdjustment(record.VictimOOMScoreAdj, adj)
	}
	if sel := &b.r.Selection; b.r.HasSelection && sel.PID == k.PID && sel.HasScore && sel.Score >= 0 {
		b.AddInt64(record.VictimScore, sel.Score)
	}
	if share, ok := b.share(); ok {
		b.AddFloat64(record.VictimShare, share)
	}
	if k.Group {
		b.AddBool(record.VictimGroupKill, true)
	}
}

// addSelected adds the process that a report without a known end names.
func (b *Builder) addSelected() {
	if b.e.Kind != report.EventUnresolved {
		return
	}
	switch r := b.r; {
	case r.HasSelection:
		b.AddInt64(record.SelectedPID, r.Selection.PID)
		b.AddText(record.SelectedName, r.Selection.Comm)
		if r.Selection.HasScore {
			b.AddInt64(record.SelectedScore, r.Selection.Score)
		}
	case r.OOMKill.PID.OK:
		b.addInt(record.SelectedPID, r.OOMKill.PID)
		b.AddText(record.SelectedName, r.OOMKill.Task)
	case r.HasReaped:
		b.AddInt64(record.SelectedPID, r.Reaped.PID)
		b.AddText(record.SelectedName, r.Reaped.Comm)
	}
}

// addAdjustment adds an oom_score_adj that the kernel allows.
func (b *Builder) addAdjustment(f record.ID, adj int64) {
	if adj >= -1000 && adj <= 1000 {
		b.AddInt64(f, adj)
	}
}

// isChosen reports whether the killed process is the one that the report chose, or a thread of it.
// The rest of a group kill is not, nor is a child killed in its place (to 5.0).
func (b *Builder) isChosen() bool {
	return b.kill != nil && !b.kill.Group && (!b.r.HasSelection || b.r.Selection.PID == b.kill.PID)
}

// victimCgroup returns the victim's cgroup. The report names that of the chosen process only.
func (b *Builder) victimCgroup() string {
	if !b.isChosen() {
		return ""
	}
	return b.facts.VictimPath
}

// victimUID returns the uid from the kill line, else from the lines about the chosen process.
func (b *Builder) victimUID() report.Int {
	if b.kill.UID.OK {
		return b.kill.UID
	}
	if b.r.OOMKill.UID.OK && b.isChosen() {
		return b.r.OOMKill.UID
	}
	uid, ok := b.facts.Column(report.ColUID)
	return report.Int{V: uid, OK: ok}
}

func (b *Builder) addVictimMemory() {
	k := b.kill
	b.addKB(record.VictimMemoryVirtual, k.TotalVMKB)
	if rss, ok := b.victimRSS(k); ok {
		b.AddInt64(record.VictimMemoryRSS, rss)
	}
	b.addKB(record.VictimMemoryAnon, k.AnonRSSKB)
	b.addKB(record.VictimMemoryFile, k.FileRSSKB)
	b.addKB(record.VictimMemoryShmem, k.ShmemRSSKB)
	if v, ok := b.pageTables(); ok {
		b.AddInt64(record.VictimMemoryPageTables, v)
	}
	if pages, ok := b.facts.Column(report.ColSwapents); ok {
		b.addHostPages(record.VictimMemorySwap, report.Some(pages))
	}
}

// victimRSS returns a victim's resident memory in bytes. ok is false for a cut line that lost a
// part of it.
func (b *Builder) victimRSS(k *report.Kill) (bytes int64, ok bool) {
	if !k.AnonRSSKB.OK || !k.FileRSSKB.OK || (!k.ShmemRSSKB.OK && (!k.Complete || b.printsShmem(k))) {
		return 0, false
	}
	kb := int64(0)
	for _, part := range [...]int64{k.AnonRSSKB.V, k.FileRSSKB.V, k.ShmemRSSKB.V} {
		if part < 0 || part > mostKB {
			return 0, false
		}
		kb += part
	}
	return kb * kib, true
}

// mostKB bounds a size in KiB: no machine has 32 PiB.
const mostKB = 1 << 45

// printsShmem reports whether the kernel prints shared memory apart from file pages: 4.5+ and RHEL
// 7. The words before the line show it for 5.2 and later.
func (b *Builder) printsShmem(k *report.Kill) bool {
	v, known := report.ParseRelease(b.r.CPU.Release)
	return known && (!v.Before(4, 5) || v.Major == 3 && k.UID.OK) || k.Message != report.MessageNone && k.TotalVMKB.OK
}

// pageTables returns the victim's page tables in bytes. 5.4.0 prints bytes under the kB label: the
// victim's row shows which it is. Without a row a value of a 5.4 kernel is absent.
func (b *Builder) pageTables() (bytes int64, ok bool) {
	v := b.kill.PgtablesKB
	if !v.OK || v.V < 0 || v.V > 1<<43 {
		return 0, false
	}
	if row, ok := b.facts.Column(report.ColPgtablesBytes); ok && row > 0 {
		if distance(v.V, row) < distance(v.V*kib, row) {
			return v.V, true
		}
		return v.V * kib, true
	}
	release, known := report.ParseRelease(b.r.CPU.Release)
	if known && release.Major == 5 && release.Minor == 4 {
		return 0, false
	}
	if !known && v.V != 0 && v.V%4096 == 0 && b.kill.TotalVMKB.OK && v.V > b.kill.TotalVMKB.V/64 {
		return 0, false // more page tables than such a process can need: rather bytes of a 5.4.0
	}
	return v.V * kib, true
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// share returns the victim's rss over what ran out.
func (b *Builder) share() (float64, bool) {
	rss, ok := b.victimRSS(b.kill)
	whole, hasWhole := b.whole()
	if !ok || !hasWhole {
		return 0, false
	}
	return min(float64(rss)/float64(whole), 1), true
}

// whole returns how much there is of what ran out, in bytes: the cgroup's limit or the host's
// memory.
func (b *Builder) whole() (bytes int64, ok bool) {
	switch b.facts.Scope {
	case report.ScopeCgroup:
		if kb := b.facts.LimitKB; kb.OK && kb.V <= mostKB {
			bytes = kb.V * kib
		}
	case report.ScopeHost:
		bytes, _ = b.hostPages(b.r.MemInfo.Totals[report.TotalRAM])
	}
	return bytes, bytes > 0
}

// addTrigger adds the task whose allocation failed.
func (b *Builder) addTrigger() {
	r := b.r
	inv, cpu := &r.Invocation, &r.CPU
	if inv.HasComm {
		b.AddText(record.TriggerName, inv.Comm)
	} else if r.Seen.Has(report.SectionCPU) {
		b.AddText(record.TriggerName, cpu.Comm)
	}
	b.addInt(record.TriggerPID, cpu.PID)
	b.addInt(record.TriggerUID, cpu.UID)
	if inv.OOMScoreAdj.OK {
		b.addAdjustment(record.TriggerOOMScoreAdj, inv.OOMScoreAdj.V)
	}
	b.addInt(record.TriggerCPU, cpu.CPU)
	b.addInt(record.TriggerOrder, inv.Order)
	b.AddText(record.TriggerGFPMask, inv.GFP.Text)
	if inv.GFP.HasNames {
		b.AddText(record.TriggerGFPFlags, inv.GFP.Names)
	} else if inv.GFP.Text != "" {
		b.AddText(record.TriggerGFPFlags, kernel.DecodeGFP(inv.GFP.Mask, cpu.Release))
	}
	b.addCpuset()
	if r.Manual {
		b.AddBool(record.TriggerManual, true)
	}
}

// addCpuset adds the nodes on which the trigger may allocate.
func (b *Builder) addCpuset() {
	o, c, inv := &b.r.OOMKill, &b.r.Cpuset, &b.r.Invocation
	switch {
	case o.HasCpuset && (o.Complete || o.MemsAllowed != ""):
		b.AddText(record.TriggerCpuset, o.Cpuset)
		b.AddText(record.TriggerMemsAllowed, o.MemsAllowed)
	case b.r.Seen.Has(report.SectionCpuset):
		b.AddText(record.TriggerCpuset, c.Cpuset)
		b.AddText(record.TriggerMemsAllowed, c.MemsAllowed)
	}
	nodemask := o.Nodemask
	if nodemask == "" && inv.HasNodemask {
		nodemask = inv.Nodemask
	}
	if nodemask != "(null)" {
		b.AddText(record.TriggerNodemask, nodemask)
	}
}
