// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"
)

// longestBinary bounds the length of a binary field; journald's own bound is 768 MiB
// (DATA_SIZE_MAX). A larger number is no length.
const longestBinary = 768 << 20

// longestBinaryAuto is the bound when the carrier was guessed: a crafted line must
// not make the decoder swallow a log.
const longestBinaryAuto = 1 << 20

// exportState is where in an entry of journalctl -o export the decoder stands.
type exportState struct {
	// active is set inside an entry.
	active bool
	// binary is set from the bare name of a binary field to the newline behind its data.
	binary bool
	field  field
	// number is the input line with the field's name.
	number int
	// length is the eight bytes of the field's length, lengthRead of them seen.
	length     [8]byte
	lengthRead int
	// remaining counts the bytes of data and the newline that are still to come.
	remaining uint64
	value     []byte
}

func (x *exportState) reset() { *x = exportState{value: release(x.value)} }

func (x exportState) clone() exportState {
	x.value = bytes.Clone(x.value)
	return x
}

// goesOn reports whether an input line can be the next one of an entry: NAME=value, the name of a binary field or a line of its data,
// or the empty line that ends the entry.
func (x *exportState) goesOn(raw []byte) bool {
	if x.binary {
		return true
	}
	raw = trimEnd(raw)
	for i, c := range raw {
		switch {
		case c == '=':
			return i > 0
		case c >= 'A' && c <= 'Z', c == '_', i > 0 && isDigit(c):
		default:
			return false
		}
	}
	return true
}

// decodeExport decodes journalctl -o export: NAME=value lines, a binary field as its
// name, a length and the data, an empty line behind each entry. Lengths and data may hold
// newlines, at which the input was split; a \r that a line reader took off is missed here.
func (d *Decoder) decodeExport(raw []byte, emit func(*Line)) {
	x := &d.export
	if x.binary {
		if !d.exportBinary(raw) && d.format == Auto { // it was no entry
			d.detect(raw, emit)
		}
		return
	}
	if raw = bytes.TrimSuffix(raw, []byte("\r")); len(raw) == 0 { // no text field ends so
		d.flushEntry(emit)
		x.reset()
		return
	}
	x.active = true
	name, value, ok := bytes.Cut(raw, []byte("="))
	if ok {
		d.setEntry(fieldByName(name), value)
		return
	}
	x.binary, x.field, x.number = true, fieldByName(name), d.number
	x.lengthRead, x.value = 0, x.value[:0]
}

// exportBinary takes the next input line of a binary field: the bytes of raw and a newline. It is false for a line that cannot be.
func (d *Decoder) exportBinary(raw []byte) bool {
	x := &d.export
	for x.lengthRead < len(x.length) {
		if len(raw) == 0 {
			x.length[x.lengthRead] = '\n'
			x.lengthRead++
			return d.exportLength()
		}
		x.length[x.lengthRead] = raw[0]
		x.lengthRead++
		raw = raw[1:]
		if x.lengthRead == len(x.length) && !d.exportLength() {
			return false
		}
	}
	n := min(uint64(len(raw)), x.remaining)
	d.exportData(raw[:n])
	if x.remaining > 0 {
		d.exportData([]byte{'\n'})
	}
	if x.remaining == 0 {
		x.binary = false
		d.setEntry(x.field, bytes.TrimSuffix(x.value, []byte("\n")))
		if x.field == fieldMessage {
			d.entry.number = x.number
		}
	}
	return true
}

// exportLength takes the length once it is whole; false when it cannot be one.
func (d *Decoder) exportLength() bool {
	x := &d.export
	if x.lengthRead < len(x.length) {
		return true
	}
	length := binary.LittleEndian.Uint64(x.length[:])
	limit := uint64(longestBinary)
	if d.format == Auto {
		limit = longestBinaryAuto
	}
	if length > limit {
		x.reset()
		d.entry.reset()
		return false
	}
	x.remaining = length + 1 // the newline behind the data
	return true
}

// exportData takes bytes of the data and keeps those of a field that matters.
func (d *Decoder) exportData(b []byte) {
	x := &d.export
	x.remaining -= uint64(len(b))
	if x.field != fieldNone && len(x.value) < maxKept {
		x.value = append(x.value, b[:min(len(b), maxKept-len(x.value))]...)
	}
}
