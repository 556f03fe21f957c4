// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// addTasks adds the figures of the task table.
func (b *Builder) addTasks() {
	t := &b.r.Tasks
	if t.Count == 0 {
		return
	}
	b.addNumber(fTasksCount, t.Count)
	kept := int64(t.Rows.Len()) == t.Count
	if b.opt.TasksTop > 0 && !kept {
		b.truncated = append(b.truncated, fTasksTop)
	}
	size := b.facts.PageSize
	if size == 0 {
		return
	}
	if t.RSSPages >= 0 && t.RSSPages < mostPages {
		b.addNumber(fTasksRSS, t.RSSPages*size)
	}
	if b.opt.TasksTop > 0 && kept {
		b.addTop(size)
	}
}

// addTop adds the largest tasks as a JSON array; one more that would not fit ends it.
func (b *Builder) addTop(pageSize int64) {
	t := &b.r.Tasks
	b.top = Largest(b.top[:0], &t.Rows, b.opt.TasksTop)
	members := [...]struct {
		key    string
		column kernel.Column
		unit   int64
		has    bool
	}{{`,"rss":`, kernel.ColRSS, pageSize, false}, {`,"swap":`, kernel.ColSwapents, pageSize, false}, {`,"oom_score_adj":`, kernel.ColOOMScoreAdj, 1, false}}
	for i := range members {
		members[i].has = t.Table.Has(members[i].column)
	}
	text, start := append(b.text, '['), len(b.text)
	for i, row := range b.top {
		before := len(text)
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, `{"pid":`...)
		text = strconv.AppendInt(text, row.PID, 10)
		text = append(text, `,"name":`...)
		text = appendJSON(text, row.Name)
		for j := range members {
			m := &members[j]
			if v := row.Values[m.column]; m.has && (v >= 0 || m.column == kernel.ColOOMScoreAdj) { // the others fell below zero
				text = append(text, m.key...)
				text = strconv.AppendInt(text, v*m.unit, 10)
			}
		}
		text = append(text, '}')
		if len(text)-start > maxValue-1 {
			text = text[:before]
			break
		}
	}
	clear(b.top)
	b.text = append(text, ']')
	b.addSpan(fTasksTop, start)
}

// appendJSON appends a printable form of s as a JSON string.
func appendJSON(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	dst = AppendPrintable(dst, s)
	for i := start; i < len(dst); i++ {
		if dst[i] == '"' || dst[i] == '\\' {
			dst = slices.Insert(dst, i, '\\')
			i++
		}
	}
	return append(dst, '"')
}

// Largest appends to dst the n rows with the most resident memory, largest first; of equals the first in the table.
func Largest(dst []*kernel.Task, rows *assembly.Rows, n int) []*kernel.Task {
	for row := range rows.All() {
		rss := row.Values[kernel.ColRSS]
		if len(dst) < n {
			dst = append(dst, row)
		} else if rss <= dst[n-1].Values[kernel.ColRSS] {
			continue
		}
		at := len(dst) - 1
		for ; at > 0 && dst[at-1].Values[kernel.ColRSS] < rss; at-- {
			dst[at] = dst[at-1]
		}
		dst[at] = row
	}
	return dst
}
