// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/swar"
	"github.com/oomtrail/oomtrail/parser/report"
)

// exempt is the oom_score_adj that keeps the killer away.
const exempt = -1000

// tasks is what the task table shows.
type tasks struct {
	// count is the number of rows.
	count int64
	// rss is the sum of all rows in bytes, pages the same in pages; a shared page counts once for
	// each process.
	rss   report.Int
	pages int64
	// largest and second are the rows with the most rss, nil without them.
	largest, second *report.Task
	// protected is the rss in bytes of rows that are exempt from the killer.
	protected int64
	// whole is set where the log shows all rows; swapped where a row has memory in swap.
	whole, swapped bool
	// page is the page size in bytes; 0 when unknown, and then every figure in bytes is 0 or
	// absent.
	page int64
}

// readTasks reads the table in one pass.
func readTasks(r *report.Report, page int64) tasks {
	t := tasks{count: r.Tasks.Count, page: page, whole: r.TableWhole()}
	if !r.Tasks.Table.Has(report.ColRSS) {
		return t
	}
	t.pages = max(0, r.Tasks.RSSPages)
	if r.Tasks.Count > 0 && page > 0 && r.Tasks.RSSPages >= 0 {
		t.rss = report.Some(scale(r.Tasks.RSSPages, page))
	}
	hasAdj := r.Tasks.Table.Has(report.ColOOMScoreAdj)
	for i := range r.Tasks.Rows.Len() {
		row := r.Tasks.Rows.At(i)
		t.swapped = t.swapped || row.Values[report.ColSwapents] > 0
		if hasAdj && row.Values[report.ColOOMScoreAdj] == exempt {
			t.protected = add(t.protected, scale(row.Values[report.ColRSS], page))
		}
		switch {
		case t.largest == nil || row.Values[report.ColRSS] > t.largest.Values[report.ColRSS]:
			t.largest, t.second = row, t.largest
		case t.second == nil || row.Values[report.ColRSS] > t.second.Values[report.ColRSS]:
			t.second = row
		}
	}
	return t
}

// bytes returns a row's resident memory; 0 for nil.
func (t *tasks) bytes(row *report.Task) int64 {
	if row == nil {
		return 0
	}
	return scale(row.Values[report.ColRSS], t.page)
}

// crowd is all rows of one name.
type crowd struct {
	name  string
	count int64
	bytes int64
}

// biggestCrowd returns the name whose rows hold the most together, if that is as much as least or
// more. It keeps the eight heaviest names while it reads, so a name with more than a ninth of the
// whole cannot be missed; those of them that may hold as much are then counted exactly.
func biggestCrowd(r *report.Report, page, least int64) (best crowd) {
	const many = 256 // rows: to look whether it is worth it costs less than to look, from here on
	if r.Tasks.Rows.Len() > many && !mayCrowd(r, page, least) {
		return best
	}
	var heavy [8]weight
	var off int64 // the most that any name lost of its weight
	for i := range r.Tasks.Rows.Len() {
		row := r.Tasks.Rows.At(i)
		off = add(off, weigh(&heavy, row.Name, scale(row.Values[report.ColRSS], page)))
	}
	for _, h := range heavy {
		if h.bytes == 0 || add(h.bytes, off) < max(least, best.bytes) {
			continue
		}
		c := crowd{name: h.name}
		for i := range r.Tasks.Rows.Len() {
			row := r.Tasks.Rows.At(i)
			if row.Name == h.name {
				c.count++
				c.bytes = add(c.bytes, scale(row.Values[report.ColRSS], page))
			}
		}
		if c.bytes > best.bytes {
			best = c
		}
	}
	return best
}

// mayCrowd reports whether the rows of one name may hold as much as least: whether those do whose
// names end alike.
func mayCrowd(r *report.Report, page, least int64) bool {
	const bits, factor = 8, 0x9e3779b97f4a7c15
	var sums [1 << bits]int64
	for i := range r.Tasks.Rows.Len() {
		row := r.Tasks.Rows.At(i)
		sum := &sums[tailOf(row.Name)*factor>>(64-bits)]
		*sum = add(*sum, scale(row.Values[report.ColRSS], page))
	}
	return slices.Max(sums[:]) >= least
}

// weight is a name and what it weighs; its tail tells most other names apart from it without a look
// at them.
type weight struct {
	tail  uint64
	name  string
	bytes int64
}

// tailOf returns the last bytes of a name, at most eight.
func tailOf(name string) (tail uint64) {
	if n := len(name); n >= 8 {
		return swar.Load(name[n-8:])
	}
	for i := range len(name) {
		tail = tail<<8 | uint64(name[i])
	}
	return tail
}

// weigh adds to a name's weight; without room it takes weight off all that are kept, and tells how
// much off each.
func weigh(heavy *[8]weight, name string, bytes int64) (off int64) {
	tail := tailOf(name)
	free, lightest := -1, bytes
	for i := range heavy {
		h := &heavy[i]
		switch {
		case h.bytes == 0:
			free = i
		case h.tail == tail && h.name == name:
			h.bytes = add(h.bytes, bytes)
			return 0
		default:
			lightest = min(lightest, h.bytes)
		}
	}
	if free < 0 {
		for i := range heavy {
			heavy[i].bytes -= lightest
			if heavy[i].bytes == 0 {
				free = i
			}
		}
		off = lightest
		bytes -= lightest
	}
	if bytes > 0 {
		heavy[free] = weight{tail: tail, name: name, bytes: bytes}
	}
	return off
}
