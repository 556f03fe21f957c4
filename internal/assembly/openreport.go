// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// openReport is a report that is still being put together.
type openReport struct {
	r      *report.Report
	text   arena
	lines  lineKeeper
	weight weight
	// reported counts the events of the report that went out, repeated those that had gone out
	// before.
	reported, repeated int
	// in is the block that the newest line is of, open the section that reads it: see
	// [openReport.moveTo].
	in   report.Section
	open section
	// sections read the lines.
	sections
	// partial is a line that breaks off, held a kill line that does.
	partial partialLine
	held    pendingKill
	// ownCaller is the printk caller of the report's lines, "" when unknown.
	ownCaller string
	// killUnmatched is set when a kill line came that is not this report's: its own is lost, and
	// whose that was is not certain.
	killUnmatched bool
	order         lineOrder
	// cutOff is set where the report is closed before its end.
	cutOff bool
	// noSequenceGap is set while every record of the kernel since the first line was seen, as far
	// as their numbers show.
	noSequenceGap bool
	// lone is set for a line of the reaper that stands by itself: no other line but its own kill
	// line continues it.
	lone bool
}

// lineKeeper says which lines' text is kept in the report.
type lineKeeper struct {
	keep bool
	// bound is how many bytes are kept, but for the last line; 0 is no bound. size is how many are.
	bound, size int
}

// fits reports whether the text of a further line is kept.
func (k *lineKeeper) fits() bool { return k.bound == 0 || k.size <= k.bound }

// newOpenReport returns an open report without a line in it.
func newOpenReport() *openReport {
	d := &openReport{r: &report.Report{}}
	d.open = &d.head
	return d
}

// killed reports whether a kill line of the report was read.
func (d *openReport) killed() bool { return len(d.r.Kills) > 0 }

// hasNoVictim reports whether the kernel has said that there is nothing to kill.
func (d *openReport) hasNoVictim() bool { return d.ending.noVictim.text != "" }

// begin opens a report with its first line.
func (a *Assembler) begin(l *format.Line, text string) *openReport {
	for len(a.reports.open) >= maxOpen {
		a.reports.open[0].noSequenceGap = false // it has to go, whatever may still come of it
		a.close(a.reports.open[0])
	}
	d := a.reports.empty()
	d.weight.limit = a.opt.MaxBytes - slack(a.opt.MaxBytes)
	d.lines = lineKeeper{keep: a.opt.KeepLines, bound: a.opt.LineBytes}
	d.r.FirstText = d.text.keep(text)
	d.r.First = d.stamp(l)
	d.r.Last = d.r.First
	d.ownCaller = d.r.First.Caller
	d.noSequenceGap = l.HasSequence
	a.reports.open = append(a.reports.open, d)
	return d
}

// stamp keeps what the format says about a line; names that have not changed are not copied again.
func (d *openReport) stamp(l *format.Line) report.Stamp {
	f := &d.r.First
	at, ok := l.LogTime()
	return report.Stamp{
		Number: l.Number, Position: l.Position, Format: l.Format, Origin: l.Origin,
		Uptime: l.Uptime, HasUptime: l.HasUptime, Wall: l.Wall, Assumed: l.Assumed, Text: d.intern(f.Text, word(l.Stamp)),
		LogTime: at, HasLogTime: ok, Printed: l.Printed, Sequence: l.Sequence, HasSequence: l.HasSequence,
		Host: d.intern(f.Host, l.Host), BootID: d.intern(f.BootID, word(l.BootID)),
		MachineID: d.intern(f.MachineID, word(l.MachineID)), Caller: d.intern(f.Caller, word(l.Caller)),
		Contained: l.Contained,
	}
}

// intern returns known when it equals b, else a kept copy of b.
func (d *openReport) intern(known string, b []byte) string {
	if known == string(b) {
		return known
	}
	return d.text.keep(view(b))
}

