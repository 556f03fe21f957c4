// SPDX-License-Identifier: Apache-2.0

package build

import (
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// addTasks adds the values of the task table.
func (b *Builder) addTasks() {
	t := &b.r.Tasks
	if t.Count == 0 {
		return
	}
	b.AddInt64(record.TasksCount, t.Count)
	kept := int64(t.Rows.Len()) == t.Count
	if b.opt.TasksTop > 0 && !kept {
		b.Truncated = append(b.Truncated, record.TasksTop)
	}
	size := b.facts.PageSize
	if size == 0 {
		return
	}
	if t.RSSPages >= 0 && t.RSSPages < mostPages {
		b.AddInt64(record.TasksRSS, t.RSSPages*size)
	}
	if b.opt.TasksTop > 0 && kept {
		b.addTop(size)
	}
}

// addTop adds the largest tasks as a JSON array. It ends before the first that does not fit.
func (b *Builder) addTop(pageSize int64) {
	t := &b.r.Tasks
	b.top = t.Rows.AppendLargest(b.top[:0], b.opt.TasksTop)
	members := [...]struct {
		key    string
		column report.Column
		unit   int64
		has    bool
	}{{`,"rss":`, report.ColRSS, pageSize, false}, {`,"swap":`, report.ColSwapents, pageSize, false}, {`,"oom_score_adj":`, report.ColOOMScoreAdj, 1, false}}
	for i := range members {
		members[i].has = t.Table.Has(members[i].column)
	}
	text, start := append(b.Text, '['), len(b.Text)
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
			if v := row.Values[m.column]; m.has && (v >= 0 || m.column == report.ColOOMScoreAdj) { // the others fell below zero
				text = append(text, m.key...)
				text = strconv.AppendInt(text, v*m.unit, 10)
			}
		}
		text = append(text, '}')
		if len(text)-start > record.MaxValue-1 {
			text = text[:before]
			break
		}
	}
	clear(b.top)
	b.Text = append(text, ']')
	b.AddSpan(record.TasksTop, start)
}

// appendJSON appends a printable form of s as a JSON string.
func appendJSON(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	dst = plain.AppendPrintable(dst, s)
	for i := start; i < len(dst); i++ {
		if dst[i] == '"' || dst[i] == '\\' {
			dst = slices.Insert(dst, i, '\\')
			i++
		}
	}
	return append(dst, '"')
}
