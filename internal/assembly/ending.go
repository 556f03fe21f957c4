// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// endingSection reads the lines about the victim: docs/formats.md, sections 6 and 7. The lines that
// open or close reports, the kill line above all, go through the [Assembler]: see kills.go.
type endingSection struct {
	// chosen is the oom-kill: line, selected the line that names a process as selected, or as
	// reaped.
	chosen, selected keptLine
	// noVictim is the line by which the kernel says that there is nothing to kill.
	noVictim keptLine
}

// keptLine is a line of which an event may be made.
type keptLine struct {
	at   report.Stamp
	text string // "" for none
}

func (*endingSection) take(d *openReport, l line) taken {
	r, kind := d.r, l.kind()
	switch kind {
	case kernel.SelectionLine:
		text := d.text.keep(l.text)
		v, ok := kernel.ParseSelection(text)
		if !ok {
			return taken{}
		}
		r.Selection, r.HasSelection = v, true
		d.moveTo(report.SectionOOMKill)
		if !v.HasScore {
			return begins(kind, text)
		}
		return took(kind)
	case kernel.SharingLine:
		v, ok := kernel.ParseSharing(d.text.keep(l.text))
		if !ok {
			return taken{}
		}
		if !d.full() {
			r.Sharing = append(r.Sharing, v)
		}
		return took(kind)
	}
	if l.read == nil || !d.killed() || r.HasGroup {
		return taken{}
	}
	// Other lines can tear a group kill's line apart after "Tasks in " and after the path.
	if strings.TrimRight(l.text, " ") != "Tasks in" && !kernel.BeginsGroupKill(l.text) {
		return taken{}
	}
	return begins(kernel.GroupKillLine, d.text.keep(l.text))
}

// begin takes the beginning of a line that names a task, broken by a newline in the name: the line
// that chooses a victim, or the one that spares it.
func (*endingSection) begin(d *openReport, text string) taken {
	for _, line := range [...]struct {
		words string
		kind  kernel.Kind
	}{{": Kill process ", kernel.SelectionLine}, {": kill process ", kernel.SelectionLine}, {"ut of memory: OOM victim ", kernel.SkipLine}} {
		_, rest, ok := strings.Cut(text, line.words)
		if ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return begins(line.kind, d.text.keep(text))
		}
	}
	return taken{}
}

func (s *endingSection) resume(d *openReport, kind kernel.Kind, joined string) verdict {
	r := d.r
	switch kind {
	case kernel.OOMKillLine:
		v, ok := kernel.ParseOOMKill(joined)
		switch {
		case !ok:
			return notMine
		case v.Complete:
		case strings.IndexByte(joined, '\n') >= 0 && !kernel.EndsInName(kind, joined): // no other part has newlines
			return notMine
		}
		r.OOMKill, s.chosen.text = v, joined
		if !v.Complete {
			return more
		}
		return mine
	case kernel.SelectionLine:
		v, ok := kernel.ParseSelection(joined)
		if !ok {
			return notMine
		}
		r.Selection, r.HasSelection = v, true
		return mine
	case kernel.SkipLine:
		v, ok := kernel.ParseSkip(joined)
		if !ok {
			return notMine
		}
		r.Skipped, r.HasSkipped = v, true
		return mine
	}
	path, ok := kernel.ParseGroupKill(joined)
	switch {
	case ok:
		r.GroupPath, r.HasGroup = path, true
		return mine
	case kernel.BeginsGroupKill(joined):
		return more
	}
	return notMine
}
