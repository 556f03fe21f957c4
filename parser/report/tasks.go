// SPDX-License-Identifier: Apache-2.0

package report

import (
	"iter"
	"slices"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/enum"
)

// Tasks is the task table of a report.
type Tasks struct {
	// Table is its layout.
	Table TaskTable
	// Rows are the rows that were kept. Count counts all rows that were seen.
	Rows  Rows
	Count int64
	// RSSPages is the sum of the rss of all rows seen, in pages; negative where that of one fell
	// below zero.
	RSSPages int64
}

// ByPID returns the row of a process: the one with that pid or, without one, with that tgid; nil
// where there is none.
func (t *Tasks) ByPID(pid int64) *Task {
	for row := range t.Rows.All() {
		if row.PID == pid {
			return row
		}
	}
	if !t.Table.Has(ColTGID) {
		return nil
	}
	for row := range t.Rows.All() {
		if row.Values[ColTGID] == pid {
			return row
		}
	}
	return nil
}

// PageSize returns the page size in bytes by the total_vm of a kill line and of the same process's
// row, 0 where they do not agree.
func (t *Tasks) PageSize(k *KillLine) int64 {
	if !k.TotalVMKB.OK || !t.Table.Has(ColTotalVM) {
		return 0
	}
	row := t.ByPID(k.PID)
	if row == nil {
		return 0
	}
	pages := row.Values[ColTotalVM]
	for size := int64(4); size <= 64; size *= 2 {
		if pages > 0 && pages < 1<<50 && pages*size == k.TotalVMKB.V {
			return size << 10
		}
	}
	return 0
}

// Column is one column of the task table.
type Column uint8

// The columns of the task table.
const (
	ColUID           Column = iota
	ColTGID                 // thread group id: the process
	ColTotalVM              // pages
	ColRSS                  // pages
	ColRSSAnon              // pages (6.8+)
	ColRSSFile              // pages (6.8+)
	ColRSSShmem             // pages (6.8+)
	ColCPU                  // processor (to 3.5)
	ColNrPtes               // pages of page tables (3.6 to 4.14)
	ColNrPmds               // pages of page tables (4.0 to 4.14)
	ColPgtablesBytes        // bytes (4.15+)
	ColSwapents             // pages (3.6+)
	ColOOMAdj               // oom_adj (to 3.5)
	ColOOMScoreAdj          // oom_score_adj (2.6.36+)
	ColUnknown              // any other column: its value is dropped
	NumColumns
)

var columnNames = enum.New[Column]("column", "uid", "tgid", "total_vm", "rss", "rss_anon", "rss_file", "rss_shmem", "cpu",
	"nr_ptes", "nr_pmds", "pgtables_bytes", "swapents", "oom_adj", "oom_score_adj", "unknown")

// String returns the column's name as the kernel prints it, "unknown" for any other column.
func (c Column) String() string { return columnNames.String(c) }

// MaxColumns is the most columns that a table may have between "[pid]" and the name.
const MaxColumns = 24

// TaskTable is the layout of a task table, by its head line.
type TaskTable struct {
	// Columns are the columns between "[pid]" and the name, in order. Len is how many there are.
	Columns [MaxColumns]Column
	Len     int
}

// Has reports whether the table has a column.
func (t *TaskTable) Has(c Column) bool {
	for _, have := range t.Columns[:t.Len] {
		if have == c {
			return true
		}
	}
	return false
}

// Task is one row of the table: a process from which the kernel could choose.
type Task struct {
	// PID is the thread whose memory map was found. It differs from the tgid where the leader
	// exited.
	PID int64
	// Values are the columns, by [Column], in the column's unit. A column that the table lacks is
	// 0: see [TaskTable.Has]. The uid is negative from 2^31 on; a size is negative where it fell
	// below zero.
	Values [NumColumns]int64
	// Name is the task's comm, up to 15 bytes, maybe empty.
	Name string
}

// blockRows is how many rows are in one block: 9 kB of them.
const blockRows = 64

// Rows are the rows of a task table, in its order. They are in blocks, so that a table of any size
// grows without being copied. The zero value has none.
type Rows struct {
	// blocks have room for n rows or more; those after the n-th are empty.
	blocks []*[blockRows]Task
	n      int
}

// Len returns how many rows there are.
func (r *Rows) Len() int { return r.n }

// Cap returns how many rows there is room for.
func (r *Rows) Cap() int { return len(r.blocks) * blockRows }

// Size returns the memory that the rows hold, in bytes.
func (r *Rows) Size() int {
	return len(r.blocks)*int(unsafe.Sizeof([blockRows]Task{})) + cap(r.blocks)*int(unsafe.Sizeof((*[blockRows]Task)(nil)))
}

// At returns the i-th row, from 0.
func (r *Rows) At(i int) *Task { return &r.blocks[i/blockRows][i%blockRows] }

// Last returns the last row, nil where there is none.
func (r *Rows) Last() *Task {
	if r.n == 0 {
		return nil
	}
	return r.At(r.n - 1)
}

// All returns an iterator over the rows.
func (r *Rows) All() iter.Seq[*Task] {
	return func(yield func(*Task) bool) {
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
func (r *Rows) Append(row Task) { *r.Add() = row }

// Add adds an empty row and returns it.
func (r *Rows) Add() *Task {
	if r.n == len(r.blocks)*blockRows {
		r.blocks = append(r.blocks, new([blockRows]Task))
	}
	r.n++
	return r.At(r.n - 1)
}

// Drop removes the last row.
func (r *Rows) Drop() {
	r.n--
	*r.At(r.n) = Task{}
}

// Reset removes all rows and keeps their memory.
func (r *Rows) Reset() {
	for row := range r.All() {
		*row = Task{}
	}
	r.n = 0
}

// Clone returns a copy of the rows. Blocks in which nothing changes any more are shared.
func (r *Rows) Clone() Rows {
	c := Rows{blocks: slices.Clone(r.blocks[:(r.n+blockRows-1)/blockRows]), n: r.n}
	if last := len(c.blocks) - 1; last >= 0 {
		block := *c.blocks[last]
		c.blocks[last] = &block
	}
	return c
}

// AppendLargest appends to dst the n rows with the most resident memory, largest first; of equals
// the first in the table.
func (r *Rows) AppendLargest(dst []*Task, n int) []*Task {
	for row := range r.All() {
		rss := row.Values[ColRSS]
		if len(dst) < n {
			dst = append(dst, row)
		} else if rss <= dst[n-1].Values[ColRSS] {
			continue
		}
		at := len(dst) - 1
		for ; at > 0 && dst[at-1].Values[ColRSS] < rss; at-- {
			dst[at] = dst[at-1]
		}
		dst[at] = row
	}
	return dst
}
