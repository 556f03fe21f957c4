// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// objectLine emits the object that has just been read: a journal entry, a record of
// dmesg -J, or docker's wrapping of an output line. It returns false when it is none of them.
func (d *Decoder) objectLine(emit func(*Line)) bool {
	e := &d.entry
	defer e.reset()
	switch {
	case e.has[fieldMsg] && e.has[fieldPriority] && (e.has[fieldTime] || d.json.base == 3):
		d.dmesgRecord()
	case d.format == Dmesg:
		return false
	case e.has[fieldMessage] || e.null:
		if d.format == Auto && !e.has[fieldTransport] && !e.has[fieldRealtime] && !e.has[fieldPriority] {
			return false
		}
		d.journalLine(JournalJSON)
	case e.has[fieldLog] && d.format == Auto:
		other := e.ofOther()
		d.wrapped(e.values[fieldLog], e.value(fieldTime), func(l *Line) {
			if other {
				l.Origin = OriginUser
			}
			emit(l)
		})
		return true
	case e.has[fieldShipped] && d.format == Auto:
		return d.shipped(emit)
	default:
		return false
	}
	d.send(emit)
	return true
}

// shipped emits a log line that a shipper or a store wrapped, when it still has its own prefix: anybody's message may quote the
// kernel, as an event or an alert does.
func (d *Decoder) shipped(emit func(*Line)) (shown bool) {
	other := d.entry.ofOther()
	d.wrapped(d.entry.values[fieldShipped], d.entry.value(fieldTime), func(l *Line) {
		if l.HasUptime || string(l.Tag) == "kernel" {
			shown = true
			if other {
				l.Origin = OriginUser
			}
			emit(l)
		}
	})
	return shown
}

// dmesgRecord makes the current line from a record of dmesg -J.
func (d *Decoder) dmesgRecord() {
	e := &d.entry
	d.begin(Dmesg)
	l := &d.line
	l.Number = e.number
	pri := e.value(fieldPriority)
	if level := levelNumber(pri); level >= 0 { // with -x
		l.Level = int8(level)
		if f := facilityNumber(e.value(fieldFacility)); f >= 0 {
			l.Facility = int16(f)
			l.judgeFacility()
		}
	} else if v, n := digits(pri, 5); n > 0 { // dmesg masks the facility off: 0 to 7 say the level only
		l.Level = int8(v & 7)
		if v > 7 {
			l.Facility = int16(v >> 3)
			l.judgeFacility()
		}
	}
	if e.ofOther() {
		l.Origin = OriginUser
	}
	l.Caller = e.value(fieldCaller)
	d.setJSONTime(e.value(fieldTime))
	l.Text = trimEnd(e.values[fieldMsg])
	l.markTruncated()
	d.setTimes()
}

// setJSONTime reads the time of dmesg -J: a number of seconds, or what another time form prints.
func (d *Decoder) setJSONTime(v []byte) {
	l := &d.line
	v = bytes.TrimSpace(v)
	if usec, n := seconds(v); n > 0 && n == len(v) {
		l.Uptime, l.HasUptime = usec, true
		return
	}
	if s, n := parseBracket(v); n > 0 {
		d.setBracket(&s)
		return
	}
	if w, n := isoTime(v); n == len(v) && n > 0 {
		d.stamp, l.Stamp = w, v
	} else if w, ok := bracketTime(v); ok {
		d.stamp, l.Stamp = w, v
	}
}

// wrapped decodes a line of a container's output, whose own wrapping has been taken off. What
// it holds may be a kernel log; but a container wrote it, so nothing in it shows that the kernel did.
func (d *Decoder) wrapped(text, stamp []byte, emit func(*Line)) {
	inner := bytes.TrimSuffix(text, []byte("\n"))
	w, n := isoTime(stamp)
	decode := d.decodeText
	if len(inner) > 0 && isDigit(inner[0]) && d.kmsgRecord(inner, false) { // cat /dev/kmsg in a container
		decode = func(_ []byte, emit func(*Line)) { d.send(emit) }
	}
	decode(inner, func(l *Line) {
		if l.Origin == OriginKernel {
			l.Origin = OriginUnknown
		}
		if l.Stamp == nil && n > 0 {
			l.Stamp = stamp
			if t, ok := w.utc(); ok {
				l.Wall = t
			}
			if _, known := l.LogTime(); !known {
				l.setOrder(w.order())
			}
		}
		emit(l)
	})
}
