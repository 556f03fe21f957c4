// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unsafe"

	"github.com/oomtrail/oomtrail/parser/report"
)

// auto finds the format of each line. Formats that only programs write come first, then text as
// people paste it.
type auto struct {
	export journalExport
	json   jsonText
	csv    csvText
	pasted pasted
}

var _ = register(report.Auto, func() reader { return new(auto) })

func (a *auto) read(s *stream, raw []byte) {
	switch x := &a.export; {
	case len(raw) > 0 && isDigit(raw[0]) && !x.active && s.readRecord(raw):
		s.prev.rememberKmsg(&s.line)
		s.send()
		return
	case x.active && x.goesOn(raw), hasPrefix(raw, "__CURSOR=") && bytes.IndexByte(raw, ' ') < 0:
		if !x.take(s, raw) { // it was no entry
			a.read(s, raw)
		}
		return
	case x.active: // the entry breaks off, or none began
		x.flush(s)
		a.read(s, raw)
		return
	case s.prev.seen && s.prev.line.Format == report.Kmsg && dictionaryLine(raw):
		return
	case a.json.open() || jsonStart(raw):
		if a.json.take(s, bareJSON(raw)) {
			return
		}
	case (a.csv.columns != nil || s.number == 1) && a.csv.read(s, &a.json, raw):
		return
	}
	a.pasted.read(s, raw)
}

func (a *auto) flush(s *stream) {
	a.pasted.flush(s)
	a.export.flush(s)
	a.json.flush(s)
}

func (a *auto) holds() bool { return a.json.open() || a.export.active || a.pasted.holds() }

func (a *auto) clone() reader {
	return &auto{export: a.export.copied(), json: a.json.copied(), csv: a.csv.copied(), pasted: a.pasted.copied()}
}

func (a *auto) trim() {
	a.export.trim()
	a.json.trim()
	a.csv.trim()
	a.pasted.trim()
}

func (a *auto) memory() int {
	return int(unsafe.Sizeof(*a)) + a.export.buffered() + a.json.buffered() + a.csv.buffered() + a.pasted.buffered()
}

// MayBeInEntry reports whether the line that b begins with may stand inside an entry of several
// lines whose beginning is further up: a journal entry in export form, or JSON over several lines.
func MayBeInEntry(b []byte) bool {
	if len(b) == 0 || hasPrefix(b, "__CURSOR=") {
		return false
	}
	inner := b[spaces(b):]
	for len(inner) > 0 && inner[0] == '\t' {
		inner = inner[1:]
	}
	if len(inner) == 0 {
		return false
	}
	switch inner[0] {
	case '"', '}', ']', ',':
		return true
	case '{':
		return len(inner) < len(b)
	}
	return isAssignment(b)
}
