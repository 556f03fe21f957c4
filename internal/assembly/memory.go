// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"reflect"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// A report may grow to [Options.MaxBytes]. What it holds is weighed, not estimated: the blocks, not
// what stands in them. Past its bound, or when it is asked to, a report sheds what it can do
// without and keeps nothing more of it. It goes on to its end, and says so: [Report.Overflow],
// [Report.Cut].

const (
	// maxText bounds the text of a line, maxWord each other text that came with it. No kernel
	// prints a tenth of it in one record.
	maxText = 16 << 10
	maxWord = 1 << 10
	// mostSlack is how much may be added between two weighings.
	mostSlack = 256 << 10
	// mostSpare is how much memory of a closed report is kept for the next one.
	mostSpare = 1 << 20
	// often is after how many lines a report is weighed in any case.
	often = 256
	// essential is what a report that has shed its tables may still hold before it sheds the rest.
	essential = 64 << 10
)

// word returns what is kept of a text that came with a line: no kernel and no format makes it so
// long.
func word(b []byte) []byte { return b[:min(len(b), maxWord)] }

// clipped returns the beginning of a task's name, longer than any that a kernel prints.
func clipped(comm string) string { return comm[:min(len(comm), 64)] }

// slack returns how far below its bound a report stays, for what is added between two weighings.
func slack(bound int) int { return min(bound/4, mostSlack) }

// full reports whether nothing more may be kept of the report but what it needs to come to its end.
// The section that asks is then known to be cut.
func (d *openReport) full() bool {
	if d.r.Overflow {
		d.r.Cut |= 1 << d.in
	}
	return d.r.Overflow
}

// weight is how much memory a report held when it was weighed.
type weight struct {
	bytes, limit int
	// text and rows are what its text and its rows held then.
	text, rows int
}

// weigh measures the report. One that is too heavy sheds. It is called when what it held has
// changed: what is kept is text, rows, or less than the slack in so many lines as [often].
func (d *openReport) weigh() {
	d.weight.text, d.weight.rows = d.text.held, d.r.Tasks.Rows.Cap()
	if d.weight.bytes = d.size(); d.weight.bytes > d.weight.limit {
		d.shed()
	}
}

// size returns the memory that the report holds, and what growing it may add.
func (d *openReport) size() int {
	r := d.r
	n := int(unsafe.Sizeof(*d)+unsafe.Sizeof(*r)) + d.shareable() + sliceSize(d.memInfo.buddy) + sliceSize(d.memInfo.reserves)
	n += sliceSize(r.Lines) + sliceSize(r.Trace) + sliceSize(r.Allocations) + sliceSize(r.Slab) + sliceSize(r.Kills) + sliceSize(r.Sharing)
	n += sliceSize(r.Memcg.Stats) + sliceSize(r.Memcg.Below) + sliceSize(d.stats.below.sum) + sliceSize(d.stats.below.newest)
	m := &r.MemInfo
	n += sliceSize(m.Counters) + sliceSize(m.Hugepages) + sliceSize(m.Nodes) + sliceSize(m.Zones)
	for i := range m.Nodes[:cap(m.Nodes)] {
		n += sliceSize(m.Nodes[:cap(m.Nodes)][i].Pairs)
	}
	for i := range m.Zones[:cap(m.Zones)] {
		z := &m.Zones[:cap(m.Zones)][i]
		n += sliceSize(z.Pairs) + sliceSize(z.LowmemReserve) + sliceSize(z.Buddy)
	}
	return n
}

// shareable is the part of [openReport.size] that a clone does not copy.
func (d *openReport) shareable() int { return d.text.held + d.r.Tasks.Rows.Size() }

// sliceSize returns what a slice holds, and where it is nearly full what its growth adds.
func sliceSize[E any](s []E) int {
	var e E
	n := cap(s)
	if len(s) > n-n/8 {
		n += max(n/4, min(n, 256))
	}
	return n * int(unsafe.Sizeof(e))
}

