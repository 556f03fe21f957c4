// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"

	"github.com/oomtrail/oomtrail/internal/assembly"
)

const (
	// maxAttrs is the most attributes a record carries, so that what a pipeline adds still fits into Loki's 128.
	maxAttrs = 80
	// maxAttrsAll is the same with every figure of memory.stat, which somebody asked for.
	maxAttrsAll = 110
	// maxBytes bounds all names and values together, maxValue one value.
	maxBytes = 32 << 10
	maxValue = 4 << 10
	// maxName bounds what one name of [fieldNames] counts for.
	maxName = 64
	// MaxOriginal bounds the report's own lines.
	MaxOriginal = 32000
)

// keepBudget cuts the record to what Loki takes: the highest ranks go first, of those the last first.
func (b *Builder) keepBudget() {
	limit := maxAttrs
	if b.opt.Stats == MemoryStatAll {
		limit = maxAttrsAll
	}
	const room = 1 // for the field that tells what was left out
	cut := b.cut()
	if len(b.truncated) == 0 && cut == 0 && len(b.items) <= limit-room && len(b.stats) == 0 && len(b.text)+len(b.items)*maxName <= maxBytes {
		return // as nearly all do: no need to measure it
	}
	size := 0
	for i := range b.items {
		size += b.size(&b.items[i])
	}
	for rank := uint8(3); rank > 0; rank-- {
		for i := len(b.items) - 1; i >= 0 && (len(b.items) > limit-room || size > maxBytes); i-- {
			f := b.items[i].field
			if f.row().Rank != rank {
				continue
			}
			size -= b.size(&b.items[i])
			if f >= numFields {
				f = fCgroupStat
			}
			if !slices.Contains(b.truncated, f) {
				b.truncated = append(b.truncated, f)
			}
			b.items = slices.Delete(b.items, i, i+1)
		}
	}
	start := len(b.text)
	for _, f := range b.truncated {
		b.text = append(append(b.text, Fields[f].Name...), ',')
	}
	for s := range assembly.NumSections {
		if cut.Has(s) {
			b.text = append(append(b.text, s.String()...), ',')
		}
	}
	if len(b.text) == start {
		return
	}
	b.text = b.text[:len(b.text)-1]
	b.addSpan(fReportTruncated, start)
}

// cut returns the sections that the report itself gave up to keep within its memory.
func (b *Builder) cut() assembly.Sections {
	if b.e.Kind == assembly.EventReapFailed {
		return 0
	}
	return b.r.Cut
}

// size is what an attribute costs in bytes, the opt-in original left out.
func (b *Builder) size(it *item) int {
	if it.field == fLogRecordOriginal {
		return 0
	}
	n := len(it.field.name(b.stats)) + 8
	if it.typ == TypeString {
		start, end := it.span()
		n += end - start
	}
	return n
}
