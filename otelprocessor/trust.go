// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/parser"
)

// class says how far the lines of a log record can be trusted. Lines of two classes are never one stream: what anybody may
// have written can neither add to what is known to be the kernel's nor take away from it.
type class uint8

const (
	unproven  class = iota // anybody may have written it
	proven                 // it has the form of the trusted source
	contained              // a container's log carried it
)

// reading says how the text of a log record is to be read.
type reading struct {
	finding
	class class
	// witness is what stands beside the text.
	witness witness
	// other is set for a text that somebody but the kernel visibly wrote. It makes no record, but may say that the kernel's
	// lines were lost.
	other bool
	// parsed is set for a text that was taken out of a syslog message, whose header is in the witness.
	parsed bool
}

// read returns how the text of a log record is to be read. inContainer says that its resource is a container.
func (s *source) read(lr plog.LogRecord, inContainer bool) (r reading) {
	r.finding = s.find(lr)
	r.witness.container = inContainer
	r.witness.look(lr.Attributes())
	if r.fields != lr.Attributes() {
		r.witness.look(r.fields)
	}
	switch r.witness.writer() {
	case otherWriter:
		if s.trustAny {
			return r
		}
		r.other, r.parsed = true, r.form == formText
	case kernelWriter:
		r.parsed = r.form == formText && !isSyslog(r.text)
	case containerLog:
		r.class = contained
		return r
	}
	if s.proves(&r) {
		r.class = proven
	}
	return r
}

// proves reports whether a text has the form that the trusted source gives, and nobody else can give it there. Of several lines in
// one text only the first has been begun by the source.
func (s *source) proves(r *reading) bool {
	switch s.trusted {
	case parser.TrustedJournald:
		return r.form == formJournal
	case parser.TrustedSyslog:
		// A facility that stands in a line as a word may be the name of a program.
		return r.parsed && (r.witness.facility0 || r.other) || !r.parsed && r.form == formText && len(r.text) > 0 && r.text[0] == '<' && oneLine(r.text)
	case parser.TrustedKmsg:
		return r.parsed || r.form == formText && oneLine(r.text)
	}
	return false
}

// oneLine reports whether text has no newline but at its end.
func oneLine(text []byte) bool { return bytes.IndexByte(bytes.TrimRight(text, "\r\n"), '\n') < 0 }

// message returns the syslog message that a parser took apart, as one line.
func (s *source) message(r *reading, when pcommon.Timestamp) []byte {
	text := r.text
	if m, ok := r.fields.Get(messageText); ok && m.Type() == pcommon.ValueTypeStr { // in a text whose form is not known, the parser found it
		text = bytesOf(m.Str())
	}
	return r.witness.appendSyslog(s.line[:0], when, text, r.other)
}
