// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var taskBannerForm = form{starts: []string{"Tasks state"}, read: is(IsTaskBanner)}

// taskForm is the form of the table's head and of its rows.
var taskForm = form{starts: []string{"["}, read: (*Reading).readTask}

// readTask sets the kind of a line of the table. The head is the same in all reports of a kernel.
func (r *Reading) readTask(s string) (ok bool) {
	if isTaskRow(s) {
		r.Kind = TaskRow
		return true
	}
	r.Kind = TaskHead
	if s == string(r.head[:r.headLen]) {
		r.Table.ends = ends{}
		return true
	}
	r.headLen = 0
	if r.Table, ok = ParseTaskHead(s); ok && len(s) <= longestHead {
		r.headLen = copy(r.head[:], s)
	}
	return ok
}

// longestHead is longer than any kernel's head of a task table.
const longestHead = 128

// TaskTable is the layout of a task table, and where the columns of its newest row end.
type TaskTable struct {
	report.TaskTable
	ends ends
}

// columnNames are the columns' names as the head line prints them.
var columnNames = func() (names [report.ColUnknown]string) {
	for c := range report.ColUnknown {
		names[c] = c.String()
	}
	return names
}()

// IsTaskBanner reports whether s is "Tasks state (memory values in pages):" (4.19+).
func IsTaskBanner(s string) bool { return trimEnd(s) == "Tasks state (memory values in pages):" }

// ParseTaskHead reads the head line of the table: "[  pid  ]   uid  tgid total_vm …name".
func ParseTaskHead(s string) (v TaskTable, ok bool) {
	rest, ok := strings.CutPrefix(s, "[")
	if !ok {
		return v, false
	}
	if rest, ok = strings.CutPrefix(skipSpaces(rest), "pid"); !ok {
		return v, false
	}
	if rest, ok = strings.CutPrefix(skipSpaces(rest), "]"); !ok {
		return v, false
	}
	next := report.ColUID
	for rest = skipSpaces(rest); rest != ""; rest = skipSpaces(rest) {
		word, tail, _ := strings.Cut(rest, " ")
		if trimEnd(word) == "name" && trimEnd(tail) == "" {
			return v, v.Has(report.ColTGID) && v.Has(report.ColRSS)
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
	return ok && v.Columns[0] == report.ColUID && !slices.Contains(v.Columns[:v.Len], report.ColUnknown)
}

// columnOf returns the column that a head line calls word. It looks from the column next on, since
// all kernels print those that they have in this order.
func columnOf(word string, next report.Column) report.Column {
	for i := range report.ColUnknown {
		if c := (next + i) % report.ColUnknown; columnNames[c] == word {
			return c
		}
	}
	return report.ColUnknown
}
