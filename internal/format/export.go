// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unsafe"

	"github.com/oomtrail/oomtrail/parser/report"
)

// longestBinary bounds the length of a binary field; journald's own bound is 768 MiB
// (DATA_SIZE_MAX). A larger number is no length.
const longestBinary = 768 << 20

// longestBinaryAuto is the bound when the format was guessed: a crafted line must
// not make the decoder swallow a log.
const longestBinaryAuto = 1 << 20

// journalExport reads journalctl -o export: NAME=value lines, a binary field as its name, a length
// and the data, an empty line after each entry. Lengths and data may hold newlines, at which the
// input was split; a \r that a line reader took off is missed here.
type journalExport struct {
	// active is set inside an entry.
	active bool
	// binary is set from the bare name of a binary field to the newline after its data.
	binary bool
	field  field
	// number is the input line with the field's name.
	number int
	// lengthRead counts the bytes of the field's length that were seen.
	lengthRead uint8
	// remaining counts the bytes of data and the newline that are still to come, once the length is
	// whole; until then it is the bytes of the length that were seen.
	remaining uint64
	value     []byte
	// entry is the entry that is being read.
	entry entry
}

var _ = register(report.JournalExport, func() reader { return new(journalExport) })

// reset forgets the entry that is open.
func (x *journalExport) reset() {
	x.active, x.binary, x.field, x.number, x.lengthRead, x.remaining = false, false, fieldNone, 0, 0, 0
	x.value = release(x.value)
	x.entry.reset()
}

func (x *journalExport) read(s *stream, raw []byte) { x.take(s, raw) }

// flush sends the entry that is open, if its message is there, and forgets it.
func (x *journalExport) flush(s *stream) {
	if x.active && (x.entry.has[fieldMessage] || x.entry.null) {
		x.entry.journalLine(s, report.JournalExport)
		s.send()
	}
	x.reset()
}

func (x *journalExport) holds() bool   { return x.active }
func (x *journalExport) clone() reader { c := x.copied(); return &c }

// copied returns an independent copy.
func (x *journalExport) copied() journalExport {
	c := *x
	c.value, c.entry = bytes.Clone(x.value), x.entry.clone()
	return c
}

func (x *journalExport) trim() {
	if !x.active {
		x.value, x.entry = nil, entry{}
	}
}

func (x *journalExport) buffered() int { return cap(x.value) + x.entry.buffered() }
func (x *journalExport) memory() int   { return int(unsafe.Sizeof(*x)) + x.buffered() }

// goesOn reports whether an input line can be the next one of an entry: NAME=value, the name of a
// binary field or a line of its data, or the empty line that ends the entry.
func (x *journalExport) goesOn(raw []byte) bool {
	if x.binary {
		return true
	}
	raw = trimEnd(raw)
	return fieldName(raw) == len(raw) || isAssignment(raw)
}

// take takes the next input line of an entry. It is false, and the entry forgotten, for a line that
// cannot be.
func (x *journalExport) take(s *stream, raw []byte) bool {
	if x.binary {
		return x.takeBinary(s, raw)
	}
	if raw = bytes.TrimSuffix(raw, []byte("\r")); len(raw) == 0 { // no text field ends so
		x.flush(s)
		return true
	}
	x.active = true
	name, value, ok := bytes.Cut(raw, []byte("="))
	if ok {
		x.entry.setAt(fieldByName(name), value, s.number)
		return true
	}
	x.binary, x.field, x.number = true, fieldByName(name), s.number
	x.lengthRead, x.remaining, x.value = 0, 0, x.value[:0]
	return true
}

// lengthSize is the size of a binary field's length: 64 bits, little-endian.
const lengthSize = 8

// takeBinary takes the next input line of a binary field: the bytes of raw and a newline. It is
// false, and the entry forgotten, for a line that cannot be.
func (x *journalExport) takeBinary(s *stream, raw []byte) bool {
	for x.lengthRead < lengthSize {
		if len(raw) == 0 {
			return x.takeLength('\n', s.format)
		}
		if !x.takeLength(raw[0], s.format) {
			return false
		}
		raw = raw[1:]
	}
	n := min(uint64(len(raw)), x.remaining)
	x.takeData(raw[:n])
	if x.remaining > 0 {
		x.takeData([]byte{'\n'})
	}
	if x.remaining == 0 {
		x.binary = false
		x.entry.setAt(x.field, bytes.TrimSuffix(x.value, []byte("\n")), x.number)
	}
	return true
}

// takeLength takes the next byte of the length. It is false, and the entry forgotten, when the
// length cannot be one.
func (x *journalExport) takeLength(b byte, f report.Format) bool {
	x.remaining |= uint64(b) << (8 * x.lengthRead)
	if x.lengthRead++; x.lengthRead < lengthSize {
		return true
	}
	limit := uint64(longestBinary)
	if f == report.Auto {
		limit = longestBinaryAuto
	}
	if x.remaining > limit {
		x.reset()
		return false
	}
	x.remaining++ // the newline after the data
	return true
}

// takeData takes bytes of the data and keeps those of a field that matters.
func (x *journalExport) takeData(b []byte) {
	x.remaining -= uint64(len(b))
	if x.field != fieldNone && len(x.value) < maxKept {
		x.value = append(x.value, b[:min(len(b), maxKept-len(x.value))]...)
	}
}
