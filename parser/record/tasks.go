package record

import (
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/parser/grammar"
)

// addTasks adds the figures of the task table.
func (b *Builder) addTasks() {
	t := &b.r.Tasks
	if t.Count == 0 {
		return
	}
	b.addNumber(fTasksCount, t.Count)
	kept := int64(len(t.Rows)) == t.Count
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
	b.top = Largest(b.top[:0], t.Rows, b.opt.TasksTop)
	start := len(b.text)
	b.text = append(b.text, '[')
	for i, n := range b.top {
		before := len(b.text)
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.appendTask(&t.Rows[n], pageSize)
		if len(b.text)-start > maxValue-1 {
			b.text = b.text[:before]
			break
		}
	}
	b.text = append(b.text, ']')
	b.addSpan(fTasksTop, start)
}

func (b *Builder) appendTask(row *grammar.Task, pageSize int64) {
	t := &b.r.Tasks.Table
	b.text = append(b.text, `{"pid":`...)
	b.text = strconv.AppendInt(b.text, row.PID, 10)
	b.text = append(b.text, `,"name":`...)
	b.text = appendJSON(b.text, row.Name)
	b.appendMember(`,"rss":`, t.Has(grammar.ColRSS), row.Values[grammar.ColRSS]*pageSize)
	b.appendMember(`,"swap":`, t.Has(grammar.ColSwapents), row.Values[grammar.ColSwapents]*pageSize)
	b.appendMember(`,"oom_score_adj":`, t.Has(grammar.ColOOMScoreAdj), row.Values[grammar.ColOOMScoreAdj])
	b.text = append(b.text, '}')
}

func (b *Builder) appendMember(key string, has bool, v int64) {
	if has {
		b.text = append(b.text, key...)
		b.text = strconv.AppendInt(b.text, v, 10)
	}
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

// Largest appends to dst the indexes of the n rows with the most resident memory, largest first; of equals the
// first in the table.
func Largest(dst []int, rows []grammar.Task, n int) []int {
	for i := range rows {
		rss := rows[i].Values[grammar.ColRSS]
		if len(dst) == n && rss <= rows[dst[n-1]].Values[grammar.ColRSS] {
			continue
		}
		at := len(dst)
		for at > 0 && rows[dst[at-1]].Values[grammar.ColRSS] < rss {
			at--
		}
		if len(dst) == n {
			dst = dst[:n-1]
		}
		dst = slices.Insert(dst, at, i)
	}
	return dst
}
