// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"iter"
	"slices"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// Tasks is the task table of a report.
type Tasks struct {
	// Table is its layout.
	Table kernel.TaskTable
	// Rows are the rows that were kept; Count counts all that were seen.
	Rows  Rows
	Count int64
	// RSSPages sums the rss of all rows seen, in pages; negative where that of one fell below zero.
	RSSPages int64
}

// TableWhole reports whether the log shows all rows of the task table, as far as a log can show that: the report is there from its
// head on, and nothing of it is known to be lost but the stack. Only then do sums and shares of all processes hold.
func (r *Report) TableWhole() bool {
	return r.Tasks.Count > 0 && int64(r.Tasks.Rows.Len()) == r.Tasks.Count &&
		r.HeadSeen && r.Missing()&^(1<<SectionTrace) == 0 && r.LostRecords == 0 && !r.Overflow
}

// lacksChosen reports whether the task table lacks the row of the process that the kernel chose out of it, so that the log lost rows.
// Only a task that is killed because it allocates need not stand there.
func (r *Report) lacksChosen() bool {
	return r.OOMKill.PID.OK && r.Tasks.Count > 0 && int64(r.Tasks.Rows.Len()) == r.Tasks.Count &&
		r.Kills[0].Message != kernel.MessageAllocating && r.Tasks.ByPID(r.OOMKill.PID.V) == nil
}

// ByPID returns the row of a process: the one whose pid or, failing that, tgid is pid.
func (t *Tasks) ByPID(pid int64) *kernel.Task {
	for row := range t.Rows.All() {
		if row.PID == pid {
			return row
		}
	}
	if !t.Table.Has(kernel.ColTGID) {
		return nil
	}
	for row := range t.Rows.All() {
		if row.Values[kernel.ColTGID] == pid {
			return row
		}
	}
	return nil
}

// blockRows is how many rows stand in one block: 9 kB of them.
const blockRows = 64

// Rows are the rows of a task table, in its order. They stand in blocks, so that a table of any size grows without being copied.
type Rows struct {
	// blocks have room for n rows or more; those behind the n-th are empty.
	blocks []*[blockRows]kernel.Task
	n      int
}

// Len returns how many rows there are.
func (r *Rows) Len() int { return r.n }

// At returns the i-th row, from 0 on.
func (r *Rows) At(i int) *kernel.Task { return &r.blocks[i/blockRows][i%blockRows] }

// All hands out the rows.
func (r *Rows) All() iter.Seq[*kernel.Task] {
	return func(yield func(*kernel.Task) bool) {
		for left, b := r.n, 0; left > 0; left, b = left-blockRows, b+1 {
			block := r.blocks[b][:min(left, blockRows)]
			for i := range block {
				if !yield(&block[i]) {
					return
				}
			}
		}
	}
}

// Append adds a row.
func (r *Rows) Append(row kernel.Task) { *r.next() = row }

// last returns the last row, nil where there is none.
func (r *Rows) last() *kernel.Task {
	if r.n == 0 {
		return nil
	}
	return r.At(r.n - 1)
}

// next adds an empty row and returns it.
func (r *Rows) next() *kernel.Task {
	if r.n == len(r.blocks)*blockRows {
		r.blocks = append(r.blocks, new([blockRows]kernel.Task))
	}
	r.n++
	return r.At(r.n - 1)
}

// drop takes the last row back.
func (r *Rows) drop() {
	r.n--
	*r.At(r.n) = kernel.Task{}
}

// size returns the memory that the rows hold.
func (r *Rows) size() int {
	return len(r.blocks)*int(unsafe.Sizeof([blockRows]kernel.Task{})) + sliceSize(r.blocks)
}

// reset takes all rows back. Their memory is kept.
func (r *Rows) reset() {
	for row := range r.All() {
		*row = kernel.Task{}
	}
	r.n = 0
}

// clone returns a copy of the rows. Blocks of which nothing will change are the same in both.
func (r *Rows) clone() Rows {
	c := Rows{blocks: slices.Clone(r.blocks[:(r.n+blockRows-1)/blockRows]), n: r.n}
	if last := len(c.blocks) - 1; last >= 0 {
		block := *c.blocks[last]
		c.blocks[last] = &block
	}
	return c
}
