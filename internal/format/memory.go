// SPDX-License-Identifier: Apache-2.0

package format

import "unsafe"

// Memory returns how many bytes the decoder holds.
func (d *Decoder) Memory() int {
	n := int(unsafe.Sizeof(*d)) + cap(d.escaped) + cap(d.before.host) + cap(d.before.tag) + cap(d.before.stampBuf) +
		cap(d.json.message) + cap(d.json.text) + cap(d.export.value) + cap(d.cleanup.held) + cap(d.cleanup.line)
	for _, value := range d.entry.values {
		n += cap(value)
	}
	return n
}

// Forget lets go of the input line that was decoded last.
func (d *Decoder) Forget() {
	l := &d.line
	l.Text, l.Stamp, l.Caller, l.Host, l.Tag, l.BootID, l.MachineID, l.Cursor = nil, nil, nil, nil, nil, nil, nil, nil
}

// Blank reports whether the decoder holds nothing of a line that is still to be completed.
func (d *Decoder) Blank() bool {
	return !d.json.open() && !d.export.active && len(d.cleanup.held) == 0
}

// Trim gives up buffers that hold nothing between two calls.
func (d *Decoder) Trim() {
	d.line, d.expected = Line{}, expected{}
	d.escaped, d.cleanup.line, d.json.text = nil, nil, nil
	if !d.json.open() && !d.export.active {
		d.json.message, d.export.value = nil, nil
		d.entry.reset()
		d.entry.values = [fieldCount][]byte{}
	}
}
