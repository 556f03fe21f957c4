// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// Decoder turns the input lines of one stream into [Line]s. It keeps what a
// carrier spreads over several input lines (a journal entry in export form, the
// width of the last prefix) and nothing else, in bounded memory.
// A Decoder is for one goroutine; the zero value is not usable, use [NewDecoder].
type Decoder struct {
	format  Format
	trusted TrustedSource
	line    Line
	number  int
	// plain is set when the input line has neither backslash nor newline.
	plain bool

	// stamp is the wall stamp of the current line, as far as it could be read.
	stamp wallTime
	// escaped holds a text whose escapes are undone; nothing is kept in it between calls.
	escaped []byte

	// raw is set when the current line's text came as the kernel wrote it ("<4>…", imklog,
	// journalctl), without the escapes of dmesg or rsyslog.
	raw bool
	// doubted is set when the current line may have had a prefix, but the stream's habit spoke against it.
	doubted bool

	// formats is the set of formats that the stream has shown, as bits.
	formats uint16

	before before
	tags   tags
	clock  clock
	dating Dating
	dated  dated
	steps  steps
	// elapsed sums the steps of dmesg's reltime and delta forms, in microseconds.
	elapsed int64
	// stepped is set once a line had such a step.
	stepped bool
	habit   habit
	// expected is the number of the next record of /dev/kmsg.
	expected expected
	entry    entry
	json     jsonState
	export   exportState
	cleanup  cleanup
}

// maxKept bounds each buffer that a Decoder keeps between two calls.
const maxKept = 64 << 10

// NewDecoder returns a decoder for one stream in the given format. It trusts no source: see [Decoder.Trust].
func NewDecoder(f Format) *Decoder {
	return &Decoder{format: f, before: before{margin: -1}}
}

// Trust says where the input is known to come from, and returns d. Only lines in a format of that source can be
// OriginKernel: what looks like them in another input, anybody may have written.
func (d *Decoder) Trust(s TrustedSource) *Decoder {
	d.trusted = s
	return d
}

// At says which number the next input line has, where lines do not come in their order.
func (d *Decoder) At(number int) { d.number = number - 1 }

// Decode takes one input line without its newline and calls emit for each Line
// that it completes: none (a dictionary line, the middle of a journal entry), one, or several.
// raw is neither changed nor kept.
func (d *Decoder) Decode(raw []byte, emit func(*Line)) {
	d.expected.number = 0
	d.number++
	switch d.format {
	case Kmsg:
		d.decodeKmsg(raw, emit)
	case Dmesg:
		d.decodeDmesg(raw, emit)
	case Syslog:
		d.decodeText(raw, emit)
	case JournalJSON:
		d.decodeJSON(raw, emit)
	case JournalExport:
		d.decodeExport(raw, emit)
	case None:
		d.begin(None)
		d.line.Text = trimEnd(raw)
		d.send(emit)
	default:
		d.detect(raw, emit)
	}
	if cap(d.escaped) > maxKept {
		d.escaped = nil
	}
}

// DecodePlain is [Decoder.Decode] for a line without a backslash and without a newline in it, where the caller knows that.
func (d *Decoder) DecodePlain(raw []byte, emit func(*Line)) {
	d.plain = true
	d.Decode(raw, emit)
	d.plain = false
}

// send emits the current line. What its form says about the kernel counts only in an input that is trusted for it.
func (d *Decoder) send(emit func(*Line)) {
	l := &d.line
	d.formats |= 1 << l.Format
	if l.Origin == OriginKernel && !d.trusted.Has(l.Format) {
		l.Origin = OriginUnknown
	}
	emit(l)
}

// Flush emits what the decoder still holds back at the end of the input.
func (d *Decoder) Flush(emit func(*Line)) {
	d.expected.number = 0
	d.flushCleanup(emit)
	d.flushEntry(emit)
	d.json.reset()
	d.export.reset()
}

// Clone returns an independent copy of the decoder's state.
func (d *Decoder) Clone() *Decoder {
	c := *d
	c.line, c.expected = Line{}, expected{}
	c.escaped = nil
	c.before = d.before.clone()
	c.entry = d.entry.clone()
	c.json = d.json.clone()
	c.export = d.export.clone()
	c.cleanup = d.cleanup.clone()
	return &c
}

// begin makes the current line an empty one of format f.
func (d *Decoder) begin(f Format) {
	d.line = Line{Number: d.number, Format: f, Level: -1, Facility: -1}
	d.stamp = wallTime{}
	d.steps.line = false
	d.raw, d.doubted = false, false
}

// trimEnd takes off the bytes that carriers leave at the end of a line. Blanks
// are the kernel's own and stay.
func trimEnd(b []byte) []byte {
	for len(b) > 0 {
		switch b[len(b)-1] {
		case '\r', '\n', 0:
			b = b[:len(b)-1]
		default:
			return b
		}
	}
	return b
}

// release gives a buffer back that one huge line has grown beyond what is worth keeping.
func release(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}

// truncatedMark is what the kernel appends to a record that its ring had no room for (trunc_msg in kernel/printk).
var truncatedMark = []byte("<truncated>")

// markTruncated takes the kernel's mark of a cut record off the text. A task row
// keeps it: it ends with a name, which anybody may choose.
func (l *Line) markTruncated() {
	n := len(l.Text)
	if n > 0 && l.Text[n-1] == '>' && bytes.HasSuffix(l.Text, truncatedMark) && l.Text[0] != '[' {
		l.Text = l.Text[:n-len(truncatedMark)]
		l.Truncated = true
	}
}
