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

// reading is a log record's text, ready to be read, and its class.
type reading struct {
	finding
	class class
}

// read returns how the text of a log record is to be read. inContainer says that its resource is a container. ok is false for
// a text that somebody but the kernel visibly wrote.
func (s *source) read(lr plog.LogRecord, inContainer bool) (r reading, ok bool) {
	r.finding = s.find(lr)
	w := witness{container: inContainer}
	w.look(lr.Attributes())
	if r.fields != lr.Attributes() {
		w.look(r.fields)
	}
	who := w.writer()
	switch who {
	case otherWriter:
		return r, s.trustAny
	case kernelWriter:
		if r.form == formText && !isSyslog(r.text) {
			r.text = s.syslogMessage(&w, r, lr.Timestamp())
		}
	case containerLog:
		r.class = contained
		return r, true
	}
	if s.proves(r) {
		r.class = proven
	}
	return r, true
}

// syslogMessage puts the syslog message together again that a parser took apart.
func (s *source) syslogMessage(w *witness, r reading, when pcommon.Timestamp) []byte {
	text := r.text
	if m, ok := r.fields.Get(messageText); ok && m.Type() == pcommon.ValueTypeStr { // where the text has a form that is not known, the parser's word counts
		text = bytesOf(m.Str())
	}
	s.message = w.appendSyslog(s.message[:0], when, text)
	return s.message
}

// proves reports whether a text has the form that the trusted source gives, and nobody else can give it there. Of several lines in
// one text only the first has been begun by the source.
func (s *source) proves(r reading) bool {
	if s.trusted == parser.TrustedNone {
		return false
	}
	if r.form != formText {
		return s.trusted == parser.TrustedJournald && r.form == formJournal
	}
	line := bytes.TrimRight(r.text, "\r\n")
	if len(line) == 0 || bytes.IndexByte(line, '\n') >= 0 {
		return false
	}
	switch s.trusted {
	case parser.TrustedKmsg:
		return true
	case parser.TrustedSyslog:
		return line[0] == '<' // a facility that stands there as a word may be the name of a program
	}
	return false
}
