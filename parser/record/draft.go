// SPDX-License-Identifier: Apache-2.0

package record

import (
	"math"
	"slices"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// Draft collects the attributes of one record, in the order of [Fields]. The parser makes its
// records with it; a test may make one by hand. The zero value is empty.
type Draft struct {
	// Text is the memory of all strings of the record, so that they cost one allocation together.
	// Append a string to it, then add it by [Draft.AddSpan].
	Text []byte
	// Truncated are the fields that were left out to keep within the bounds of a record.
	Truncated []ID
	items     []item
	more      []string // names of attributes that no table has
}

// item is an attribute as a record keeps it. It holds no pointer, so that the garbage collector
// need not look at it.
type item struct {
	// num is an int64, a bool as 0 or 1, the bits of a float64. Of a string its upper half is where
	// it starts in the text, its lower half where it ends.
	num  int64
	id   ID
	kind Kind
}

// span returns where in the text a string is.
func (it *item) span() (start, end int) { return int(it.num >> 32), int(it.num & math.MaxUint32) }

// spanOf returns the number of a string between two places of the text.
func spanOf(start, end int) int64 { return int64(start)<<32 | int64(end) }

// Reset empties the draft and keeps its memory.
func (d *Draft) Reset() {
	d.items, d.more, d.Text, d.Truncated = d.items[:0], nil, d.Text[:0], d.Truncated[:0]
}

// Memory returns how many bytes the draft holds beside itself.
func (d *Draft) Memory() int {
	return cap(d.items)*int(unsafe.Sizeof(item{})) + cap(d.Text) + cap(d.Truncated)*int(unsafe.Sizeof(ID(0)))
}

// Record returns the record of the draft; body is where its Body is in Text.
func (d *Draft) Record(bodyStart, bodyEnd int) *Record {
	text := string(d.Text)
	return &Record{Body: text[bodyStart:bodyEnd], items: slices.Clone(d.items), text: text, more: d.more}
}

func (d *Draft) add(id ID, kind Kind, num int64) {
	d.items = append(d.items, item{num: num, id: id, kind: kind})
}

// AddInt64 adds an int64.
func (d *Draft) AddInt64(id ID, n int64) { d.add(id, KindInt64, n) }

// AddFloat64 adds a float64.
func (d *Draft) AddFloat64(id ID, v float64) { d.add(id, KindFloat64, int64(math.Float64bits(v))) }

// AddBool adds a bool.
func (d *Draft) AddBool(id ID, is bool) { d.add(id, KindBool, BoolValue(is).num) }

// AddWord adds a string that is printable; nothing where it is empty.
func (d *Draft) AddWord(id ID, s string) {
	if s != "" {
		start := len(d.Text)
		d.Text = append(d.Text, s...)
		d.AddSpan(id, start)
	}
}

// AddText adds a string of the log, made printable; nothing where it is empty.
func (d *Draft) AddText(id ID, s string) {
	if s != "" {
		start := len(d.Text)
		d.Text = plain.AppendPrintable(d.Text, s)
		d.AddSpan(id, start)
	}
}

// AddSpan adds the string that is in Text from start on. One that is too long is left out.
func (d *Draft) AddSpan(id ID, start int) {
	if len(d.Text)-start > MaxValue {
		d.Text = d.Text[:start]
		d.Truncated = append(d.Truncated, id)
		return
	}
	d.AddString(id, start, len(d.Text))
}

// AddString adds the string that is in Text between two places, however long it is.
func (d *Draft) AddString(id ID, start, end int) { d.add(id, KindString, spanOf(start, end)) }

// TextOf returns the text of a string that was added, nil where it was not.
func (d *Draft) TextOf(id ID) []byte {
	for i := range d.items {
		if it := &d.items[i]; it.id == id && it.kind == KindString {
			start, end := it.span()
			return d.Text[start:end]
		}
	}
	return nil
}

// Named returns the ID of an attribute that the table does not have. isNew is false where the
// record has it already.
func (d *Draft) Named(name string) (id ID, isNew bool) {
	i := slices.Index(d.more, name)
	if isNew = i < 0; isNew {
		i = len(d.more)
		d.more = append(d.more, name)
	}
	return ID(len(knownNames) + i), isNew
}
