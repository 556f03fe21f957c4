// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/parser"
)

// textFields are where the kernel's text stands among fields: a journal entry's, what a parser
// left, Fluent Bit's in_kmsg, a container log's.
var textFields = []string{journalText, messageText, kmsgText, "log"}

const (
	journalText = "MESSAGE"
	messageText = "message"
	kmsgText    = "msg"
)

// form says how a log record holds a text.
type form uint8

const (
	formText    form = iota // lines, with what a transport put before them
	formJournal             // the fields of a journal entry
	formKmsg                // the fields that Fluent Bit's in_kmsg makes
)

// finding is a text in a log record.
type finding struct {
	form   form
	text   []byte      // nil when there is none
	fields pcommon.Map // what stands beside it: the fields of the body or of the attribute, else the attributes
	entry  bool        // the text is one of the fields
}

// source finds the kernel's text in log records. It is for one goroutine: what it returns is valid until the next call.
type source struct {
	attribute string               // where to look instead of the body
	trusted   parser.TrustedSource // what the operator vouches for
	trustAny  bool                 // also what somebody else visibly wrote is read
	buf       []byte               // a text that had to be put together
	line      []byte               // the line that is being fed
}

func newSource(cfg *Config) source {
	o := cfg.options()
	return source{attribute: cfg.Attribute, trusted: o.TrustedSource, trustAny: o.Trust == parser.TrustAny}
}

// text returns the text of a log record, nil when there is none.
func (s *source) text(lr plog.LogRecord) []byte {
	if body := lr.Body(); s.attribute == "" && body.Type() == pcommon.ValueTypeStr && body.Str() != "" {
		return bytesOf(body.Str()) // nearly always
	}
	return s.find(lr).text
}

// find returns the text of a log record and what stands beside it.
func (s *source) find(lr plog.LogRecord) finding {
	v := lr.Body()
	if s.attribute != "" {
		var ok bool
		if v, ok = lr.Attributes().Get(s.attribute); !ok {
			return finding{fields: lr.Attributes()}
		}
	}
	switch {
	case v.Type() == pcommon.ValueTypeMap:
		return s.among(v.Map())
	case s.attribute == "" && (v.Type() == pcommon.ValueTypeEmpty || v.Type() == pcommon.ValueTypeStr && v.Str() == ""):
		return s.among(lr.Attributes())
	}
	return finding{text: s.scalar(v), fields: lr.Attributes()}
}

// among returns the text that stands among fields.
func (s *source) among(fields pcommon.Map) finding {
	for _, name := range textFields {
		v, ok := fields.Get(name)
		if !ok {
			continue
		}
		f := finding{fields: fields, text: s.scalar(v), entry: true}
		switch name {
		case journalText:
			f.form = formJournal
		case kmsgText:
			if _, ok := fields.Get("usec"); ok {
				f.form = formKmsg
			}
		}
		return f
	}
	return finding{fields: fields}
}

// scalar returns a value's text: a string, bytes, or the array of numbers that journalctl makes of a message
// that is not UTF-8.
func (s *source) scalar(v pcommon.Value) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return bytesOf(v.Str())
	case pcommon.ValueTypeBytes:
		b := v.Bytes()
		s.buf = s.buf[:0]
		for i := range b.Len() {
			s.buf = append(s.buf, b.At(i))
		}
		return s.buf
	case pcommon.ValueTypeSlice:
		return s.numbers(v.Slice())
	}
	return nil
}

// numbers returns the bytes of an array of numbers, nil when it is anything else.
func (s *source) numbers(a pcommon.Slice) []byte {
	s.buf = s.buf[:0]
	for i := range a.Len() {
		var n int64
		switch v := a.At(i); v.Type() {
		case pcommon.ValueTypeInt:
			n = v.Int()
		case pcommon.ValueTypeDouble:
			n = int64(v.Double())
		default:
			return nil
		}
		if n < 0 || n > 255 {
			return nil
		}
		s.buf = append(s.buf, byte(n))
	}
	return s.buf
}

// bytesOf returns the bytes of s without copying them. They must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// eachLine calls fn with each line of text that is not blank.
func eachLine(text []byte, fn func(line []byte)) {
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		if len(bytes.TrimSpace(line)) > 0 {
			fn(line)
		}
	}
}