// countLine counts a line to the report.
func (d *openReport) countLine(l *format.Line, kind kernel.Kind, text string) Outcome {
	r := d.r
	r.LineCount++
	if l.Origin != report.OriginKernel {
		r.Unverified = true
	}
	last := &r.Last
	if (!l.HasSequence || l.Sequence < last.Sequence) && d.order.isBroken(l, last) {
		d.disorder()
	}
	last.Number, last.Position = l.Number, l.Position
	last.LogTime, last.HasLogTime = l.LogTime()
	last.Uptime, last.HasUptime = l.Uptime, l.HasUptime
	last.Sequence, last.HasSequence = l.Sequence, l.HasSequence
	if d.lines.keep && !r.Overflow && d.lines.fits() {
		r.Lines = append(r.Lines, report.Line{Number: l.Number, Kind: kind.String(), Text: d.text.keep(text)})
		d.lines.size += len(text)
	}
	if d.text.held != d.weight.text || r.Tasks.Rows.Cap() != d.weight.rows || uint(r.LineCount)%often == 0 {
		d.weigh()
	}
	return d.outcome(kind)
}

// outcome describes a line of the report.
func (d *openReport) outcome(k kernel.Kind) Outcome {
	out := Outcome(k) | inReport
	if d.r.HeadSeen {
		out |= headSeen
	}
	return out
}

// keepLine keeps a line of which an event may be made.
func (d *openReport) keepLine(l *format.Line, text string) keptLine {
	return keptLine{d.stamp(l), d.text.keep(text)}
}

// moveTo makes the section that reads the block s the open one.
func (d *openReport) moveTo(s report.Section) {
	if d.in != s {
		d.in, d.open = s, d.sections.of(s)
	}
}

// enter is moveTo with a line of the block seen.
func (d *openReport) enter(s report.Section) {
	d.moveTo(s)
	d.r.Seen |= 1 << s
}

// reset empties a closed openReport for the next report, its memory kept.
func (d *openReport) reset() {
	r, text := d.r, d.text
	if text.shared || r.Overflow || d.weight.bytes > mostSpare {
		*d = openReport{r: &report.Report{}}
		d.open = &d.head
		return
	}
	text.reset()
	m, mi := &r.Memcg, &r.MemInfo
	r.Tasks.Rows.Reset()
	*r = report.Report{
		Trace: r.Trace[:0], Allocations: r.Allocations[:0], Slab: r.Slab[:0], Kills: r.Kills[:0],
		Sharing: r.Sharing[:0], Lines: r.Lines[:0],
		Tasks:   report.Tasks{Rows: r.Tasks.Rows},
		Memcg:   report.Memcg{Stats: m.Stats[:0], Below: m.Below[:0]},
		MemInfo: report.MemInfo{Counters: mi.Counters[:0], Nodes: mi.Nodes[:0], Zones: mi.Zones[:0], Hugepages: mi.Hugepages[:0]},
	}
	*d = openReport{
		r: r, text: text, sections: d.sections.emptied(),
		weight: weight{bytes: d.weight.bytes, text: text.held, rows: r.Tasks.Rows.Cap()},
	}
	d.open = &d.head
}

// clone copies the openReport so that neither sees what the other goes on to read.
func (d *openReport) clone() *openReport {
	c := *d
	c.text, c.memInfo, c.stats.below = d.text.fork(), memInfoSection{}, d.stats.below.clone()
	r := *d.r
	r.Trace = slices.Clone(r.Trace)
	r.Allocations = slices.Clone(r.Allocations)
	r.Slab = slices.Clone(r.Slab)
	r.Kills = slices.Clone(r.Kills)
	r.Sharing = slices.Clone(r.Sharing)
	r.Lines = slices.Clone(r.Lines)
	r.Tasks.Rows = r.Tasks.Rows.Clone()
	r.Memcg.Stats, r.Memcg.Below = slices.Clone(r.Memcg.Stats), slices.Clone(r.Memcg.Below)
	r.MemInfo.Counters = slices.Clone(r.MemInfo.Counters)
	r.MemInfo.Hugepages = slices.Clone(r.MemInfo.Hugepages)
	r.MemInfo.Nodes = slices.Clone(r.MemInfo.Nodes)
	for i := range r.MemInfo.Nodes {
		r.MemInfo.Nodes[i].Pairs = slices.Clone(r.MemInfo.Nodes[i].Pairs)
	}
	r.MemInfo.Zones = slices.Clone(r.MemInfo.Zones)
	for i := range r.MemInfo.Zones {
		z := &r.MemInfo.Zones[i]
		z.Pairs, z.LowmemReserve, z.Buddy = slices.Clone(z.Pairs), slices.Clone(z.LowmemReserve), slices.Clone(z.Buddy)
	}
	c.r = &r
	c.open = c.sections.of(c.in)
	return &c
}
