// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"
)

// Column is one column of the task table.
type Column uint8

// The columns of the task table, under the kernel's own names (T1 to T7, section 5).
const (
	ColUID Column = iota
	ColTGID
	ColTotalVM       // pages
	ColRSS           // pages
	ColRSSAnon       // pages (6.8+)
	ColRSSFile       // pages (6.8+)
	ColRSSShmem      // pages (6.8+)
	ColCPU           // to 3.5
	ColNrPtes        // page-table pages (3.6 to 4.14)
	ColNrPmds        // page-table pages (4.0 to 4.14)
	ColPgtablesBytes // bytes (4.15+)
	ColSwapents      // pages (3.6+)
	ColOOMAdj        // to 3.5
	ColOOMScoreAdj   // 2.6.36+
	ColUnknown       // a column that no kernel we know prints; its value is dropped
	NumColumns
)

// columnNames are the columns' names as the head line prints them.
var columnNames = [NumColumns]string{
	ColUID: "uid", ColTGID: "tgid", ColTotalVM: "total_vm", ColRSS: "rss", ColRSSAnon: "rss_anon", ColRSSFile: "rss_file",
	ColRSSShmem: "rss_shmem", ColCPU: "cpu", ColNrPtes: "nr_ptes", ColNrPmds: "nr_pmds", ColPgtablesBytes: "pgtables_bytes",
	ColSwapents: "swapents", ColOOMAdj: "oom_adj", ColOOMScoreAdj: "oom_score_adj",
}

// String returns the column's name as the kernel prints it.
func (c Column) String() string {
	if columnNames[c] == "" {
		return "unknown"
	}
	return columnNames[c]
}

// TaskTable is the layout that a table's own head line tells: which number stands where.
type TaskTable struct {
	// Columns lists the columns between "[pid]" and the name, in order. Len says how many.
	Columns [maxColumns]Column
	Len     int
	ends    ends // of the newest row
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

// maxColumns is the most columns that a table's head may have.
const maxColumns = 24

// IsTaskBanner reports whether s is "Tasks state (memory values in pages):" (4.19+).
func IsTaskBanner(s string) bool { return trimEnd(s) == "Tasks state (memory values in pages):" }

// ParseTaskHead reads the head line of the table: "[  pid  ]   uid  tgid total_vm …name".
func ParseTaskHead(s string) (v TaskTable, ok bool) {
	rest, ok := strings.CutPrefix(s, "[")
	if !ok {
		return v, false
	}
	if rest, ok = strings.CutPrefix(skipBlanks(rest), "pid"); !ok {
		return v, false
	}
	if rest, ok = strings.CutPrefix(skipBlanks(rest), "]"); !ok {
		return v, false
	}
	next := ColUID
	for rest = skipBlanks(rest); rest != ""; rest = skipBlanks(rest) {
		word, tail, _ := strings.Cut(rest, " ")
		if trimEnd(word) == "name" && trimEnd(tail) == "" {
			return v, v.Has(ColTGID) && v.Has(ColRSS)
		}
		if v.Len == len(v.Columns) {
			return v, false
		}
		c := columnOf(word, next)
		v.Columns[v.Len], next = c, c+1
		v.Len++
		rest = tail
	}
	return v, false
}

// BeginsTaskHead reports whether s is the head line of the table broken off between two columns.
func BeginsTaskHead(s string) bool {
	if s == "" || s[0] != '[' {
		return false
	}
	v, ok := ParseTaskHead(trimEnd(s) + " tgid rss name") // whether it has come as far as these columns or not
	return ok && v.Columns[0] == ColUID && !slices.Contains(v.Columns[:v.Len], ColUnknown)
}

// columnOf returns the column that a head line calls word. It looks from the column next on, since all kernels
// print those that they have in this order.
func columnOf(word string, next Column) Column {
	for i := range ColUnknown {
		if c := (next + i) % ColUnknown; columnNames[c] == word {
			return c
		}
	}
	return ColUnknown
}
