// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// A section reads the lines of one block of a report, and keeps in the report what they say.
type section interface {
	// take reads a line. How much must speak for the line depends on what is known of it: see
	// [line].
	take(d *openReport, l line) taken
	// resume reads a line of the given kind that was put together of pieces, in place of the
	// partial line. joined is kept text.
	resume(d *openReport, kind kernel.Kind, joined string) verdict
}

// line is a line as a section gets it.
type line struct {
	text string
	// read is what [kernel.Reading.Classify] read of the line. With nil the line is not classified
	// yet: a section takes it only if no other kind can look like it. With [kernel.Other] no kind
	// claims the line: the section may take it by where it stands. With any other kind the line is
	// the section's.
	read *kernel.Reading
	// wraps is set where the line may be the rest of one that was wrapped on its way.
	wraps bool
}

// kind returns the kind of the line by its own words, [kernel.Other] for one that is not
// classified.
func (l *line) kind() kernel.Kind {
	if l.read == nil {
		return kernel.Other
	}
	return l.read.Kind
}

// unnamed is the reading of a line that no kind claims.
var unnamed kernel.Reading

// verdict says whose a line is.
type verdict uint8

const (
	// notMine: the line is not the section's.
	notMine verdict = iota
	// mine: the line is the section's, and whole.
	mine
	// more: the line is the section's, and breaks off. Its rest may come.
	more
)

// taken is what a section made of a line.
type taken struct {
	verdict verdict
	// kind is the kind of the line, unless it is notMine.
	kind kernel.Kind
	// begun is kept of a line that breaks off.
	begun string
}

func took(k kernel.Kind) taken { return taken{verdict: mine, kind: k} }

func begins(k kernel.Kind, kept string) taken { return taken{more, k, kept} }

// sections holds what the sections of one report know beyond the report itself.
type sections struct {
	head        headSection
	trace       traceSection
	memcg       memcgSection
	stats       statsSection
	memInfo     memInfoSection
	allocations allocationsSection
	slab        slabSection
	tasks       tasksSection
	ending      endingSection
}

// of returns the section that reads the block s.
func (all *sections) of(s report.Section) section {
	switch s {
	case report.SectionTrace:
		return &all.trace
	case report.SectionMemcg:
		return &all.memcg
	case report.SectionMemcgStats:
		return &all.stats
	case report.SectionMemInfo:
		return &all.memInfo
	case report.SectionAllocations:
		return &all.allocations
	case report.SectionSlab:
		return &all.slab
	case report.SectionTasks:
		return &all.tasks
	case report.SectionOOMKill, report.SectionKill:
		return &all.ending
	}
	return &all.head
}

// ofKind returns the section that reads lines of a kind.
func (all *sections) ofKind(k kernel.Kind) section {
	s, _ := k.Section()
	return all.of(s)
}

// emptied returns the sections of a new report, which use the memory of these again.
func (all *sections) emptied() sections {
	return sections{
		stats:   statsSection{below: all.stats.below.reset()},
		memInfo: memInfoSection{buddy: all.memInfo.buddy, reserves: all.memInfo.reserves},
	}
}

// takeUnread offers the open section a line that is not classified. It saves to try all other kinds
// first on rows, values and frames, which most lines of a report are.
func (d *openReport) takeUnread(text string) kernel.Kind {
	return d.open.take(d, line{text: text}).kind
}

// takeNamed hands the section of its kind a line whose own words name the kind. It is false when
// the line turns out not to be what its words promised.
func (d *openReport) takeNamed(l line) bool {
	kind := l.kind()
	if d.partial.kind != kind {
		d.partial.clear() // the kernel prints the pieces of a line before the next one
	}
	t := d.sections.ofKind(kind).take(d, l)
	if t.verdict == more {
		d.partial.set(t.kind, t.begun)
	}
	return t.verdict != notMine
}

// takeUnnamed offers the open section a line that is of no kind by its own words, and the sections
// that come later a line that may be the broken beginning of theirs.
func (d *openReport) takeUnnamed(l line) kernel.Kind {
	t := d.openLater(l.text)
	if t.verdict == notMine {
		if d.killed() {
			t = d.ending.take(d, l)
		} else {
			t = d.open.take(d, l)
		}
	}
	if t.verdict == notMine {
		return kernel.Other
	}
	if d.partial.kind != t.kind {
		d.partial.clear()
	}
	if t.verdict == more {
		d.partial.set(t.kind, t.begun)
	}
	return t.kind
}

// openLater takes the broken beginning of a line of a later section.
func (d *openReport) openLater(text string) taken {
	if d.killed() || d.in < report.SectionTrace {
		return taken{}
	}
	if t := d.ending.begin(d, text); t.verdict != notMine {
		return t
	}
	return d.tasks.begin(d, text)
}
