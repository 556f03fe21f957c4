// SPDX-License-Identifier: Apache-2.0

package record

import "slices"

const (
	// MaxAttrs is the most attributes of a record, so that those that a pipeline adds still fit
	// into Loki's 128.
	MaxAttrs = 80
	// MaxAttrsAll is the same with all values of memory.stat.
	MaxAttrsAll = 110
	// MaxBytes bounds all names and values of a record together, in bytes.
	MaxBytes = 32 << 10
	// MaxValue bounds one string value, in bytes.
	MaxValue = 4 << 10
	// MaxOriginal bounds log.record.original, in bytes.
	MaxOriginal = 32000

	// maxName bounds the length for which one name of the table counts.
	maxName = 64
)

// Fit cuts the draft to limit attributes and to MaxBytes: the highest ranks first, of equal ranks
// the last first. Truncated then has the fields that were cut.
func (d *Draft) Fit(limit int) {
	if len(d.items) <= limit && len(d.more) == 0 && len(d.Text)+len(d.items)*maxName <= MaxBytes {
		return // as nearly all do: no need to measure it
	}
	size := 0
	for i := range d.items {
		size += d.size(&d.items[i])
	}
	for rank := uint8(3); rank > 0; rank-- {
		for i := len(d.items) - 1; i >= 0 && (len(d.items) > limit || size > MaxBytes); i-- {
			id := d.items[i].id
			if id.row().Rank != rank {
				continue
			}
			size -= d.size(&d.items[i])
			if id >= NumFields {
				id = CgroupStat
			}
			if !slices.Contains(d.Truncated, id) {
				d.Truncated = append(d.Truncated, id)
			}
			d.items = slices.Delete(d.items, i, i+1)
		}
	}
}

// size returns the bytes that an attribute counts for; log.record.original, which is opt-in, none.
func (d *Draft) size(it *item) int {
	if it.id == LogRecordOriginal {
		return 0
	}
	n := len(it.id.nameOf(d.more)) + 8
	if it.kind == KindString {
		start, end := it.span()
		n += end - start
	}
	return n
}
