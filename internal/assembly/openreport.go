// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// openReport is a report that is still being put together.
type openReport struct {
	r     *Report
	text  arena
	limit int
	// weight is the memory that the report held when weighedText and weighedRows were what its text and its rows held.
	weight, weighedText, weighedRows int
	// keepLines keeps every line's text, up to lineBytes in all where that is not 0; lineText is how much is kept.
	keepLines           bool
	lineBytes, lineText int
	// reported counts the events of the report that went out, repeated those that had gone out before.
	reported, repeated int
	// in is the open section: lines without a name of their own continue it.
	in Section
	// sections read the lines.
	sections
	// partial is a line that breaks off, held a kill line that does.
	partial partialLine
	held    pendingKill
	// ownCaller is the printk caller of the report's lines, "" when unknown.
	ownCaller string
	// overtaken is set when a kill line came that is not this report's: its own is lost, and whose that was is not certain.
	overtaken bool
	// highest are the two newest of the kernel's stamps so far; behind counts the lines in a row that stand before both.
	highest [2]int64
	behind  int
	// cutOff is set where the report is closed before its end.
	cutOff bool
	// gapless is set while every record of the kernel since the first line was seen, as far as their numbers tell.
	gapless bool
	// lone is set for a line of the reaper that stands by itself: no other line but its own kill line continues it.
	lone bool
}

// killed reports whether a kill line of the report was read.
func (d *openReport) killed() bool { return len(d.r.Kills) > 0 }

// hasNoVictim reports whether the kernel has said that there is nothing to kill.
func (d *openReport) hasNoVictim() bool { return d.ending.noVictim.text != "" }

// begin opens a report with its first line.
func (a *Assembler) begin(l *format.Line, text string) *openReport {
	for len(a.open) >= maxOpen {
		a.open[0].gapless = false // it has to go, whatever may still come of it
		a.close(a.open[0])
	}
	d := a.empty()
	d.limit, d.keepLines, d.lineBytes = a.opt.MaxBytes-slack(a.opt.MaxBytes), a.opt.KeepLines, a.opt.LineBytes
	d.r.FirstText = d.text.keep(text)
	d.r.First = d.stamp(l)
	d.r.Last = d.r.First
	d.ownCaller = d.r.First.Caller
	d.gapless = l.HasSequence
	a.open = append(a.open, d)
	return d
}

// empty returns an open report without a report in it.
func (a *Assembler) empty() *openReport {
	n := len(a.free) - 1
	if n < 0 {
		return &openReport{r: &Report{}}
	}
	d := a.free[n]
	a.free = a.free[:n]
	return d
}

// stamp keeps what the carrier says about a line; names that have not changed are not copied again.
func (d *openReport) stamp(l *format.Line) Stamp {
	f := &d.r.First
	at, ok := l.LogTime()
	return Stamp{
		Number: l.Number, Position: l.Position, Format: l.Format, Origin: l.Origin,
		Uptime: l.Uptime, HasUptime: l.HasUptime, Wall: l.Wall, Assumed: l.Assumed, Text: d.again(f.Text, word(l.Stamp)),
		LogTime: at, HasLogTime: ok, Sequence: l.Sequence, HasSequence: l.HasSequence,
		Host: d.again(f.Host, l.Host), BootID: d.again(f.BootID, word(l.BootID)),
		MachineID: d.again(f.MachineID, word(l.MachineID)), Caller: d.again(f.Caller, word(l.Caller)),
	}
}

// again returns known when it equals b, else a kept copy of b.
func (d *openReport) again(known string, b []byte) string {
	if known == string(b) {
		return known
	}
	return d.text.keep(view(b))
}

// mark notes that a line was used.
func (d *openReport) mark(l *format.Line, kind kernel.Kind, text string) {
	r := d.r
	r.LineCount++
	if l.Origin != format.OriginKernel {
		r.Unverified = true
	}
	last := &r.Last
	if !l.HasSequence || l.Sequence < last.Sequence {
		d.order(l)
	}
	last.Number, last.Position = l.Number, l.Position
	last.LogTime, last.HasLogTime = l.LogTime()
	last.Uptime, last.HasUptime = l.Uptime, l.HasUptime
	last.Sequence, last.HasSequence = l.Sequence, l.HasSequence
	if d.keepLines && !r.Overflow && (d.lineBytes == 0 || d.lineText <= d.lineBytes) {
		r.Lines = append(r.Lines, ReportLine{Number: l.Number, Kind: kind.String(), Text: d.text.keep(text)})
		d.lineText += len(text)
	}
	if d.text.held != d.weighedText || r.Tasks.Rows.Cap() != d.weighedRows || uint(r.LineCount)%often == 0 {
		d.weigh()
	}
}

// enter moves the report on to a section.
func (d *openReport) enter(s Section) {
	d.in = s
	d.r.Seen |= 1 << s
}

// reset empties a closed openReport for the next report, its memory kept.
func (d *openReport) reset() {
	r, text := d.r, d.text
	if text.shared || r.Overflow || d.weight > mostSpare {
		*d = openReport{r: &Report{}}
		return
	}
	text.reset()
	m, mi := &r.Memcg, &r.MemInfo
	r.Tasks.Rows.Reset()
	*r = Report{
		Trace: r.Trace[:0], Allocations: r.Allocations[:0], Slab: r.Slab[:0], Kills: r.Kills[:0],
		Sharing: r.Sharing[:0], Lines: r.Lines[:0],
		Tasks:   Tasks{Rows: r.Tasks.Rows},
		Memcg:   Memcg{Stats: m.Stats[:0], Below: m.Below[:0]},
		MemInfo: MemInfo{Counters: mi.Counters[:0], Nodes: mi.Nodes[:0], Zones: mi.Zones[:0], Hugepages: mi.Hugepages[:0]},
	}
	*d = openReport{
		r: r, text: text, sections: d.sections.emptied(),
		weight: d.weight, weighedText: text.held, weighedRows: r.Tasks.Rows.Cap(),
	}
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
	return &c
}