// shed gives up what the report can do without: first its long tables, then, where much is left,
// all lists. The text that stays is copied out of the blocks that it stands in, so that they go.
func (d *openReport) shed() {
	r := d.r
	r.Overflow = true
	d.cut(report.SectionTasks, r.Tasks.Rows.Len())
	d.cut(report.SectionTrace, len(r.Trace))
	d.cut(report.SectionAllocations, len(r.Allocations))
	d.cut(report.SectionSlab, len(r.Slab))
	r.Tasks.Rows, r.Trace, r.Allocations, r.Slab = report.Rows{}, nil, nil, nil
	d.memInfo = memInfoSection{}
	d.moveText()
	if d.weight.bytes = d.size(); d.weight.bytes <= min(essential, d.weight.limit) {
		return
	}
	d.cut(report.SectionMemInfo, len(r.MemInfo.Zones)+len(r.MemInfo.Nodes)+len(r.MemInfo.Counters)+len(r.MemInfo.Hugepages))
	d.cut(report.SectionMemcgStats, len(r.Memcg.Stats))
	d.cut(report.SectionOOMKill, len(r.Sharing))
	r.MemInfo = report.MemInfo{Totals: r.MemInfo.Totals}
	r.Memcg.Stats, r.Memcg.Below, r.Memcg.BelowExceeds, r.Sharing, r.Lines = nil, nil, false, nil, nil
	d.stats.below = belowStats{}
	for i := range r.Kills[:max(0, len(r.Kills)-1)] {
		r.Kills[i].Text = "" // they have been reported
	}
	d.moveText()
	d.weight.bytes = d.size()
}

// cut notes that n things of a section are given up.
func (d *openReport) cut(s report.Section, n int) {
	if n > 0 {
		d.r.Cut |= 1 << s
	}
}

// moveText copies all text of the report into one new block.
func (d *openReport) moveText() {
	size := 0
	known := make(map[string]string)
	d.eachString(func(s string) string {
		if _, ok := known[s]; !ok {
			known[s] = ""
			size += len(s)
		}
		return s
	})
	text := arena{room: max(size, firstChunk)}
	for s := range known {
		known[s] = text.keep(s)
	}
	text.room = 0
	d.eachString(func(s string) string { return known[s] })
	d.text = text
}

// eachString puts what fn makes of it in the place of each string of the report.
func (d *openReport) eachString(fn func(string) string) {
	for _, l := range [...]*keptLine{&d.held.keptLine, &d.ending.chosen, &d.ending.selected, &d.ending.noVictim} {
		l.text = fn(l.text)
		eachString(reflect.ValueOf(&l.at).Elem(), fn)
	}
	d.partial.text, d.ownCaller = fn(d.partial.text), fn(d.ownCaller)
	eachString(reflect.ValueOf(d.r).Elem(), fn)
}

// eachString puts what fn makes of it in the place of each string that v holds.
func eachString(v reflect.Value, fn func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fn(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachString(v.Field(i), fn)
			}
		}
	case reflect.Slice, reflect.Array:
		if !holdsStrings(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			eachString(v.Index(i), fn)
		}
	}
}

// holdsStrings reports whether values of a type can hold strings that [eachString] finds.
func holdsStrings(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Struct, reflect.Slice, reflect.Array:
		return true
	}
	return false
}

// Memory returns how many bytes the assembler holds: open reports, and the memory that is kept for
// the next ones.
func (a *Assembler) Memory() int {
	return int(unsafe.Sizeof(*a)) + a.last.size() + a.reported.size() + a.reports.size()
}

// Shared returns how much of its memory a clone shared with its original when it was made.
func (a *Assembler) Shared() int { return a.shared }

// Shed gives up what open reports can do without, and all memory that serves no open report.
func (a *Assembler) Shed() {
	for _, d := range a.reports.open {
		d.shed()
	}
	a.Trim()
}

// Forget lets go of the line that was taken last.
func (a *Assembler) Forget() {
	a.classifier.reading.Forget()
	if a.unproven.Text != nil {
		a.unproven = format.Line{}
	}
}

// Trim gives up the memory that serves no open report. What the newest call completed may not be
// read after it.
func (a *Assembler) Trim() {
	if a.hasCompleted() {
		a.clearCompleted()
	}
	a.reports.free, a.reports.done = nil, nil
	if len(a.reports.open) == 0 {
		a.reports.open, a.completed = nil, completed{}
	}
}
