// SPDX-License-Identifier: Apache-2.0

package record

import (
	"math"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// item is an attribute as a record keeps it. It holds no pointer, which spares the garbage collector the looking: all texts of a
// record stand one behind the other.
type item struct {
	// num is an int, a bool as 0 or 1, the bits of a double; of a string where it starts in the text, and in the lower half where it ends.
	num   int64
	field field
	typ   Type
}

// span returns where in the text a string stands.
func (it *item) span() (start, end int) { return int(it.num >> 32), int(it.num & math.MaxUint32) }

// spanOf returns the number of a string that stands between two places of the text.
func spanOf(start, end int) int64 { return int64(start)<<32 | int64(end) }

func (b *Builder) add(f field, typ Type, num int64) {
	b.items = append(b.items, item{num: num, field: f, typ: typ})
}

func (b *Builder) addNumber(f field, n int64) { b.add(f, TypeInt, n) }

func (b *Builder) addDouble(f field, v float64) { b.add(f, TypeDouble, int64(math.Float64bits(v))) }

func (b *Builder) addBool(f field, is bool) { b.add(f, TypeBool, Bool(is).num) }

// addInt adds a number that the kernel may not have printed.
func (b *Builder) addInt(f field, v kernel.Int) {
	if v.OK {
		b.addNumber(f, v.V)
	}
}

// addKB adds a size that the kernel printed in KiB.
func (b *Builder) addKB(f field, v kernel.Int) {
	if v.OK && v.V >= 0 && v.V < 1<<53 {
		b.addNumber(f, v.V*kib)
	}
}

// addWord adds a word of our own; nothing when it is empty.
func (b *Builder) addWord(f field, s string) {
	if s != "" {
		start := len(b.text)
		b.text = append(b.text, s...)
		b.addSpan(f, start)
	}
}

// addText adds a string of the kernel's or the carrier's, made printable; nothing when it is empty.
func (b *Builder) addText(f field, s string) {
	if s != "" {
		start := len(b.text)
		b.text = AppendPrintable(b.text, s)
		b.addSpan(f, start)
	}
}

// addSpan adds the string that stands in b.text from start on.
func (b *Builder) addSpan(f field, start int) {
	if len(b.text)-start > maxValue {
		b.text = b.text[:start]
		b.truncated = append(b.truncated, f)
		return
	}
	b.addString(f, start, len(b.text))
}

// addString adds the string that stands in b.text between two places.
func (b *Builder) addString(f field, start, end int) {
	b.add(f, TypeString, spanOf(start, end))
}
