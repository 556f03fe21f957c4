// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unsafe"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Decoder turns the input lines of one stream into [Line]s. It keeps what a format spreads over
// several input lines (a journal entry in export form) and what the lines have shown of their
// format, in bounded memory. A Decoder is for one goroutine; the zero value is not usable, use
// [NewDecoder].
type Decoder struct {
	stream stream
	reader reader
}

// reader reads the input lines of one format. Each format is one; [Auto] chooses among several.
type reader interface {
	// read takes one input line and sends the Lines that it completes.
	read(s *stream, raw []byte)
	// flush sends what the reader still holds at the end of the input.
	flush(s *stream)
	// holds reports whether the reader holds input lines that only the next ones complete.
	holds() bool
	// clone returns an independent copy.
	clone() reader
	// trim gives up buffers that hold nothing between two lines.
	trim()
	// memory counts the bytes that the reader holds.
	memory() int
}

// readers are the readers of the formats. The file of each format registers its own.
var readers [report.NumFormats]func() reader

// register says how to read a format.
func register(f report.Format, newReader func() reader) bool {
	readers[f] = newReader
	return true
}

// statelessReader is the reader of a format that keeps nothing between two lines but what the
// stream keeps.
type statelessReader func(s *stream, raw []byte)

func (r statelessReader) read(s *stream, raw []byte) { r(s, raw) }
func (statelessReader) flush(*stream)                {}
func (statelessReader) holds() bool                  { return false }
func (r statelessReader) clone() reader              { return r }
func (statelessReader) trim()                        {}
func (statelessReader) memory() int                  { return 0 }

// maxKept bounds each buffer that a Decoder keeps between two calls.
const maxKept = 64 << 10

// NewDecoder returns a decoder for one stream in the given format. It trusts no source: see
// [Decoder.Trust].
func NewDecoder(f report.Format) *Decoder {
	if f >= report.NumFormats {
		f = report.Auto
	}
	return &Decoder{stream: stream{format: f, prev: prevLine{margin: -1}}, reader: readers[f]()}
}

// Trust says where the input is known to come from, and returns d. Only lines in a format of that
// source can be OriginKernel: any user may have written what looks like them in another input.
func (d *Decoder) Trust(s report.Source) *Decoder {
	d.stream.trusted = 0
	for f := range report.NumFormats {
		if s.Has(f) {
			d.stream.trusted.add(f)
		}
	}
	return d
}

// Date says how timestamps that leave something open are dated, and returns d.
func (d *Decoder) Date(how Dating) *Decoder {
	d.stream.times.dating = how
	return d
}

// At says which number the next input line has, where lines do not come in their order.
func (d *Decoder) At(number int) { d.stream.number = number - 1 }

// Decode takes one input line without its newline and calls emit for each Line
// that it completes: none (a dictionary line, the middle of a journal entry), one, or several.
// raw is neither changed nor kept. It may hold newlines: those of a record of /dev/kmsg with its
// dictionary, or of a text that a program passed on as one.
func (d *Decoder) Decode(raw []byte, emit func(*Line)) {
	d.stream.newlines = bytes.IndexByte(raw, '\n') >= 0
	d.decode(raw, emit)
}

// DecodeLine is [Decoder.Decode] of a line that holds no newline.
func (d *Decoder) DecodeLine(line []byte, emit func(*Line)) {
	d.stream.newlines = false
	d.decode(line, emit)
}

func (d *Decoder) decode(raw []byte, emit func(*Line)) {
	s := &d.stream
	s.number++
	s.emit = emit
	d.reader.read(s, raw)
	if cap(s.escaped) > maxKept {
		s.escaped = nil
	}
}

// Flush emits what the decoder still holds back at the end of the input.
func (d *Decoder) Flush(emit func(*Line)) {
	d.stream.emit = emit
	d.reader.flush(&d.stream)
}

// Holds reports whether the decoder holds input lines that only the next ones complete: a part of a
// journal entry or of a JSON object, or of a line that was broken.
func (d *Decoder) Holds() bool { return d.reader.holds() }

// Clone returns an independent copy of the decoder's state.
func (d *Decoder) Clone() *Decoder {
	return &Decoder{stream: d.stream.clone(), reader: d.reader.clone()}
}

// Memory returns how many bytes the decoder holds.
func (d *Decoder) Memory() int {
	return int(unsafe.Sizeof(*d)) + d.stream.memory() + d.reader.memory()
}

// Forget lets go of the input line that was decoded last.
func (d *Decoder) Forget() {
	l := &d.stream.line
	l.Text, l.Stamp, l.Caller, l.Host, l.Tag, l.BootID, l.MachineID, l.Cursor = nil, nil, nil, nil, nil, nil, nil, nil
	l.Fields = nil
}

// Trim gives up buffers that hold nothing between two calls.
func (d *Decoder) Trim() {
	d.stream.line, d.stream.escaped, d.stream.emit = Line{}, nil, nil
	d.reader.trim()
}
