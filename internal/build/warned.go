// SPDX-License-Identifier: Apache-2.0

package build

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// addWarned adds the warning that came before a kill of the kernel. A kill that a person asked for
// was not to be seen coming.
func (b *Builder) addWarned() {
	if b.opt.Warned == nil || b.e.Kind != report.EventKill || b.r.Manual {
		return
	}
	switch b.facts.Scope {
	case report.ScopeHost:
		b.addWarning("/", b.ownerPath(), b.e.At.Wall)
	case report.ScopeCgroup:
		b.addWarning(b.facts.LimitPath, b.ownerPath(), b.e.At.Wall)
	}
}

// addWarnedOfFact adds the warning that came before another killer's kill: about the cgroup whose
// pressure it saw, or about the host where that was short.
func (b *Builder) addWarnedOfFact(v *verdict.Event) {
	f := v.Fact
	if b.opt.Warned == nil || v.Kind != verdict.Kill {
		return
	}
	limit := f.Pressure.Cgroup
	if limit == "" && (f.Reason == "low_memory" || f.Reason == "memory_and_swap") {
		limit = "/"
	}
	b.addWarning(limit, f.Keys.Cgroup, f.Time())
}

// addWarning adds the last warning before a kill of this machine. limit is what ran out, "" where
// that is not known.
func (b *Builder) addWarning(limit, victim string, at time.Time) {
	if limit == "" || at.IsZero() || !b.isOwnLog() {
		return
	}
	id, lead := b.opt.Warned(limit, victim, at)
	if id == "" || lead < 0 {
		return
	}
	b.AddWord(record.WarningID, id)
	b.AddFloat64(record.WarningLead, lead.Round(time.Millisecond).Seconds())
}
