// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// DateText gives a line that has no timestamp by its format the one that its text begins with, as
// programs write it into files of their own: see [textStamp]. The text stays whole. Only a caller
// that knows the program's words calls it: any text may begin so.
func (d *Decoder) DateText(l *Line) {
	if len(l.Stamp) > 0 || !l.Wall.IsZero() || l.HasUptime {
		return
	}
	w, start, end := textStamp(l.Text)
	if end == 0 {
		return
	}
	l.Stamp = l.Text[start:end]
	l.Printed, _ = w.order()
	if at, ok := w.utc(); ok {
		l.Wall = at
	} else {
		l.Wall, l.Assumed = d.stream.times.date(&w, l)
	}
}

// textStamp reads the timestamp at the beginning of a text, and returns where it stands, 0 and 0
// for none:
//
//	I0502 10:00:02.331907    1021 file.go:75] text    klog: no year, no zone
//	2026-05-02T10:00:01: text                         PM2
//	2026-05-02 10:00:01,123: text                     nohang, by Python's logging
func textStamp(b []byte) (w wallTime, start, end int) {
	if iso, n := isoTime(b); n > 0 {
		if bytes.HasPrefix(b[n:], []byte(": ")) {
			return iso, 0, n
		}
		return w, 0, 0
	}
	const date, stamp = len("I0502 "), len("I0502 10:00:02.331907")
	if len(b) <= stamp || bytes.IndexByte([]byte("IWEF"), b[0]) < 0 || b[date-1] != ' ' || b[stamp] != ' ' {
		return w, 0, 0
	}
	month, day := twoDigits(b[1:]), twoDigits(b[3:])
	at, n := clockTime(b[date:stamp])
	thread := bytes.TrimLeft(b[stamp:], " ")
	if _, digit := digits(thread, 10); digit == 0 || month < 1 || month > 12 || day < 1 || day > 31 || n != stamp-date {
		return w, 0, 0
	}
	return wallTime{month: int8(month), day: int8(day), sinceMidnight: at}, 1, stamp
}
