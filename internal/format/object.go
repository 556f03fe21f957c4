// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// objectForm is one meaning of a JSON object.
type objectForm struct {
	// name says which program writes the object.
	name string
	// is reports whether the object is of the form; guessed forms are read only where the format of
	// the input is not said (Auto).
	is      func(s *stream, j *jsonText) bool
	guessed bool
	// send sends the line that the object holds, and reports whether there is one.
	send func(s *stream, j *jsonText) bool
}

// objectForms are tried in this order; the first that an object is of decides. A new one is one row
// here and one file.
var objectForms = [...]objectForm{
	{name: "dmesg -J", is: isDmesgRecord, send: sendDmesgRecord},
	{name: "journal entry", is: isJournalEntry, send: sendJournalEntry},
	{name: "store of the kernel's entries", is: isStoreEntry, guessed: true, send: sendStoreEntry},
	{name: "container output", is: isContainerOutput, guessed: true, send: sendContainerOutput},
	{name: "log shipper", is: isShipperLine, guessed: true, send: sendShipperLine},
}

// object sends the line of the object that has just been read. It returns false for an object
// without one.
func (j *jsonText) object(s *stream) (sent bool) {
	for i := range objectForms {
		form := &objectForms[i]
		if form.guessed && s.format != report.Auto || !form.is(s, j) {
			continue
		}
		sent = form.send(s, j)
		break
	}
	j.entry.reset()
	return sent
}

func isDmesgRecord(_ *stream, j *jsonText) bool {
	e := &j.entry
	return e.has[fieldMsg] && e.has[fieldPriority] && (e.has[fieldTime] || j.base == 3)
}

func isJournalEntry(s *stream, j *jsonText) bool {
	return s.format != report.Dmesg && !j.entry.nested && (j.entry.has[fieldMessage] || j.entry.null)
}

func sendJournalEntry(s *stream, j *jsonText) bool {
	e := &j.entry
	if s.format == report.Auto && !e.has[fieldTransport] && len(e.realtime()) == 0 && !e.has[fieldPriority] {
		return false
	}
	e.journalLine(s, report.JournalJSON)
	s.send()
	return true
}

// isContainerOutput knows the objects of Docker's json-file driver.
func isContainerOutput(_ *stream, j *jsonText) bool { return j.entry.has[fieldLog] }

func sendContainerOutput(s *stream, j *jsonText) bool {
	e := &j.entry
	readWrapped(s, wrapping{stamp: e.value(fieldTime), foreign: e.ofOther(), contained: e.isContained()}, e.values[fieldLog])
	return true
}

// isShipperLine knows an object in which a log shipper or a store keeps a line.
func isShipperLine(_ *stream, j *jsonText) bool { return j.entry.has[fieldShipped] }

func sendShipperLine(s *stream, j *jsonText) bool {
	e := &j.entry
	w := wrapping{stamp: e.value(fieldTime), foreign: e.ofOther(), contained: e.isContained(), quoted: true}
	return readWrapped(s, w, e.values[fieldShipped]) || sendOtherEntry(s, j)
}

// sendDmesgRecord sends the line of a record of dmesg -J.
func sendDmesgRecord(s *stream, j *jsonText) bool {
	e := &j.entry
	s.begin(report.Dmesg)
	l := &s.line
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
		l.Origin = report.OriginUser
	}
	l.Caller = e.value(fieldCaller)
	setJSONTime(s, e.value(fieldTime))
	l.Text = trimEnd(e.values[fieldMsg])
	l.markTruncated()
	s.times.set(l)
	s.send()
	return true
}

// setJSONTime reads the time of dmesg -J: a number of seconds, or what another time form prints.
func setJSONTime(s *stream, v []byte) {
	l := &s.line
	v = bytes.TrimSpace(v)
	if usec, n := seconds(v); n > 0 && n == len(v) {
		l.Uptime, l.HasUptime = usec, true
		return
	}
	if b, n := parseBracket(v); n > 0 {
		s.times.setBracket(l, &b)
		return
	}
	if w, n := isoTime(v); n == len(v) && n > 0 {
		s.times.wall, l.Stamp = w, v
	} else if w, ok := bracketTime(v); ok {
		s.times.wall, l.Stamp = w, v
	}
}
